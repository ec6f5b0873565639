// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/config/config_options.h"

#include <algorithm>
#include <numeric>

#include "proto/flags.h"
#include "proto/mailbox_name.h"
#include "sync/config/log_prefix.h"
#include "sync/config/mailbox_filter.h"
#include "sync/config/option_values.h"

namespace mirror {

namespace {

Done set_list_mailbox(Config& config, const std::string& value) {
  auto patterns = parse_patterns(value);
  if (!patterns) return std::unexpected(patterns.error());
  config.list_mailbox = std::move(*patterns);
  return {};
}

// REMOTE is for servers with mailbox referrals (RFC 2193), which nobody follows any more: nothing comes of it.
Done set_select_options(Config& config, const std::string& value) {
  config.only_subscribed = config.with_parents = false;
  for (const auto& word : words_of(value)) {
    if (imap::equal_ignoring_case(word, "SUBSCRIBED"))
      config.only_subscribed = true;
    else if (imap::equal_ignoring_case(word, "RECURSIVEMATCH"))
      config.with_parents = true;
    else if (!imap::equal_ignoring_case(word, "REMOTE"))
      return wrong("list-select-opts knows no " + word + nearest(word, {"SUBSCRIBED", "REMOTE", "RECURSIVEMATCH"}));
  }
  if (config.with_parents && !config.only_subscribed) return wrong("RECURSIVEMATCH wants SUBSCRIBED beside it");
  return {};
}

Done set_ignore_mailbox(Config& config, const std::string& value) {
  const auto good = MailboxFilter::check(value);
  if (!good) return good;
  config.ignore_mailbox = value;
  return {};
}

// `idle = INBOX, Lists/postern`; NO
Done set_idle(Config& config, const std::string& value) {
  constexpr std::size_t kMost = 8;  // a connection each; Dovecot allows a user ten from one address
  config.idle.clear();
  if (const auto no = yes_or_no(value); no && !*no) return {};
  for (std::size_t at = 0; at <= value.size();) {
    const auto end = std::min(value.find(',', at), value.size());
    const auto first = std::min(value.find_first_not_of(" \t", at), end);
    auto name = value.substr(first, end - first);
    name.erase(name.find_last_not_of(" \t/") + 1);
    if (name.empty() || !imap::is_valid_utf8(name))
      return wrong("idle names mailboxes with commas between them, or is NO");
    if (imap::equal_ignoring_case(name, "INBOX")) name = "INBOX";
    if (std::ranges::find(config.idle, name) == config.idle.end()) config.idle.push_back(std::move(name));
    at = end + 1;
  }
  if (config.idle.size() > kMost)
    return wrong("idle names more than " + std::to_string(kMost) + " mailboxes; each takes a connection");
  return {};
}

Done set_interval(Config& config, const std::string& value) { return set_seconds(config.interval, "interval", value); }

// "20 messages" and "20 %" in either order, without the words: `30 10%`; NO.
base::Result<Fuse> fuse_of(const std::string& value) {
  Fuse out;
  if (const auto no = yes_or_no(value); no && value.find_first_of("0123456789") == std::string::npos) {
    out.off = !*no;
    return out;
  }
  const auto words = words_of(value);
  bool good = !words.empty() && words.size() <= 2;
  for (const auto& word : words) {
    const bool percent = word.ends_with('%');
    const auto digits = percent ? word.substr(0, word.size() - 1) : word;
    good = good && !digits.empty() && digits.size() <= 6 && digits.find_first_not_of("0123456789") == std::string::npos;
    if (!good) break;
    (percent ? out.percent : out.messages) = static_cast<std::uint32_t>(std::stoul(digits));
  }
  if (good && out.percent <= 100) return out;
  return wrong("a fuse is a number of messages and a share of them, as in `20 20%`, or NO; not " + value);
}

Done set_fuse(Config& config, const std::string& value, std::initializer_list<Fuse Config::*> those) {
  const auto fuse = fuse_of(value);
  if (!fuse) return std::unexpected(fuse.error());
  for (const auto member : those) config.*member = *fuse;
  return {};
}

Done set_delete_mailboxes(Config& config, const std::string& value) {
  for (const auto& [word, rule] :
       {std::pair("ask", DeleteMailboxes::Ask), {"yes", DeleteMailboxes::Yes}, {"no", DeleteMailboxes::No}})
    if (imap::equal_ignoring_case(value, word)) return config.delete_mailboxes = rule, Done();
  return wrong("delete-mailboxes is ask, yes or no, not " + value + nearest(value, {"ask", "yes", "no"}));
}

base::Result<Mode> mode_of_value(const std::string& value) {
  if (const auto mode = mode_of(value)) return *mode;
  return wrong("mode is both, mirror, backup or send, not " + value +
               nearest(value, {"both", "mirror", "backup", "send"}));
}

Done set_mode(Config& config, const std::string& value) {
  const auto mode = mode_of_value(value);
  if (!mode) return std::unexpected(mode.error());
  config.mode = *mode;
  return {};
}

// `mode lists/old = backup`
Done set_mode_of_mailbox(Config& config, const std::string& mailbox, const std::string& value) {
  const auto mode = mode_of_value(value);
  if (!mode) return std::unexpected(mode.error());
  config.modes.emplace_back(mailbox, *mode);
  return {};
}

Done set_first_sync(Config& config, const std::string& value) {
  for (const auto& [word, what] : {std::pair("ask", FirstSync::Ask),
                                   {"both", FirstSync::Both},
                                   {"fetch", FirstSync::Fetch},
                                   {"send", FirstSync::Send}})
    if (value == word) return config.first_sync = what, Done();
  return wrong("first-sync is ask, both, fetch or send, not " + value +
               nearest(value, {"ask", "both", "fetch", "send"}));
}

Done set_missing_wait(Config& config, const std::string& value) {
  if (value == "0") return config.missing_wait = std::chrono::seconds(0), Done();
  return set_seconds(config.missing_wait, "missing-wait", value);
}

Done set_days(std::chrono::hours& hours, const char* option, const std::string& value) {
  if (!is_number(value, 5)) return wrong(std::string(option) + " is a number of days, or 0, not " + value);
  hours = std::chrono::hours(24 * std::stol(value));
  return {};
}

// 500M, 2G
Done set_octets(std::uint64_t& octets, const char* option, const std::string& value) {
  const auto unit = value.empty() ? ' ' : value.back();
  const auto number = value.substr(0, value.size() - (value.empty() ? 0 : 1));
  if ((unit != 'M' && unit != 'G') || !is_number(number, 6))
    return wrong(std::string(option) + " is a number of megabytes or gigabytes, as 500M or 2G, not " + value);
  octets = std::stoull(number) * (unit == 'M' ? 1'000'000 : 1'000'000'000);
  return {};
}

// `switch-from = mbsync ~/.mbsync/:far:*_:near:*`
Done set_switch_from(Config& config, const std::string& value) {
  const auto space = std::min(value.find_first_of(" \t"), value.size());
  const auto tool = value.substr(0, space);
  const auto rest = value.find_first_not_of(" \t", space);
  if (rest == std::string::npos) return wrong("switch-from is mbsync or offlineimap and where its state is");
  config.switch_from.path = with_home(value.substr(rest));
  for (const auto& [word, which] :
       {std::pair("mbsync", SwitchFrom::Tool::Mbsync), {"offlineimap", SwitchFrom::Tool::OfflineImap}})
    if (tool == word) return config.switch_from.tool = which, Done();
  return wrong("switch-from knows mbsync and offlineimap, not " + tool + nearest(tool, {"mbsync", "offlineimap"}));
}

Done set_merge_different(Config& config, const std::string& value) {
  return set_yes_or_no(config.merge_different.emplace(), value);
}

const std::map<std::string, SetDefault>& default_options() {
  static const auto table = with_hook_options({
      {"database", [](Config& c, const std::string& v) { return c.database = v, Done(); }},
      {"identity", [](Config& c, const std::string& v) { return c.identity = v, Done(); }},
      {"list-mailbox", set_list_mailbox},
      {"list-select-opts", set_select_options},
      {"ignore-mailbox", set_ignore_mailbox},
      {"interval", set_interval},
      {"idle", set_idle},
      {"fuse",
       [](Config& c, const std::string& v) { return set_fuse(c, v, {&Config::fuse_here, &Config::fuse_there}); }},
      {"fuse-here", [](Config& c, const std::string& v) { return set_fuse(c, v, {&Config::fuse_here}); }},
      {"fuse-there", [](Config& c, const std::string& v) { return set_fuse(c, v, {&Config::fuse_there}); }},
      {"missing-wait", set_missing_wait},
      {"mode", set_mode},
      {"first-sync", set_first_sync},
      {"delete-mailboxes", set_delete_mailboxes},
      {"keep-removed",
       [](Config& c, const std::string& v) { return set_days(c.keep_removed.time, "keep-removed", v); }},
      {"keep-removed-size",
       [](Config& c, const std::string& v) { return set_octets(c.keep_removed.octets, "keep-removed-size", v); }},
      {"verify-every", [](Config& c, const std::string& v) { return set_days(c.verify_every, "verify-every", v); }},
      {"keep-ledger", [](Config& c, const std::string& v) { return set_days(c.keep_ledger.time, "keep-ledger", v); }},
      {"keep-ledger-size",
       [](Config& c, const std::string& v) { return set_octets(c.keep_ledger.octets, "keep-ledger-size", v); }},
      {"switch-from", set_switch_from},
      {"merge-different", set_merge_different},
      {"logfile", [](Config& c, const std::string& v) { return c.logfile = with_home(v), Done(); }},
      {"log-prefix",
       [](Config& c, const std::string& v) -> Done {
         if (const auto good = expand_log_prefix(v, "", ""); !good) return std::unexpected(good.error());
         return c.log_prefix = v, Done();
       }},
  });
  return table;
}

std::size_t distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    auto diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const bool same = imap::equal_ignoring_case(a.substr(i, 1), b.substr(j, 1));
      const auto best = std::min({diagonal + (same ? 0 : 1), row[j] + 1, row[j + 1] + 1});
      diagonal = row[j + 1];
      row[j + 1] = best;
    }
  }
  return row[b.size()];
}

template <class Table>
std::vector<std::string> names_of(const Table& table) {
  std::vector<std::string> out;
  for (const auto& [name, set] : table) out.push_back(name);
  return out;
}

}  // namespace

std::string nearest(const std::string& word, const std::vector<std::string>& known) {
  const auto best =
      std::ranges::min_element(known, {}, [&](const std::string& one) { return distance(word.substr(0, 100), one); });
  if (best == known.end() || distance(word.substr(0, 100), *best) > std::max<std::size_t>(2, best->size() / 3))
    return {};
  return "; did you mean " + *best + "?";
}

std::vector<std::string> option_names(const std::string& section) {
  return section.empty() ? names_of(default_options()) : names_of(side_options());
}

base::Result<void> set_option(Config& config, const std::string& section, const std::string& name,
                              const std::string& value) {
  const auto& defaults = default_options();
  const auto& sides = side_options();
  if (section.empty()) {
    if (name.starts_with("mode ") && words_of(name).size() >= 2)
      return set_mode_of_mailbox(config, name.substr(name.find_first_not_of(' ', 5)), value);
    if (const auto at = defaults.find(name); at != defaults.end()) return at->second(config, value);
    if (sides.contains(name)) return wrong(name + " belongs into a section: [local] or [remote]");
    return wrong("there is no option " + name + nearest(name, names_of(defaults)));
  }
  auto& side = section == "local" ? config.local : config.remote;
  if (const auto at = sides.find(name); at != sides.end()) return at->second(side, value);
  if (defaults.contains(name)) return wrong(name + " belongs before the first section, not into [" + section + "]");
  return wrong("there is no option " + name + nearest(name, names_of(sides)));
}

}  // namespace mirror

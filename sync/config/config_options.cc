// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/config/config_options.h"

#include <algorithm>
#include <functional>
#include <map>
#include <numeric>

#include "proto/flags.h"
#include "proto/mailbox_name.h"
#include "sync/config/mailbox_filter.h"

namespace mirror {

namespace {

using Done = base::Result<void>;

auto wrong(std::string text) { return base::refuse(base::Reason::Configuration, std::move(text)); }

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> out;
  std::size_t at = 0;
  while ((at = text.find_first_not_of(" \t", at)) != std::string::npos) {
    const auto end = std::min(text.find_first_of(" \t", at), text.size());
    out.push_back(text.substr(at, end - at));
    at = end;
  }
  return out;
}

base::Result<bool> yes_or_no(const std::string& value) {
  for (const auto* yes : {"YES", "TRUE", "ON", "1"})
    if (imap::equal_ignoring_case(value, yes)) return true;
  for (const auto* no : {"NO", "FALSE", "OFF", "0"})
    if (imap::equal_ignoring_case(value, no)) return false;
  return wrong("wants YES or NO, not " + value);
}

Done set_yes_or_no(bool& into, const std::string& value) {
  const auto said = yes_or_no(value);
  if (!said) return std::unexpected(said.error());
  into = *said;
  return {};
}

// No shell reads the configuration, so a file's ~/ is ours to understand.
std::string with_home(const std::string& file) {
  return file.starts_with("~/") ? (default_store().parent_path() / file.substr(2)).string() : file;
}

Done set_list_mailbox(Config& config, const std::string& value) {
  auto patterns = parse_patterns(value);
  if (!patterns) return std::unexpected(patterns.error());
  config.list_mailbox = std::move(*patterns);
  return {};
}

Done set_select_options(Config& config, const std::string& value) {
  for (const auto& word : words_of(value)) {
    if (imap::equal_ignoring_case(word, "SUBSCRIBED"))
      config.only_subscribed = true;
    else if (imap::equal_ignoring_case(word, "REMOTE") || imap::equal_ignoring_case(word, "RECURSIVEMATCH"))
      return wrong("list-select-opts " + word + " is not supported yet; SUBSCRIBED is");
    else
      return wrong("list-select-opts knows no " + word + nearest(word, {"SUBSCRIBED"}));
  }
  return {};
}

Done set_ignore_mailbox(Config& config, const std::string& value) {
  const auto good = MailboxFilter::check(value);
  if (!good) return good;
  config.ignore_mailbox = value;
  return {};
}

Done set_seconds(std::chrono::seconds& seconds, const std::string& name, const std::string& value) {
  const bool number = !value.empty() && value.size() <= 6 && value.find_first_not_of("0123456789") == std::string::npos;
  if (!number || std::stoul(value) == 0) return wrong(name + " is a number of seconds, not " + value);
  seconds = std::chrono::seconds(std::stoul(value));
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

Done set_missing_wait(Config& config, const std::string& value) {
  if (value == "0") return config.missing_wait = std::chrono::seconds(0), Done();
  return set_seconds(config.missing_wait, "missing-wait", value);
}

bool is_number(const std::string& text, std::size_t digits) {
  return !text.empty() && text.size() <= digits && text.find_first_not_of("0123456789") == std::string::npos;
}

Done set_keep_removed(Config& config, const std::string& value) {
  if (!is_number(value, 5)) return wrong("keep-removed is a number of days, or 0, not " + value);
  config.keep_removed.time = std::chrono::hours(24 * std::stol(value));
  return {};
}

// 500M, 2G
Done set_keep_removed_size(Config& config, const std::string& value) {
  const auto unit = value.empty() ? ' ' : value.back();
  const auto number = value.substr(0, value.size() - (value.empty() ? 0 : 1));
  if ((unit != 'M' && unit != 'G') || !is_number(number, 6))
    return wrong("keep-removed-size is a number of megabytes or gigabytes, as 500M or 2G, not " + value);
  config.keep_removed.octets = std::stoull(number) * (unit == 'M' ? 1'000'000 : 1'000'000'000);
  return {};
}

using SetDefault = std::function<Done(Config&, const std::string&)>;

const std::map<std::string, SetDefault>& default_options() {
  static const std::map<std::string, SetDefault> table{
      {"database", [](Config& c, const std::string& v) { return c.database = v, Done(); }},
      {"identity", [](Config& c, const std::string& v) { return c.identity = v, Done(); }},
      {"list-mailbox", set_list_mailbox},
      {"list-select-opts", set_select_options},
      {"ignore-mailbox", set_ignore_mailbox},
      {"interval", set_interval},
      {"fuse",
       [](Config& c, const std::string& v) { return set_fuse(c, v, {&Config::fuse_here, &Config::fuse_there}); }},
      {"fuse-here", [](Config& c, const std::string& v) { return set_fuse(c, v, {&Config::fuse_here}); }},
      {"fuse-there", [](Config& c, const std::string& v) { return set_fuse(c, v, {&Config::fuse_there}); }},
      {"missing-wait", set_missing_wait},
      {"delete-mailboxes", set_delete_mailboxes},
      {"keep-removed", set_keep_removed},
      {"keep-removed-size", set_keep_removed_size},
      {"merge-different",
       [](Config& c, const std::string& v) {
         const auto yes = yes_or_no(v);
         if (yes) c.merge_different = *yes;
         return yes ? Done() : Done(std::unexpected(yes.error()));
       }},
      {"logfile", [](Config& c, const std::string& v) { return c.logfile = with_home(v), Done(); }},
      {"log-prefix",
       [](Config&, const std::string&) -> Done {
         return wrong("log-prefix is not supported yet: a line of our log names side and mailbox by itself");
       }},
  };
  return table;
}

Done set_type(ServerConfig& side, const std::string& value) {
  using Type = ServerConfig::Type;
  static const std::map<std::string, Type> types{
      {"store", Type::Store}, {"imap", Type::Imap}, {"imaps", Type::Imaps}, {"tunnel", Type::Tunnel}};
  const auto at = types.find(value);
  if (at == types.end())
    return wrong("type is store, imap, imaps or tunnel, not " + value +
                 nearest(value, {"store", "imap", "imaps", "tunnel"}));
  side.type = at->second;
  return {};
}

Done set_path(ServerConfig& side, const std::string& value) {
  side.path = with_home(value);
  if (!side.path.is_absolute()) return wrong("path begins with / or ~/");
  return {};
}

Done set_port(ServerConfig& side, const std::string& value) {
  const bool number = !value.empty() && value.size() <= 5 && value.find_first_not_of("0123456789") == std::string::npos;
  if (!number || std::stoul(value) == 0 || std::stoul(value) > 65535)
    return wrong("port is a number between 1 and 65535, not " + value);
  side.port = value;
  return {};
}

Done set_auth(ServerConfig& side, const std::string& value) {
  side.auth.clear();
  for (auto word : words_of(value)) {
    std::ranges::transform(word, word.begin(),
                           [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
    if (word != "PLAIN" && word != "LOGIN") return wrong("auth knows PLAIN and LOGIN, not " + word);
    side.auth.push_back(word);
  }
  if (side.auth.empty()) return wrong("auth names no mechanism");
  return {};
}

Done set_compress(ServerConfig& side, const std::string& value) {
  const auto said = yes_or_no(value);
  if (!said) return std::unexpected(said.error());
  side.compress = *said;
  return {};
}

Done set_reference(ServerConfig& side, const std::string& value) {
  auto decoded = imap::decode_modified_utf7(value);
  if (!decoded) return wrong("list-reference is not in modified UTF-7: " + value);
  side.list_reference = std::move(*decoded);
  return {};
}

Done set_fingerprint(ServerConfig& side, const std::string& value) {
  for (auto word : words_of(value)) {
    if (word.find('$') == std::string::npos) word.insert(0, "sha256$");
    std::erase(word, ':');
    if (!word.starts_with("sha256$") || word.size() != 7 + 64 ||
        word.find_first_not_of("0123456789abcdefABCDEF", 7) != std::string::npos)
      return wrong("SSL_fingerprint wants sha256$ and 64 hexadecimal digits; other digests are not supported yet");
    for (std::size_t i = 7; i < word.size(); ++i)
      if (word[i] >= 'A' && word[i] <= 'F') word[i] = static_cast<char>(word[i] + 32);
    side.fingerprints.push_back(std::move(word));
  }
  return {};
}

Done set_protocol_min(ServerConfig& side, const std::string& value) {
  if (value != "TLSv1.2" && value != "TLSv1.3")
    return wrong("SSL_protocol_min is TLSv1.2 or TLSv1.3; nothing older is ever used");
  side.protocol_min = value;
  return {};
}

using SetSide = std::function<Done(ServerConfig&, const std::string&)>;

SetSide text(std::string ServerConfig::* member) {
  return [member](ServerConfig& side, const std::string& value) { return side.*member = value, Done(); };
}
SetSide file(std::string ServerConfig::* member) {
  return [member](ServerConfig& side, const std::string& value) { return side.*member = with_home(value), Done(); };
}
Done set_host(ServerConfig& side, const std::string& value) {
  if (value.empty()) return wrong("host is empty");
  side.host = value;
  return {};
}
SetSide flag(bool ServerConfig::* member) {
  return [member](ServerConfig& side, const std::string& value) { return set_yes_or_no(side.*member, value); };
}
SetSide not_yet(const std::string& why) {
  return [why](ServerConfig&, const std::string&) -> Done { return wrong(why); };
}

const std::map<std::string, SetSide>& side_options() {
  static const std::map<std::string, SetSide> table{
      {"type", set_type},
      {"path", set_path},
      {"host", set_host},
      {"port", set_port},
      {"proxy", not_yet("proxy is not supported yet")},
      {"command", text(&ServerConfig::command)},
      {"STARTTLS", flag(&ServerConfig::start_tls)},
      {"auth", set_auth},
      {"username", text(&ServerConfig::username)},
      {"password", [](ServerConfig& s, const std::string& v) { return s.password = base::Secret(v), Done(); }},
      {"password-command", text(&ServerConfig::password_command)},
      {"password-timeout",
       [](ServerConfig& s, const std::string& v) { return set_seconds(s.password_timeout, "password-timeout", v); }},
      {"compress", set_compress},
      {"list-reference", set_reference},
      {"null-stderr", flag(&ServerConfig::null_stderr)},
      {"SSL_protocols", not_yet("SSL_protocols is not supported; use SSL_protocol_min")},
      {"SSL_protocol_min", set_protocol_min},
      {"SSL_protocol_max", not_yet("SSL_protocol_max is not supported yet")},
      {"SSL_cipherlist", text(&ServerConfig::ciphers)},
      {"SSL_ciphersuites", not_yet("SSL_ciphersuites is not supported yet")},
      {"SSL_fingerprint", set_fingerprint},
      {"SSL_verify", flag(&ServerConfig::verify)},
      {"SSL_CAfile", file(&ServerConfig::ca_file)},
      {"SSL_CApath", file(&ServerConfig::ca_path)},
      {"SSL_hostname", [](ServerConfig& s, const std::string& v) { return s.tls_host_name = v, Done(); }},
  };
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

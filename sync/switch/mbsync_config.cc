// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// mbsync's configuration. Channels between one IMAPStore and one MaildirStore are one account of ours; a channel of
// single mailboxes adds to its list-mailbox. What has no place here is named, and so is what only seems to have one.
#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "proto/flags.h"
#include "sync/switch/mbsync_channel.h"
#include "sync/switch/mbsync_lines.h"
#include "sync/switch/mbsync_names.h"
#include "sync/switch/translation.h"

namespace mirror {

namespace {

using mbsync::expression_of;
using mbsync::Line;
using mbsync::Section;
using mbsync::with_nuls;

std::string without_slash(std::string path) {
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return path;
}

// ":store:box"; nullopt: it is none.
std::optional<std::pair<std::string, std::string>> place_of(const std::string& text) {
  const auto second = text.find(':', 1);
  if (!text.starts_with(':') || second == std::string::npos) return std::nullopt;
  return std::pair(text.substr(1, second - 1), text.substr(second + 1));
}

class Translator {
 public:
  Translator(std::string_view text, const std::filesystem::path& home)
      : sections_(mbsync::sections_of(text)), home_(home) {}

  Translation run() {
    for (const auto& line : sections_.front().lines) about_all(line);
    for (const auto& section : sections_)
      if (section.head.is("Channel")) take_channel(section);
    for (const auto& section : sections_)
      if (section.head.is("Group"))
        leave_out(section.head, "postern names accounts and mailboxes instead: postern sync ACCOUNT MAILBOX");
    for (auto& [stores, account] : accounts_) out_.accounts.push_back(finished(std::move(account)));
    if (out_.accounts.empty() && out_.fault.empty())
      out_.fault = "there is no Channel between an IMAPStore and a MaildirStore in it";
    return std::move(out_);
  }

 private:
  struct Channel {
    Line head;
    std::string mode;
    std::vector<std::string> names;  // as they are written
    bool all = false;
  };
  struct Building {
    TranslatedAccount account;
    std::vector<std::string> mailboxes, ignored;
    std::vector<Channel> channels;
    bool all = false, keeps_mailboxes = false;
  };

  void leave_out(const Line& line, const std::string& why) {
    // A password is nothing for a screen.
    const auto shown = line.is("Pass") ? line.name : line.shown();
    out_.left_out.push_back("line " + std::to_string(line.number) + ": " + shown + ": " + why);
  }

  const Section* find(const char* kind, const std::string& name) const {
    const auto at = std::ranges::find_if(
        sections_, [&](const Section& one) { return one.head.is(kind) && one.head.first() == name; });
    return at == sections_.end() ? nullptr : &*at;
  }

  void about_all(const Line& line) {
    if (line.is("SyncState") || line.is("CopyArrivalDate")) return;
    for (const auto* name :
         {"Sync", "Create", "Remove", "Expunge", "MaxMessages", "MaxSize", "ExpireUnread", "ExpireSide"})
      if (line.is(name)) return;  // each channel says whether it holds there
    if (!line.is("FSync") && !line.is("BufferLimit")) leave_out(line, "there is nothing like it");
  }

  void take_channel(const Section& channel) {
    const auto *far = channel.find({"Far", "Master"}), *near = channel.find({"Near", "Slave"});
    const auto there = place_of(far == nullptr ? "" : far->first()),
               here = place_of(near == nullptr ? "" : near->first());
    if (!there || !here) return leave_out(channel.head, "it does not name two stores");
    const auto *imap = find("IMAPStore", there->first), *maildir = find("MaildirStore", here->first);
    if (imap == nullptr || maildir == nullptr)
      return leave_out(
          channel.head,
          "only a channel whose far side is an IMAPStore and whose near side is a MaildirStore can be taken over");
    const auto rules = mbsync::rules_of(sections_.front(), channel);
    for (const auto& [line, why] : rules.lost)
      if (line.number == channel.head.number || told_.insert(line.number).second) leave_out(line, why);
    if (rules.is_off) return;
    const auto [at, is_new] = accounts_.try_emplace({there->first, here->first});
    auto& building = at->second;
    if (is_new) {
      building.account.name = channel.head.first();
      if (!take_local(building, *maildir) || !take_remote(building, *imap)) {
        accounts_.erase(at);
        return leave_out(channel.head, "so it is left out");
      }
      take_state(building, channel, there->first, here->first);
    }
    building.channels.push_back({channel.head, rules.mode, {}, false});
    building.keeps_mailboxes = building.keeps_mailboxes || rules.keeps_mailboxes;
    take_mailboxes(building, channel, there->second, here->second);
  }

  bool take_local(Building& building, const Section& store) {
    const auto layout = store.value({"SubFolders"});
    auto path = without_slash(with_home(store.value({"Path"}), home_));
    const auto inbox = without_slash(with_home(store.value({"Inbox"}), home_));
    if (imap::equal_ignoring_case(layout, "Maildir++") || path.empty()) path = inbox;
    if (path.empty()) path = (home_ / "Maildir").string();
    const auto name = std::filesystem::path(inbox).filename().string();
    if (!inbox.empty() && inbox != path &&
        (without_slash(std::filesystem::path(inbox).parent_path().string()) != path ||
         !imap::equal_ignoring_case(name, "INBOX")))
      leave_out(*store.find({"Inbox"}), "INBOX is looked for in " + path +
                                            "/INBOX: move it there, or make a link (ln -s " + inbox + ' ' + path +
                                            "/INBOX)");
    building.account.local.emplace_back("path", path);
    for (const auto& line : store.lines) {
      if (line.is("Path") || line.is("Inbox") || line.is("InfoDelimiter") || line.is("SubFolders")) continue;
      if (line.is("Flatten")) {
        building.account.local.emplace_back("separator", line.first());
        continue;
      }
      leave_out(line, line.is("AltMap") ? "its file of UIDs is not read; messages are paired by what they are"
                                        : "there is nothing like it");
    }
    return true;
  }

  bool take_remote(Building& building, const Section& store) {
    const auto* named = store.find({"Account"});
    const auto* account = named == nullptr ? &store : find("IMAPAccount", named->first());
    if (account == nullptr) return leave_out(*named, "there is no such IMAPAccount"), false;
    auto& out = building.account.remote;
    const auto tunnel = account->value({"Tunnel"});
    const auto type = account->value({"SSLType", "TLSType"});
    if (!tunnel.empty()) {
      out.emplace_back("type", "tunnel");
      out.emplace_back("command", tunnel);
    } else if (imap::equal_ignoring_case(type, "IMAPS")) {
      out.emplace_back("type", "imaps");
    } else {
      out.emplace_back("type", "imap");
      if (imap::equal_ignoring_case(type, "None")) out.emplace_back("STARTTLS", "NO");
    }
    for (const auto* section : {account, &store})
      for (const auto& line : section->lines) about_server(out, line, !tunnel.empty());
    return true;
  }

  void about_server(Options& out, const Line& line, bool tunnel) {
    const auto put = [&](const char* name, const std::string& value) { out.emplace_back(name, value); };
    if (line.is("Account") || line.is("Tunnel") || line.is("SSLType") || line.is("TLSType")) return;
    if (line.is("Host")) return tunnel ? void() : put("host", line.first());
    if (line.is("Port")) return tunnel ? void() : put("port", line.first());
    if (line.is("User")) return put("username", line.first());
    if (line.is("Pass")) return put("password", line.first());
    if (line.is("PassCmd"))
      return put("password-command", line.first().starts_with('+') ? line.first().substr(1) : line.first());
    if (line.is("CertificateFile")) return put("SSL_CAfile", with_home(line.first(), home_));
    if (line.is("CipherString")) return put("SSL_cipherlist", line.first());
    if (line.is("Path")) return put("list-reference", line.first());
    if (line.is("AuthMechs")) return about_mechanisms(out, line);
    if (line.is("SystemCertificates") && imap::equal_ignoring_case(line.first(), "yes")) return;
    if (line.is("PipelineDepth") || line.is("Timeout") || line.is("UseNamespace")) return;
    if (line.is("SSLVersions") || line.is("TLSVersions"))
      return leave_out(line, "the system's limits hold; SSL_protocol_min sets another one");
    leave_out(line, line.is("UserCmd") ? "write the user's name: username = NAME" : "there is nothing like it");
  }

  void about_mechanisms(Options& out, const Line& line) {
    std::string known;
    for (const auto& word : line.words) {
      const bool taken = imap::equal_ignoring_case(word, "PLAIN") || imap::equal_ignoring_case(word, "LOGIN");
      if (taken) known += (known.empty() ? "" : " ") + word;
      if (!taken && word != "*") leave_out(line, word + " is not known here");
    }
    if (!known.empty()) out.emplace_back("auth", known);
  }

  void take_state(Building& building, const Section& channel, const std::string& far, const std::string& near) {
    auto where = channel.value({"SyncState"});
    const bool own = !where.empty();
    if (!own) where = sections_.front().value({"SyncState"});
    if (where == "*") return;
    if (where.empty()) where = "~/.mbsync/";
    where = with_home(where, home_);
    const auto pattern = own ? where + "*" : where + ':' + far + ":*_:" + near + ":*";
    building.account.whole.emplace_back("switch-from", "mbsync " + pattern);
  }

  void take_mailboxes(Building& building, const Section& channel, const std::string& far, const std::string& near) {
    const auto* patterns = channel.find({"Patterns", "Pattern"});
    if (patterns == nullptr) {
      const auto there = far.empty() ? "INBOX" : far, here = near.empty() ? "INBOX" : near;
      if (there != here) return leave_out(channel.head, "a mailbox has the same name here and there, and not two");
      building.mailboxes.push_back('"' + with_nuls(here) + '"');
      building.channels.back().names.push_back(here);
      return;
    }
    if (!far.empty() || !near.empty())
      leave_out(channel.head, "what is below another mailbox cannot be the whole here");
    for (const auto& line : channel.lines) {
      if (!line.is("Patterns") && !line.is("Pattern")) continue;
      for (const auto& word : line.words) take_pattern(building, line, word);
    }
  }

  void take_pattern(Building& building, const Line& line, const std::string& word) {
    auto& channel = building.channels.back();
    if (word.starts_with('!')) {
      building.ignored.push_back(expression_of(word.substr(1)));
      return;
    }
    if (!building.ignored.empty())
      leave_out(line, "ignore-mailbox takes out whatever list-mailbox says, also " + word +
                          " where a pattern before it does");
    if (word == "*")
      building.all = channel.all = true;
    else
      building.mailboxes.push_back('"' + with_nuls(word) + '"');
    channel.names.push_back(word);
  }

  // The mode of the channel that has all mailboxes, or of the first; what others say is said of their mailboxes.
  void take_modes(Building& building) {
    auto& whole = building.account.whole;
    const auto at = std::ranges::find_if(building.channels, &Channel::all);
    const auto mode = (at == building.channels.end() ? building.channels.front() : *at).mode;
    if (mode != "both") whole.emplace_back("mode", mode);
    for (const auto& channel : building.channels) {
      if (channel.mode == mode) continue;
      for (const auto& name : channel.names) {
        const auto star = name.find_first_of("*%");
        if (star == std::string::npos || (name.ends_with("/*") && star == name.size() - 1))
          whole.emplace_back("mode " + name, channel.mode);
        else
          leave_out(channel.head, "mode = " + channel.mode +
                                      " can be said of single mailboxes and of what is below "
                                      "one (`mode lists/* = " +
                                      channel.mode + "`), and not of " + name);
      }
    }
  }

  TranslatedAccount finished(Building building) {
    auto& account = building.account;
    take_modes(building);
    if (building.keeps_mailboxes) account.whole.emplace_back("delete-mailboxes", "no");
    if (building.channels.size() > 1 && !building.ignored.empty())
      leave_out(building.channels.front().head, "ignore-mailbox holds for all channels between its two stores");
    if (!building.all && !building.mailboxes.empty()) {
      std::string value;
      for (const auto& one : building.mailboxes) value += (value.empty() ? "" : " ") + one;
      account.whole.emplace_back("list-mailbox", value);
    }
    if (!building.ignored.empty()) {
      std::string value;
      for (const auto& one : building.ignored) value += (value.empty() ? "^(?:" : "|") + one;
      account.whole.emplace_back("ignore-mailbox", value + ")$");
    }
    return std::move(account);
  }

  std::vector<Section> sections_;
  std::filesystem::path home_;
  std::map<std::pair<std::string, std::string>, Building> accounts_;
  std::set<std::size_t> told_;  // lines about all channels
  Translation out_;
};

}  // namespace

Translation translate_mbsync(std::string_view text, const std::filesystem::path& home) {
  return Translator(text, home).run();
}

}  // namespace mirror

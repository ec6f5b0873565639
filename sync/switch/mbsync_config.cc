// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// mbsync's configuration. Channels between one IMAPStore and one MaildirStore are one account of ours; a channel of
// single mailboxes adds to its list-mailbox. What has no place here is named, and so is what only seems to have one.
#include <algorithm>
#include <map>
#include <optional>

#include "proto/flags.h"
#include "sync/switch/mbsync_lines.h"
#include "sync/switch/translation.h"

namespace mirror {

namespace {

using mbsync::Line;
using mbsync::Section;

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

std::string with_nuls(const std::string& name) {
  std::string out;
  for (const char c : name) out += c == '/' ? std::string("\\x00") : std::string(1, c);
  return out;
}

// A pattern as an expression on names with NUL between their parts.
std::string expression_of(const std::string& pattern) {
  std::string out;
  for (const char c : pattern) {
    if (c == '*')
      out += ".*";
    else if (c == '%')
      out += "[^\\x00]*";
    else if (c == '/')
      out += "\\x00";
    else
      out +=
          std::string(std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-' || c == ' ' ? "" : "\\") + c;
  }
  return out;
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
  struct Building {
    TranslatedAccount account;
    std::vector<std::string> mailboxes, ignored;
    bool all = false;
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
    if (line.is("Sync") || line.is("Create") || line.is("Remove") || line.is("Expunge") || line.is("MaxMessages"))
      return about_channel(line);
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
    take_mailboxes(building, channel, there->second, here->second);
    for (const auto& line : channel.lines) about_channel(line);
    take_mode(building, channel);
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
      return;
    }
    if (!far.empty() || !near.empty())
      leave_out(channel.head, "what is below another mailbox cannot be the whole here");
    for (const auto& line : channel.lines) {
      if (!line.is("Patterns") && !line.is("Pattern")) continue;
      for (const auto& word : line.words) {
        if (word.starts_with('!'))
          building.ignored.push_back(expression_of(word.substr(1)));
        else if (word == "*")
          building.all = true;
        else
          building.mailboxes.push_back('"' + with_nuls(word) + '"');
      }
    }
  }

  void about_channel(const Line& line) {
    const bool full =
        imap::equal_ignoring_case(line.first(), "Both") || imap::equal_ignoring_case(line.first(), "None");
    if (line.is("MaxMessages") || line.is("MaxSize") || line.is("ExpireUnread") || line.is("ExpireSide"))
      leave_out(line, "all messages are fetched, also those that mbsync left on the server");
    else if (line.is("Expunge") && !imap::equal_ignoring_case(line.first(), "Both"))
      leave_out(line, "what a mail client expunges is expunged on the other side too; `mode` forbids it");
    else if (line.is("Remove") && !full)
      leave_out(line, "delete-mailboxes says what becomes of a mailbox that is gone on one side");
    else if (line.is("Create") && !full)
      leave_out(line, "mailboxes are made on both sides; `mode` forbids it");
  }

  void take_mode(Building& building, const Section& channel) {
    const auto* line = channel.find({"Sync"});
    if (line == nullptr) line = sections_.front().find({"Sync"});
    if (line == nullptr) return;
    const auto all_are = [&](const std::string& way) {
      return std::ranges::all_of(line->words, [&](const std::string& word) {
        return imap::equal_ignoring_case(word.substr(0, way.size()), way);
      });
    };
    const auto is_whole = [](const std::string& word) {
      return imap::equal_ignoring_case(word, "All") || imap::equal_ignoring_case(word, "Full");
    };
    if (std::ranges::any_of(line->words, is_whole)) return;
    const char* mode = all_are("Push") ? "send" : "backup";
    auto& whole = building.account.whole;
    if (value_of(whole, "mode").empty()) whole.emplace_back("mode", mode);
    if (line->words.size() != 1 ||
        (!imap::equal_ignoring_case(line->first(), "Pull") && !imap::equal_ignoring_case(line->first(), "Push")))
      leave_out(*line, "there is no mode that does just this; mode = " + std::string(mode) + " is written");
    else if (all_are("Pull"))
      leave_out(*line, "mode = backup is written: it fetches, and removes nothing here; `mirror` also removes");
  }

  static TranslatedAccount finished(Building building) {
    auto& account = building.account;
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
  Translation out_;
};

}  // namespace

Translation translate_mbsync(std::string_view text, const std::filesystem::path& home) {
  return Translator(text, home).run();
}

}  // namespace mirror

// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// OfflineIMAP's configuration. What is a program there (folderfilter, nametrans, …eval) cannot be taken over.
#include <algorithm>
#include <set>

#include "proto/flags.h"
#include "sync/switch/ini_lines.h"
#include "sync/switch/translation.h"

namespace mirror {

namespace {

// A word for the shell that runs a password-command.
std::string shell_word(const std::string& text) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+@%";
  if (!text.empty() && text.find_first_not_of(kPlain) == text.npos) return text;
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

bool is_yes(const std::string& value) {
  return std::ranges::any_of(std::initializer_list<const char*>{"yes", "true", "on", "1"},
                             [&](const char* word) { return imap::equal_ignoring_case(value, word); });
}

class Translator {
 public:
  Translator(std::string_view text, std::filesystem::path home)
      : sections_(ini_sections_of(text)), home_(std::move(home)) {}

  Translation run() {
    static const IniSection none;
    const auto* found = find_section(sections_, "general");
    const auto& general = found == nullptr ? none : *found;
    const auto metadata = with_home(general.value("metadata", "~/.offlineimap"));
    for (const auto& name : names_in(general.value("accounts"))) take_account(name, metadata);
    if (const auto* line = general.find("pythonfile")) leave_out(*line, "programs of it cannot be taken over");
    if (out_.accounts.empty() && out_.fault.empty())
      out_.fault = "it has no account between an IMAP server and a Maildir";
    return std::move(out_);
  }

 private:
  static std::vector<std::string> names_in(const std::string& list) {
    std::vector<std::string> out;
    for (std::size_t at = 0; at < list.size();) {
      const auto end = std::min(list.find(',', at), list.size());
      auto name = list.substr(at, end - at);
      name.erase(0, std::min(name.find_first_not_of(' '), name.size()));
      while (name.ends_with(' ')) name.pop_back();
      if (!name.empty()) out.push_back(name);
      at = end + 1;
    }
    return out;
  }

  std::string with_home(const std::string& path) const { return mirror::with_home(path, home_); }

  void leave_out(const IniLine& line, const std::string& why) {
    const auto shown = line.name.starts_with("remotepass") ? line.name : line.name + " = " + line.value;
    out_.left_out.push_back("line " + std::to_string(line.number) + ": " + shown + ": " + why);
  }

  void take_account(const std::string& name, const std::string& metadata) {
    const auto* account = find_section(sections_, "Account " + name);
    if (account == nullptr) return out_.left_out.push_back("there is no [Account " + name + "], so it is left out");
    const auto there_name = account->value("remoterepository");
    const auto* here = find_section(sections_, "Repository " + account->value("localrepository"));
    const auto* there = find_section(sections_, "Repository " + there_name);
    if (here == nullptr || there == nullptr)
      return out_.left_out.push_back("[Account " + name + "] does not name two repositories, so it is left out");
    const auto here_type = here->value("type"), there_type = there->value("type");
    if ((here_type != "Maildir" && here_type != "GmailMaildir") || (there_type != "IMAP" && there_type != "Gmail"))
      return out_.left_out.push_back("[Account " + name + "] is between " + there_type + " and " + here_type +
                                     ", so it is left out");
    TranslatedAccount out;
    out.name = name;
    out.whole.emplace_back("switch-from", "offlineimap " + metadata + "/Account-" + name + "/Repository-" + there_name);
    about_account(out, *account);
    about_local(out, *here);
    about_remote(out, *there);
    out_.accounts.push_back(std::move(out));
  }

  void about_account(TranslatedAccount& out, const IniSection& account) {
    static const std::set<std::string> kNeedless{"localrepository", "remoterepository", "quick", "synclabels"};
    for (const auto& line : account.lines) {
      if (line.name == "autorefresh") {
        const auto minutes = std::atof(line.value.c_str());
        if (minutes > 0 && minutes < 10'000)
          out.whole.emplace_back("interval", std::to_string(std::max(1L, static_cast<long>(minutes * 60))));
      } else if (line.name == "maxage" || line.name == "maxsize") {
        leave_out(line, "all messages are fetched, also those that OfflineIMAP left on the server");
      } else if (line.name == "postsynchook" || line.name == "presynchook") {
        leave_out(line, "on-new, on-change and on-problem are commands that Postern runs, where it has them");
      } else if (line.name == "synclabels" && is_yes(line.value)) {
        leave_out(line, "labels are not known here");
      } else if (!kNeedless.contains(line.name)) {
        leave_out(line, "there is nothing like it");
      }
    }
  }

  void about_local(TranslatedAccount& out, const IniSection& here) {
    static const std::set<std::string> kNeedless{"type", "localfolders", "sep", "utime_from_header",
                                                 "filename_use_mail_timestamp"};
    auto path = with_home(here.value("localfolders"));
    while (path.size() > 1 && path.ends_with('/')) path.pop_back();
    out.local.emplace_back("path", path);
    const auto separator = here.value("sep", ".");
    if (separator != "/") out.local.emplace_back("separator", separator);
    for (const auto& line : here.lines)
      if (!kNeedless.contains(line.name)) about_names(line);
  }

  void about_names(const IniLine& line) {
    if (line.name == "nametrans")
      leave_out(line,
                "a mailbox has the same name here and there: rename it on one side (the directory here) before "
                "the first pass, or it is copied to the other side under its name");
    else if (line.name == "folderfilter" || line.name == "folderincludes")
      leave_out(line, "it is a program; list-mailbox and ignore-mailbox say which mailboxes are synchronised");
    else
      leave_out(line, "there is nothing like it");
  }

  void about_remote(TranslatedAccount& out, const IniSection& there) {
    const bool gmail = there.value("type") == "Gmail";
    const bool tls = is_yes(there.value("ssl", "yes"));
    auto& remote = out.remote;
    if (const auto tunnel = there.value("preauthtunnel"); !tunnel.empty()) {
      remote.emplace_back("type", "tunnel");
      remote.emplace_back("command", tunnel);
    } else {
      remote.emplace_back("type", tls ? "imaps" : "imap");
      if (!tls && !is_yes(there.value("starttls", "yes"))) remote.emplace_back("STARTTLS", "NO");
      if (const auto host = there.value("remotehost", gmail ? "imap.gmail.com" : ""); !host.empty())
        remote.emplace_back("host", host);
    }
    for (const auto& line : there.lines) about_server(out, line);
  }

  void about_server(TranslatedAccount& out, const IniLine& line) {
    static const std::set<std::string> kNeedless{
        "type",           "remotehost",   "ssl",       "starttls",           "preauthtunnel",
        "maxconnections", "idlefolders",  "keepalive", "holdconnectionopen", "singlethreadperfolder",
        "usecompression", "createfolders"};
    const auto& name = line.name;
    if (name == "remoteport") return put(out.remote, "port", line.value);
    if (name == "remoteuser") return put(out.remote, "username", line.value);
    if (name == "remotepass") return put(out.remote, "password", line.value);
    if (name == "remotepassfile")
      return put(out.remote, "password-command", "cat " + shell_word(with_home(line.value)));
    if (name == "reference") return put(out.remote, "list-reference", line.value);
    if (name == "auth_mechanisms") return about_mechanisms(out.remote, line);
    if (name == "sslcacertfile") {
      if (line.value != "OS-DEFAULT") put(out.remote, "SSL_CAfile", with_home(line.value));
      return;
    }
    if (name == "subscribedonly") {
      if (is_yes(line.value)) put(out.whole, "list-select-opts", "SUBSCRIBED");
      return;
    }
    if (name == "readonly") {
      if (is_yes(line.value)) put(out.whole, "mode", "backup");
      return;
    }
    if (name == "createfolders" && !is_yes(line.value))
      return leave_out(line, "mailboxes are made on both sides; `mode` forbids it");
    if (name == "expunge" && !is_yes(line.value))
      return leave_out(line, "what a mail client expunges is expunged on the server too; `mode` forbids it");
    if (name.ends_with("eval"))
      return leave_out(line, "it is a program; password-command runs one that prints the password");
    if (name == "cert_fingerprint")
      return leave_out(line, "SSL_fingerprint is the key's digest, and not the certificate's; postern doctor tells it");
    if (!kNeedless.contains(name)) about_names(line);
  }

  static void put(Options& out, const char* name, const std::string& value) { out.emplace_back(name, value); }

  void about_mechanisms(Options& out, const IniLine& line) {
    std::string known;
    for (const auto& word : names_in(line.value))
      if (imap::equal_ignoring_case(word, "PLAIN") || imap::equal_ignoring_case(word, "LOGIN"))
        known += (known.empty() ? "" : " ") + word;
    if (known.empty()) return leave_out(line, "only PLAIN and LOGIN are known here");
    out.emplace_back("auth", known);
  }

  std::vector<IniSection> sections_;
  std::filesystem::path home_;
  Translation out_;
};

}  // namespace

Translation translate_offlineimap(std::string_view text, const std::filesystem::path& home) {
  return Translator(text, home).run();
}

}  // namespace mirror

// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// mail_location = maildir:PATH[:LAYOUT=fs][:INBOX=PATH][:CONTROL=PATH][:INDEX=PATH][:DIRNAME=NAME][:UTF-8]
//                 [:SUBSCRIPTIONS=NAME]
#include "sync/switch/dovecot_mail.h"

#include <algorithm>
#include <map>
#include <optional>

#include "proto/base/lines.h"
#include "proto/flags.h"

namespace mirror {

namespace {

namespace fs = std::filesystem;

using Settings = std::map<std::string, std::string>;

std::string trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(" \t\r") - first + 1));
}

// What stands outside of any section, and in each namespace.
struct Read {
  Settings all;
  std::map<std::string, Settings> namespaces;

  explicit Read(std::string_view text) {
    std::vector<std::string> sections;
    while (const auto raw = base::take_line(text)) {
      const auto line = trimmed(*raw);
      if (line.empty() || line.starts_with('#')) continue;
      if (line.ends_with('{')) {
        sections.push_back(trimmed(std::string_view(line).substr(0, line.size() - 1)));
        if (sections.size() == 1 && line.starts_with("namespace ")) namespaces.try_emplace(name_of(sections.front()));
      } else if (line == "}") {
        if (!sections.empty()) sections.pop_back();
      } else if (const auto equals = line.find('='); equals != std::string::npos) {
        const auto name = trimmed(std::string_view(line).substr(0, equals)),
                   value = trimmed(std::string_view(line).substr(equals + 1));
        if (sections.empty())
          all[name] = value;
        else if (sections.size() == 1 && sections.front().starts_with("namespace "))
          namespaces[name_of(sections.front())][name] = value;
      }
    }
  }

  static std::string name_of(const std::string& section) { return trimmed(section.substr(sizeof "namespace" - 1)); }
};

std::string value_of(const Settings& settings, const std::string& name) {
  const auto at = settings.find(name);
  return at == settings.end() ? std::string() : at->second;
}

// In which directories and how, by their names in mail_location.
using Location = Settings;

class Finding {
 public:
  Finding(std::string_view text, const DovecotUser& user) : read_(text), user_(user) {}

  DovecotMail run() {
    const auto location = find_location();
    if (!location) return std::move(out_);
    for (const auto& [name, value] : *location) take(name, value);
    if (out_.fault.empty()) check_inbox(*location);
    if (!out_.control.empty() && out_.control == out_.path) out_.control.clear();
    return std::move(out_);
  }

 private:
  void fail(const std::string& why) {
    if (out_.fault.empty()) out_.fault = why;
  }

  // The namespace of INBOX may say another one than all others do.
  std::optional<Location> find_location() {
    auto out = say_location();
    if (!out && out_.fault.empty() && !user_.mail.empty()) out = Location{{"PATH", user_.mail.string()}};
    return out;
  }

  std::optional<Location> say_location() {
    Settings own;
    for (const auto& [name, settings] : read_.namespaces) {
      const bool is_inbox = value_of(settings, "inbox") == "yes" || read_.namespaces.size() == 1;
      if (is_inbox) own = settings;
      if (!is_inbox && (!value_of(settings, "location").empty() || !value_of(settings, "mail_path").empty()))
        out_.told.push_back("the namespace " + name + " lies elsewhere (" + value_of(settings, "location") +
                            value_of(settings, "mail_path") + "): its mailboxes are left out");
      if (is_inbox && !value_of(settings, "prefix").empty())
        out_.told.push_back("mailboxes are called without the prefix " + value_of(settings, "prefix") + " here");
    }
    auto text = value_of(own, "location");
    if (text.empty()) text = value_of(read_.all, "mail_location");
    if (!text.empty()) return of_location(text);
    for (const auto& [name, value] : read_.all) own.try_emplace(name, value);
    return of_settings(own);
  }

  std::optional<Location> of_location(const std::string& text) {
    std::vector<std::string> parts(1);
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] != ':')
        parts.back() += text[i];
      else if (text.substr(i, 2) == "::")
        parts.back() += text[i++];
      else
        parts.emplace_back();
    }
    if (parts.front() != "maildir" || parts.size() < 2) return fail_driver(text), std::nullopt;
    Location out{{"PATH", parts[1]}};
    for (std::size_t i = 2; i < parts.size(); ++i) {
      const auto equals = parts[i].find('=');
      out[parts[i].substr(0, equals)] = equals == std::string::npos ? "" : parts[i].substr(equals + 1);
    }
    return out;
  }

  std::optional<Location> of_settings(const Settings& settings) {
    const auto driver = value_of(settings, "mail_driver");
    if (driver != "maildir") return fail_driver(driver), std::nullopt;
    Location out;
    for (const auto& [theirs, ours] : {std::pair("mail_path", "PATH"),
                                       {"mail_inbox_path", "INBOX"},
                                       {"mail_control_path", "CONTROL"},
                                       {"mail_index_path", "INDEX"},
                                       {"mailbox_list_layout", "LAYOUT"},
                                       {"mailbox_directory_name", "DIRNAME"},
                                       {"mailbox_subscriptions_filename", "SUBSCRIPTIONS"}})
      if (const auto value = value_of(settings, theirs); !value.empty()) out[ours] = value;
    if (!out.contains("PATH")) return fail_driver(""), std::nullopt;
    return out;
  }

  void fail_driver(const std::string& text) {
    if (text.empty() && !user_.mail.empty()) return;
    fail(text.empty() ? "it does not say where the mail lies (mail_location), and Dovecot looks for it by itself: name "
                        "the directory with --store"
                      : "its mail is " + text +
                            ": only a Maildir can be used as it lies. Another format can be made "
                            "one by `doveadm sync`, or be fetched anew from the server");
  }

  void take(const std::string& name, const std::string& value) {
    if (name == "PATH") return user_.mail.empty() ? set(out_.path, value) : void(out_.path = user_.mail);
    if (name == "CONTROL") return set(out_.control, value);
    if (name == "SUBSCRIPTIONS") return void(out_.subscriptions = value);
    if (name == "LAYOUT" && !imap::equal_ignoring_case(value, "fs") && !imap::equal_ignoring_case(value, "maildir++"))
      return fail("its layout is " + value + ": only fs and maildir++ can be used as they lie");
    if ((name == "DIRNAME" || name == "FULLDIRNAME" || name == "MAILBOXDIR") && !value.empty())
      fail(name + '=' + value +
           ": the mail of each mailbox lies in a directory below its own, where it is not looked "
           "for. It cannot be used as it lies; `doveadm sync` can write it without");
  }

  void set(fs::path& path, const std::string& value) {
    if (const auto expanded = expand(value)) path = *expanded;
  }

  // ~, %h, %u, %n, %d and their long forms; nullopt: it has failed.
  std::optional<fs::path> expand(const std::string& value) {
    std::string out;
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (i == 0 && (value == "~" || value.starts_with("~/"))) {
        out += user_.home.string();
      } else if (value[i] != '%') {
        out += value[i];
      } else {
        const bool is_long = value.substr(i + 1, 1) == "{";
        const auto end = is_long ? value.find('}', i) : std::min(i + 1, value.size() - 1);
        const auto name =
            end == std::string::npos ? std::string() : value.substr(i + (is_long ? 2 : 1), end - i - (is_long ? 2 : 0));
        const auto known = variable(name);
        if (!known) {
          fail("the directory is " + value + ", of which only Dovecot knows what it means: name it with --store");
          return std::nullopt;
        }
        out += *known;
        i = end;
      }
    }
    auto path = fs::path(out).lexically_normal();
    if (!path.has_filename()) path = path.parent_path();
    return path.is_absolute() ? path : user_.home / path;
  }

  std::optional<std::string> variable(const std::string& name) const {
    const auto at = user_.name.find('@');
    if (name == "%") return "%";
    if (name == "h" || name == "home") return user_.home.string();
    if (name == "u" || name == "user") return user_.name;
    if (name == "n" || name == "username") return user_.name.substr(0, at);
    if ((name == "d" || name == "domain") && at != std::string::npos) return user_.name.substr(at + 1);
    return std::nullopt;
  }

  // INBOX must be the directory itself, or lie in it.
  void check_inbox(const Location& location) {
    const auto at = location.find("INBOX");
    if (at == location.end()) return;
    const auto inbox = expand(at->second);
    if (!inbox || *inbox == out_.path) return;
    const bool is_fs = imap::equal_ignoring_case(value_of(location, "LAYOUT"), "fs");
    if (!is_fs)
      return fail("INBOX lies in " + inbox->string() + ", apart from " + out_.path.string() +
                  ", where it is looked for in this layout: move what is in it (cur, new, tmp, dovecot-*) there");
    if (inbox->parent_path() == out_.path && imap::equal_ignoring_case(inbox->filename().string(), "INBOX")) return;
    std::error_code error;
    if (fs::equivalent(*inbox, out_.path / "INBOX", error)) return;
    fail("INBOX lies in " + inbox->string() + ", and is looked for in " + out_.path.string() +
         "/INBOX: move it there, or make a link (ln -s " + inbox->string() + ' ' + out_.path.string() + "/INBOX)");
  }

  Read read_;
  const DovecotUser user_;
  DovecotMail out_;
};

}  // namespace

DovecotMail dovecot_mail(std::string_view settings, const DovecotUser& user) { return Finding(settings, user).run(); }

}  // namespace mirror

// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Where a Dovecot has its mail, by its settings (doveconf -n), and whether that can be used as it lies. Pure, but that
// it asks whether INBOX has a link in the store.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace mirror {

struct DovecotMail {
  std::filesystem::path path;                  // of the mail; INBOX is in it, or it is INBOX
  std::filesystem::path control;               // where dovecot-uidlist and the like lie; empty: beside the mail
  std::string subscriptions{"subscriptions"};  // the file's name, below `control` or `path`
  std::vector<std::string> told;               // what is left out, and what else a person should know; sentences
  std::string fault;                           // why it cannot be used as it lies; empty: it can
};

struct DovecotUser {
  std::filesystem::path home;
  std::string name;              // as it logs in at Dovecot: %u
  std::filesystem::path mail{};  // where a person says that the mail lies; empty: as the settings say
};

// Of Dovecot 2.2 to 2.3 (mail_location) and 2.4 (mail_driver, mail_path ...).
DovecotMail dovecot_mail(std::string_view settings, const DovecotUser& user);

}  // namespace mirror

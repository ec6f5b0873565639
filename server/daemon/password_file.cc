// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "server/daemon/password_file.h"

#include <sys/stat.h>

#include <memory>

#include "proto/base/files.h"
#include "proto/base/lines.h"

namespace server {

namespace {

// Looks at every octet, wherever the first difference is.
bool same_octets(const std::string& a, const std::string& b) {
  unsigned difference = a.size() == b.size() ? 0 : 1;
  for (std::size_t i = 0; i < b.size(); ++i)
    difference |= static_cast<unsigned char>(a[i % (a.size() + 1)]) ^ static_cast<unsigned char>(b[i]);
  return difference == 0;
}

}  // namespace

base::Result<std::unique_ptr<PasswordFile>> PasswordFile::read(const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) < 0) return base::refuse(base::Reason::Configuration, path + " cannot be read");
  if (status.st_mode & 077)
    return base::refuse(base::Reason::Configuration, path + " is readable by others; chmod 600 it");
  auto out = std::make_unique<PasswordFile>();
  const auto text = base::read_file(path);
  std::string_view rest = text;
  while (const auto next = base::take_line(rest)) {
    const std::string line(*next);
    const auto colon = line.find(':');
    if (line.empty() || line.starts_with('#')) continue;
    if (colon == std::string::npos) return base::refuse(base::Reason::Configuration, path + ": a line without ':'");
    auto password = line.substr(colon + 1);
    if (password.starts_with("{PLAIN}")) password.erase(0, 7);
    out->passwords_[line.substr(0, colon)] = base::Secret(password);
  }
  return out;
}

bool PasswordFile::accepts(const std::string& user, const base::Secret& password) {
  const auto it = passwords_.find(user);
  static const std::string nobody(64, 'x');
  const auto& expected = it == passwords_.end() ? nobody : it->second.reveal();
  return same_octets(expected, password.reveal()) && it != passwords_.end();
}

}  // namespace server

// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Who may log in over TCP: a file of lines user:password, readable by its owner alone.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "proto/base/result.h"
#include "server/authenticator.h"

namespace server {

class PasswordFile final : public Authenticator {
 public:
  static base::Result<std::unique_ptr<PasswordFile>> read(const std::string& path);
  bool accepts(const std::string& user, const base::Secret& password) override;

 private:
  std::map<std::string, base::Secret> passwords_;
};

}  // namespace server

// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Authenticator: who may log in, where a session does not start authenticated.
#pragma once

#include <string>

#include "proto/base/log.h"

namespace server {

class Authenticator {
 public:
  virtual ~Authenticator() = default;
  // Called on a worker thread; may take its time. Takes as long for an unknown user as for a wrong password.
  virtual bool accepts(const std::string& user, const base::Secret& password) = 0;
};

}  // namespace server

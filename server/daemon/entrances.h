// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Entrances: where clients may come in and what they must show there, as the command line says it; checked before the
// store is touched.
#pragma once

#include <memory>
#include <vector>

#include "proto/transport/tls_stream.h"
#include "server/daemon/options.h"
#include "server/daemon/password_file.h"

namespace server {

struct Entrances {
  std::vector<ListenAddress> addresses;
  std::unique_ptr<PasswordFile> passwords;                       // none: only Unix sockets
  std::shared_ptr<const transport::TlsServerIdentity> identity;  // none: no TLS
};

// Refuses with Configuration, or with why a file cannot be read.
base::Result<Entrances> read_entrances(const Options& options);

}  // namespace server

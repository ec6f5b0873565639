// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Owner: the one process that holds a store, lets clients in and embeds the sync.
#pragma once

#include <memory>

#include "server/daemon/options.h"

namespace server {

class Owner {
 public:
  virtual ~Owner() = default;
  virtual void run() = 0;  // until SIGTERM, SIGINT, another version's request, or idleness
};

// Serves when it returns. Refusals as MailStore::open()'s and read_entrances()'; throws std::system_error. The options
// outlive it.
base::Result<std::unique_ptr<Owner>> start_owner(const Options& options);

}  // namespace server

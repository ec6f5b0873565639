// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// The owner: holds the store, listens, serves every session.
#pragma once

#include "server/daemon/options.h"

namespace server {

int run_owner(const Options& options);  // the process's exit code

}  // namespace server

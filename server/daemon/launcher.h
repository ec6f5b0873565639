// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// The launcher, `imapd --stdio`: finds the store's owner, or starts one, and hands it the client's descriptors. Owners
// are another program, imapd-owner: loading its libraries takes longer than all that a launcher does.
#pragma once

#include "server/daemon/options.h"

namespace server {

int run_launcher(const Options& options);  // the process's exit code
int become_owner(char** argv);             // imapd-owner in this process's place; returns where there is none

}  // namespace server

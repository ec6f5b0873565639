// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// What systemd wants to be told (sd_notify(3)) and hands over (sd_listen_fds(3)).
#pragma once

#include <vector>

#include "proto/base/files.h"

namespace server {

void notify_systemd(const char* text);  // nothing where systemd did not start us
std::vector<base::FileDescriptor> take_systemd_sockets();

}  // namespace server

// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/transport/stream.h"

namespace transport {

asio::awaitable<void> Stream::flush() { co_return; }

}  // namespace transport

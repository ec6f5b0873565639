// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// The DEFLATE filter (RFC 4978): raw deflate both ways, a sync flush at each flush().
#pragma once

#include <memory>

#include "proto/transport/stream.h"

namespace transport {

std::unique_ptr<Stream> make_deflate_stream(std::unique_ptr<Stream> below, int level = 1);

}  // namespace transport

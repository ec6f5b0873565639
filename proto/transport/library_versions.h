// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// The versions of what this room uses, as they are loaded now.
#pragma once

#include <string>

namespace transport {

std::string library_versions();

}  // namespace transport

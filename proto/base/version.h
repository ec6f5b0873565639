// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Postern's version, from the first lines of meson.build.
#pragma once

namespace base {

const char* version();
const char* library_versions();  // of those that it was built with, and of the compiler

}  // namespace base

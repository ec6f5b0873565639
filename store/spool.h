// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Where large messages go while they arrive: into the store, as the files that they will be. A mailbox on the same file
// system takes such a file over (Mailbox::append) and does not write it again.
#pragma once

#include <filesystem>

#include "proto/spool.h"

namespace store {

// `root`: of an open store. What a killed process left there goes when the store is opened.
imap::SpoolFactory spool_in_store(const std::filesystem::path& root);

}  // namespace store

// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Removal of a mailbox's directory in steps of which the first decides, so that a crash leaves the mailbox or none of
// it.
#pragma once

#include <filesystem>
#include <functional>

namespace store {

// Moves `cur` out of the mailbox's directory into `<root>/.postern/deleted-…`: from now on there is no mailbox. Returns
// where it went. Throws std::system_error; then the mailbox is as it was.
std::filesystem::path set_aside(const std::filesystem::path& root, const std::filesystem::path& mailbox_directory);
// Moves the rest there too. Directories of mailboxes below stay. Whoever calls it removes what was set aside.
void finish_removal(const std::filesystem::path& mailbox_directory, const std::filesystem::path& aside);
// The directories above it that hold nothing any more, up to the root: no name above others is left behind.
void remove_empty_above(const std::filesystem::path& root, const std::filesystem::path& mailbox_directory);
// Finishes what a crash interrupted; for the opening of a store.
// before_end: called with what was set aside, and where it lay.
void finish_removals(const std::filesystem::path& root,
                     const std::function<void(const std::filesystem::path&, const std::filesystem::path&)>& before_end);

}  // namespace store

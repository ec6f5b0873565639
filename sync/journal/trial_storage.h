// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "sync/journal/journal.h"

namespace mirror {

// What is written stays in memory, and is seen by who reads from here; `below`, which outlives it, is only read. For a
// pass that is planned and not made.
std::unique_ptr<JournalStorage> make_trial_storage(JournalStorage& below);

}  // namespace mirror

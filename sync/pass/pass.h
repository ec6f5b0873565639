// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Pass: all mailboxes of two replicas, once: which are in scope, which must be made, which must be looked at.
#pragma once

#include <asio/awaitable.hpp>

#include "sync/pass/context/pass_context.h"
#include "sync/pass/context/scope.h"
#include "sync/replica.h"

namespace mirror {

// True: both sides are the same as far as is known. False: progress.problems says what is left.
asio::awaitable<bool> run_pass(PassContext& context, Replica& local, Replica& remote, const Scope& scope);

}  // namespace mirror

// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/pass/context/pass_context.h"

#include "proto/base/clock.h"

namespace mirror {

bool PassContext::tries(const Held& held) const {
  return held.kind == Held::Kind::Refused && (tries_all_held || held.next_try <= base::unix_now());
}

}  // namespace mirror

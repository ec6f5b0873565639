// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// What a server's NO or BAD means.
#pragma once

#include "proto/base/result.h"
#include "proto/response.h"

namespace mirror {

base::Refusal refusal_of(const imap::StatusResponse& answer);
base::Refusal refusal_of_append(
    const imap::StatusResponse& answer);  // a quota may be told in words alone; Limit: not now

}  // namespace mirror

// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sync/command/command.h"

namespace mirror {

void show_plan(const PassPlan& plan, CommandOutput& output);  // for a person

}  // namespace mirror

// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Session: one client. Read, parse, check state, dispatch, report changes, answer.
#pragma once

#include "server/session_context.h"

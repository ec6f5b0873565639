// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// The text of what STATUS asks for, read and written.
#pragma once

#include "proto/status_items.h"

namespace imap {

class Parser;
class Printer;

StatusItems parse_status_items(Parser& parser);  // "(" status-att *(SP status-att) ")"
void print_status_items(Printer& printer, const StatusItems& items);

}  // namespace imap

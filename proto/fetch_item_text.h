// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// The text of what FETCH asks for, read and written.
#pragma once

#include "proto/fetch_item.h"

namespace imap {

class Parser;
class Printer;

FetchItems parse_fetch_items(Parser& parser);  // one item, a macro, or a list in parentheses
void print_fetch_item(Printer& printer, const FetchItem& item);
void print_section(Printer& printer, const Section& section);  // "[...]"

}  // namespace imap

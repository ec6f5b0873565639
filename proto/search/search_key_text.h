// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// The text of SEARCH's criteria, read and written.
#pragma once

#include "proto/search/search_key.h"

namespace imap {

class Parser;
class Printer;

SearchKey parse_search_keys(Parser& parser);  // search-key *(SP search-key), to the end of the frame; one key, or And
void print_search_keys(Printer& printer, const SearchKey& key);  // And at the top is written without parentheses

}  // namespace imap

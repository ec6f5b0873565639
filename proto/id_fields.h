// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// The parameter list of ID, command and response alike (RFC 2971).
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace imap {

class Printer;

void print_id_fields(Printer& printer, const std::vector<std::pair<std::string, std::optional<std::string>>>& fields);

}  // namespace imap

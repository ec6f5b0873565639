// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Collation of SORT and THREAD: i;unicode-casemap (RFC 5051) as Dovecot has it.
#pragma once

#include <string>
#include <string_view>

namespace mail {

// Texts are compared by the octets of this. Each character becomes its title case and is then decomposed by one step,
// where fold_case() of SEARCH goes on to the end; what is no UTF-8 becomes U+FFFD, several one.
std::string collation_key(std::string_view utf8);
void append_collation_key(std::string& out, std::string_view utf8);

}  // namespace mail

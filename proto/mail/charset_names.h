// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Names of charsets as mail has them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mail {

// What iconv may know a charset by, the best first. Of charsets that mail programs fill up with more characters than
// their names allow (GBK in "gb2312", Windows' Japanese in "shift_jis") the larger one comes first.
std::vector<std::string> iconv_names(std::string_view charset);

// Where a backslash is a yen sign.
bool is_shift_jis(std::string_view charset);

}  // namespace mail

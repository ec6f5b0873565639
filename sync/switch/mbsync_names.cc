// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/switch/mbsync_names.h"

#include <cctype>

namespace mirror::mbsync {

std::string with_nuls(const std::string& name) {
  std::string out;
  for (const char c : name) out += c == '/' ? std::string("\\x00") : std::string(1, c);
  return out;
}

std::string expression_of(const std::string& pattern) {
  std::string out;
  for (const char c : pattern) {
    if (c == '*')
      out += ".*";
    else if (c == '%')
      out += "[^\\x00]*";
    else if (c == '/')
      out += "\\x00";
    else
      out +=
          std::string(std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-' || c == ' ' ? "" : "\\") + c;
  }
  return out;
}

}  // namespace mirror::mbsync

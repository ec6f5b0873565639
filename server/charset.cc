// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include <iconv.h>
#include <memory>
#include <utility>

#include "proto/flags.h"
#include "server/charset.h"

namespace server {

namespace {

struct CloseIconv {
  void operator()(void* handle) const { iconv_close(handle); }
};
using Iconv = std::unique_ptr<void, CloseIconv>;

Iconv open_iconv(const std::string& from) {
  const auto handle = iconv_open("UTF-8", from.c_str());
  return Iconv(handle == reinterpret_cast<iconv_t>(-1) ? nullptr : handle);
}

}  // namespace

std::optional<CharsetConverter> CharsetConverter::open(std::string_view charset) {
  for (const auto* plain : {"", "US-ASCII", "UTF-8", "UTF8", "ASCII"})
    if (imap::equal_ignoring_case(charset, plain)) return CharsetConverter("");
  const bool harmless = charset.size() < 64 && charset.find('/') == std::string_view::npos;  // "//" means more to iconv
  if (!harmless || !open_iconv(std::string(charset))) return std::nullopt;
  return CharsetConverter(std::string(charset));
}

std::optional<std::string> CharsetConverter::to_utf8(std::string_view text) const {
  if (charset_.empty()) return std::string(text);
  const auto handle = open_iconv(charset_);
  std::string in(text), out(text.size() * 4 + 16, 0);
  char *from = in.data(), *to = out.data();
  std::size_t from_left = in.size(), to_left = out.size();
  if (!handle || iconv(handle.get(), &from, &from_left, &to, &to_left) == static_cast<std::size_t>(-1) ||
      iconv(handle.get(), nullptr, nullptr, &to, &to_left) == static_cast<std::size_t>(-1))
    return std::nullopt;
  out.resize(out.size() - to_left);
  return out;
}

}  // namespace server

// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/mail/charset.h"

#include <iconv.h>
#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <list>
#include <vector>

#include "proto/flags.h"
#include "proto/mail/charset_names.h"
#include "proto/mailbox_name.h"

namespace mail {

namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

void append_replacement(std::string& out) {
  if (!out.ends_with(kReplacement)) out += kReplacement;
}

class Converter {
 public:
  // By any name that iconv may know it by, or by the very name alone.
  enum class Names : std::uint8_t { Any, Same };
  Converter(const std::string& charset, Names names)
      : charset_(charset), names_(names), japanese_(names == Names::Any && is_shift_jis(charset)) {
    for (const auto& name : names == Names::Any ? iconv_names(charset) : std::vector{charset})
      if (!good()) handle_ = ::iconv_open("UTF-8", name.c_str());
  }
  ~Converter() {
    if (good()) ::iconv_close(handle_);
  }
  Converter(const Converter&) = delete;
  Converter& operator=(const Converter&) = delete;
  bool good() const { return reinterpret_cast<std::intptr_t>(handle_) != -1; }
  bool is(std::string_view charset, Names names) const { return charset_ == charset && names_ == names; }

  std::string convert(std::string_view octets) {
    std::string out;
    char buffer[4096];
    char* from = const_cast<char*>(octets.data());
    std::size_t left = octets.size();
    ::iconv(handle_, nullptr, nullptr, nullptr, nullptr);
    while (left > 0) {
      char* to = buffer;
      std::size_t room = sizeof buffer;
      const auto result = ::iconv(handle_, &from, &left, &to, &room);
      const int fault = errno;
      out.append(buffer, static_cast<std::size_t>(to - buffer));
      if (result != static_cast<std::size_t>(-1) || fault == E2BIG) continue;
      const bool breaks_off = fault == EINVAL;
      if (!breaks_off || names_ == Names::Any) append_replacement(out);
      if (breaks_off) break;
      ++from;
      --left;
    }
    if (names_ == Names::Same) return out;
    // Some charsets hold a letter back until they know whether a mark follows.
    char* to = buffer;
    std::size_t room = sizeof buffer;
    ::iconv(handle_, nullptr, nullptr, &to, &room);
    out.append(buffer, static_cast<std::size_t>(to - buffer));
    return japanese_ ? with_yen_signs(out) : out;
  }

 private:
  // Shift_JIS has a yen sign where Windows' variant of it, which has more letters, has a backslash.
  static std::string with_yen_signs(std::string_view text) {
    std::string out;
    for (const char c : text) {
      if (c == '\\')
        out += "\xC2\xA5";
      else
        out += c;
    }
    return out;
  }

  std::string charset_;
  Names names_;
  bool japanese_;
  iconv_t handle_ = reinterpret_cast<iconv_t>(-1);
};

// A thread's converters, the last used first: opening one is slow, and mail has few charsets.
Converter& converter(std::string_view charset, Converter::Names names = Converter::Names::Any) {
  constexpr std::size_t kMost = 12;
  static thread_local std::list<Converter> kept;
  auto found = std::ranges::find_if(kept, [&](const Converter& c) { return c.is(charset, names); });
  if (found == kept.end()) {
    kept.emplace_front(std::string(charset), names);
    if (kept.size() > kMost) kept.pop_back();
  } else {
    kept.splice(kept.begin(), kept, found);
  }
  return kept.front();
}

bool is_ascii(std::string_view text) {
  unsigned char all = 0;
  for (const char c : text) all |= static_cast<unsigned char>(c);
  return all < 0x80;
}

constexpr char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; }

void append_character(std::string& out, utf8proc_int32_t character) {
  std::array<utf8proc_uint8_t, 4> octets{};
  const auto size = ::utf8proc_encode_char(character, octets.data());
  out.append(reinterpret_cast<const char*>(octets.data()), static_cast<std::size_t>(size));
}

void append_folded_character(std::string& out, utf8proc_int32_t character) {
  std::array<utf8proc_int32_t, 32> decomposed{};
  int last_class = 0;
  const auto title = ::utf8proc_totitle(character);
  const auto n =
      ::utf8proc_decompose_char(title, decomposed.data(), decomposed.size(),
                                static_cast<utf8proc_option_t>(UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT), &last_class);
  if (n < 1 || n > static_cast<utf8proc_ssize_t>(decomposed.size())) {
    append_character(out, title);
    return;
  }
  for (std::size_t i = 0; i < static_cast<std::size_t>(n); ++i) append_character(out, decomposed[i]);
}

// Most letters beyond ASCII are among the first 0x800, folded once.
const std::string& folded_letter(utf8proc_int32_t character) {
  static const auto table = [] {
    std::array<std::string, 0x800> out;
    for (utf8proc_int32_t c = 0; c < 0x800; ++c) append_folded_character(out[static_cast<std::size_t>(c)], c);
    return out;
  }();
  return table[static_cast<std::size_t>(character)];
}

}  // namespace

bool is_utf8(std::string_view charset) {
  using imap::equal_ignoring_case;
  return charset.empty() || equal_ignoring_case(charset, "utf-8") || equal_ignoring_case(charset, "us-ascii") ||
         equal_ignoring_case(charset, "utf8") || equal_ignoring_case(charset, "ascii");
}

bool is_known_charset(std::string_view charset) { return is_utf8(charset) || converter(charset).good(); }

base::Result<std::string> to_utf8(std::string_view charset, std::string_view octets) {
  if (is_utf8(charset)) {
    if (imap::is_valid_utf8(octets)) return std::string(octets);
    return converter("UTF-8").convert(octets);
  }
  auto& by = converter(charset);
  if (!by.good()) return base::refuse(base::Reason::BadCharset, "the charset is not known");
  return by.convert(octets);
}

std::optional<std::string> to_utf8_by_name(std::string_view charset, std::string_view octets) {
  if (is_utf8(charset)) return *to_utf8(charset, octets);
  auto& by = converter(charset, Converter::Names::Same);
  if (!by.good()) return std::nullopt;
  return by.convert(octets);
}

void append_folded(std::string& out, std::string_view utf8) {
  if (is_ascii(utf8)) {
    const auto before = out.size();
    out.resize(before + utf8.size());
    std::ranges::transform(utf8, out.begin() + static_cast<std::ptrdiff_t>(before), upper);
    return;
  }
  const auto* at = reinterpret_cast<const utf8proc_uint8_t*>(utf8.data());
  for (auto left = static_cast<utf8proc_ssize_t>(utf8.size()); left > 0;) {
    if (*at < 0x80) {
      out += upper(static_cast<char>(*at));
      ++at;
      --left;
      continue;
    }
    utf8proc_int32_t character = 0;
    auto size = ::utf8proc_iterate(at, left, &character);
    if (size < 1) {
      append_replacement(out);
      size = 1;
    } else if (character < 0x800) {
      out += folded_letter(character);
    } else {
      append_folded_character(out, character);
    }
    at += size;
    left -= size;
  }
}

std::string fold_case(std::string_view utf8) {
  std::string out;
  out.reserve(utf8.size());
  append_folded(out, utf8);
  return out;
}

}  // namespace mail

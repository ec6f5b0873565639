// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "store/charset.h"

#include <iconv.h>
#include <mimetic/codec/codec.h>
#include <utf8proc.h>

#include <cerrno>
#include <cstdlib>
#include <iterator>
#include <memory>

#include "proto/flags.h"
#include "proto/mailbox_name.h"

namespace store {

namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

class Converter {
 public:
  explicit Converter(const std::string& charset) : handle_(::iconv_open("UTF-8", charset.c_str())) {}
  ~Converter() {
    if (good()) ::iconv_close(handle_);
  }
  Converter(const Converter&) = delete;
  Converter& operator=(const Converter&) = delete;
  bool good() const { return handle_ != reinterpret_cast<iconv_t>(-1); }

  std::string convert(std::string_view octets) {
    std::string out;
    char buffer[4096];
    char* from = const_cast<char*>(octets.data());
    std::size_t left = octets.size();
    while (left > 0) {
      char* to = buffer;
      std::size_t room = sizeof buffer;
      const auto result = ::iconv(handle_, &from, &left, &to, &room);
      out.append(buffer, static_cast<std::size_t>(to - buffer));
      if (result != static_cast<std::size_t>(-1) || errno == E2BIG) continue;
      out += kReplacement;
      if (left > 0) {
        ++from;
        --left;
      }
    }
    return out;
  }

 private:
  iconv_t handle_;
};

std::string repaired_utf8(std::string_view octets) {
  if (imap::is_valid_utf8(octets)) return std::string(octets);
  return Converter("UTF-8").convert(octets);
}

template <class Codec>
std::string decoded_by(Codec codec, std::string_view octets) {
  std::string out;
  mimetic::decode(octets.begin(), octets.end(), codec, std::back_inserter(out));
  return out;
}

}  // namespace

bool is_known_charset(std::string_view charset) { return charset.empty() || Converter(std::string(charset)).good(); }

base::Result<std::string> to_utf8(std::string_view charset, std::string_view octets) {
  using imap::equal_ignoring_case;
  if (charset.empty() || equal_ignoring_case(charset, "utf-8") || equal_ignoring_case(charset, "us-ascii"))
    return repaired_utf8(octets);
  Converter converter{std::string(charset)};
  if (!converter.good()) return base::refuse(base::Reason::BadCharset, "the charset is not known");
  return converter.convert(octets);
}

std::string fold_case(std::string_view utf8) {
  bool ascii = true;
  for (const char c : utf8) ascii = ascii && static_cast<unsigned char>(c) < 0x80;
  std::string out;
  if (ascii) {
    out.reserve(utf8.size());
    for (const char c : utf8) out += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    return out;
  }
  utf8proc_uint8_t* folded = nullptr;
  const auto size =
      ::utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(utf8.data()), static_cast<utf8proc_ssize_t>(utf8.size()),
                     &folded, static_cast<utf8proc_option_t>(UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD));
  const std::unique_ptr<utf8proc_uint8_t, void (*)(void*)> guard(folded, &std::free);
  if (size < 0) return std::string(utf8);
  return {reinterpret_cast<const char*>(folded), static_cast<std::size_t>(size)};
}

std::string decode_transfer(std::string_view encoding, std::string_view octets) {
  if (imap::equal_ignoring_case(encoding, "base64")) return decoded_by(mimetic::Base64::Decoder(), octets);
  if (imap::equal_ignoring_case(encoding, "quoted-printable")) return decoded_by(mimetic::QP::Decoder(), octets);
  return std::string(octets);
}

// encoded-word = "=?" charset ["*" language] "?" encoding "?" encoded-text "?="; white space between two of them is not
// text.
std::string decode_words(std::string_view value) {
  std::string out;
  bool after_word = false;
  for (std::size_t at = 0; at < value.size();) {
    const auto start = value.find("=?", at);
    const auto plain = value.substr(at, start - at);
    if (!after_word || plain.find_first_not_of(" \t\r\n") != std::string_view::npos || start == std::string_view::npos)
      out += repaired_utf8(plain);
    if (start == std::string_view::npos) break;
    const auto charset_end = value.find('?', start + 2);
    const auto encoding_end = charset_end == std::string_view::npos ? charset_end : value.find('?', charset_end + 1);
    const auto end = encoding_end == std::string_view::npos ? encoding_end : value.find("?=", encoding_end + 1);
    if (end == std::string_view::npos || encoding_end != charset_end + 2) {
      out += "=?";
      at = start + 2;
      after_word = false;
      continue;
    }
    auto charset = value.substr(start + 2, charset_end - start - 2);
    charset = charset.substr(0, charset.find('*'));
    std::string text(value.substr(encoding_end + 1, end - encoding_end - 1));
    const char encoding = value[charset_end + 1];
    if (encoding == 'B' || encoding == 'b') {
      text = decode_transfer("base64", text);
    } else {
      for (auto& c : text)
        if (c == '_') c = ' ';
      std::string spaces;  // a trailing space would be taken for a soft line end
      while (text.ends_with(' ')) {
        text.pop_back();
        spaces += ' ';
      }
      text = decode_transfer("quoted-printable", text) + spaces;
    }
    out += to_utf8(charset, text).value_or(repaired_utf8(text));
    at = end + 2;
    after_word = true;
  }
  return out;
}

}  // namespace store

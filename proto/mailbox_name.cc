// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/mailbox_name.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "proto/flags.h"

namespace imap {

namespace {

constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

// Reads one code point of valid or invalid UTF-8; nullopt when it is not valid (overlong, surrogate, beyond U+10FFFF).
std::optional<char32_t> next_code_point(std::string_view text, std::size_t& at) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  const unsigned first = byte(at);
  if (first < 0x80) {
    ++at;
    return first;
  }
  const unsigned length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || at + length > text.size()) return std::nullopt;
  char32_t point = first & (0xFFu >> (length + 1));
  for (unsigned i = 1; i < length; ++i) {
    const unsigned next = byte(at + i);
    if ((next & 0xC0) != 0x80) return std::nullopt;
    point = (point << 6) | (next & 0x3F);
  }
  static constexpr std::array<char32_t, 5> kLeast{0, 0, 0x80, 0x800, 0x10000};
  if (point < kLeast[length] || point > 0x10FFFF || (point >= 0xD800 && point < 0xE000)) return std::nullopt;
  at += length;
  return point;
}

void append_utf8(std::string& out, char32_t point) {
  if (point < 0x80) {
    out += static_cast<char>(point);
    return;
  }
  if (point < 0x800) {
    out += static_cast<char>(0xC0 | (point >> 6));
  } else {
    if (point < 0x10000) {
      out += static_cast<char>(0xE0 | (point >> 12));
    } else {
      out += static_cast<char>(0xF0 | (point >> 18));
      out += static_cast<char>(0x80 | ((point >> 12) & 0x3F));
    }
    out += static_cast<char>(0x80 | ((point >> 6) & 0x3F));
  }
  out += static_cast<char>(0x80 | (point & 0x3F));
}

// The base64 of one "&...-" run, from UTF-16 units.
class Base64Run {
 public:
  explicit Base64Run(std::string& out) : out_(out) { out_ += '&'; }
  void unit(std::uint16_t value) {
    bits_ = (bits_ << 16) | value;
    count_ += 16;
    while (count_ >= 6) {
      count_ -= 6;
      out_ += kBase64[(bits_ >> count_) & 0x3F];
    }
  }
  void end() {
    if (count_ > 0) out_ += kBase64[(bits_ << (6 - count_)) & 0x3F];
    out_ += '-';
  }

 private:
  std::string& out_;
  std::uint64_t bits_ = 0;
  unsigned count_ = 0;
};

}  // namespace

bool is_valid_utf8(std::string_view bytes) {
  for (std::size_t at = 0; at < bytes.size();)
    if (!next_code_point(bytes, at)) return false;
  return true;
}

std::string encode_modified_utf7(std::string_view utf8) {
  std::string out;
  std::optional<Base64Run> run;
  const auto end_run = [&] {
    if (run) run->end();
    run.reset();
  };
  for (std::size_t at = 0; at < utf8.size();) {
    const auto start = at;
    const auto point = next_code_point(utf8, at);
    if (!point) {  // not UTF-8: the octet is kept as it is, so that nothing is lost
      end_run();
      out += utf8[start];
      at = start + 1;
      continue;
    }
    if (*point >= 0x20 && *point <= 0x7E) {
      end_run();
      out += static_cast<char>(*point);
      if (*point == '&') out += '-';
      continue;
    }
    if (!run) run.emplace(out);
    if (*point >= 0x10000) {
      const auto rest = *point - 0x10000;
      run->unit(static_cast<std::uint16_t>(0xD800 + (rest >> 10)));
      run->unit(static_cast<std::uint16_t>(0xDC00 + (rest & 0x3FF)));
    } else {
      run->unit(static_cast<std::uint16_t>(*point));
    }
  }
  end_run();
  return out;
}

namespace {

// Also what is not written as it should be (ASCII in base64, split runs, stray bits).
std::optional<std::string> decode_leniently(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at++];
    if (c < 0x20 || c > 0x7E) return std::nullopt;
    if (c != '&') {
      out += c;
      continue;
    }
    const auto end = text.find('-', at);
    if (end == std::string_view::npos) return std::nullopt;
    if (end == at) {
      out += '&';
      ++at;
      continue;
    }
    std::uint64_t bits = 0;
    unsigned count = 0;
    char32_t high = 0;
    for (; at < end; ++at) {
      const auto digit = kBase64.find(text[at]);
      if (digit == std::string_view::npos) return std::nullopt;
      bits = (bits << 6) | digit;
      count += 6;
      if (count < 16) continue;
      count -= 16;
      const auto unit = static_cast<std::uint16_t>(bits >> count);
      const bool is_high = unit >= 0xD800 && unit < 0xDC00, is_low = unit >= 0xDC00 && unit < 0xE000;
      if (is_low != (high != 0)) return std::nullopt;
      if (is_high) {
        high = unit;
      } else if (is_low) {
        append_utf8(out, 0x10000 + ((high - 0xD800) << 10) + (unit - 0xDC00u));
        high = 0;
      } else {
        append_utf8(out, unit);
      }
    }
    if (high != 0 || count >= 6) return std::nullopt;
    at = end + 1;
  }
  return out;
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

// What a person reads of one component. One that would hold control characters (NUL) is rather read as it stands, and
// shows them as '?'.
std::string readable(std::string_view text) {
  if (auto decoded = decode_leniently(text); decoded && std::ranges::none_of(*decoded, is_control)) return *decoded;
  std::string out;
  if (is_valid_utf8(text))
    out = text;
  else
    for (const char c : text) append_utf8(out, static_cast<unsigned char>(c));  // Latin-1
  std::ranges::replace_if(out, is_control, '?');
  return out;
}

// Component by component, so that what is below a mailbox stays there, whichever of the two is spelt badly.
std::string readable(std::string_view text, char delimiter) {
  if (delimiter == 0 || delimiter == '&' || delimiter == '-' || kBase64.find(delimiter) != std::string_view::npos)
    return readable(text);
  std::string out;
  for (std::size_t start = 0;;) {
    const auto end = std::min(text.find(delimiter, start), text.size());
    out += readable(text.substr(start, end - start));
    if (end == text.size()) return out;
    out += delimiter;
    start = end + 1;
  }
}

}  // namespace

std::optional<std::string> decode_modified_utf7(std::string_view text) {
  auto out = decode_leniently(text);
  // One name has one text: what would be written otherwise is not valid.
  if (out && encode_modified_utf7(*out) != text) return std::nullopt;
  return out;
}

MailboxName::MailboxName(std::string_view utf8, char delimiter) : name_(utf8) {
  constexpr std::string_view kInbox = "INBOX";
  if (name_.size() < kInbox.size() || !equal_ignoring_case(std::string_view(name_).substr(0, kInbox.size()), kInbox))
    return;
  if (name_.size() == kInbox.size() || (delimiter != 0 && name_[kInbox.size()] == delimiter))
    name_.replace(0, kInbox.size(), kInbox);
}

std::optional<MailboxName> MailboxName::from_modified_utf7(std::string_view text, char delimiter) {
  const auto decoded = decode_modified_utf7(text);
  if (!decoded) return std::nullopt;
  return MailboxName(*decoded, delimiter);
}

MailboxName MailboxName::from_wire(std::string_view text, char delimiter) {
  MailboxName out(readable(text, delimiter), delimiter);
  if (!out.is_inbox() && encode_modified_utf7(out.name_) != text) out.wire_ = text;
  return out;
}

std::string MailboxName::modified_utf7() const { return wire_.empty() ? encode_modified_utf7(name_) : wire_; }

std::vector<std::string> MailboxName::components(char delimiter) const {
  std::vector<std::string> out;
  std::size_t start = 0;
  for (;;) {
    const auto end = delimiter == 0 ? std::string::npos : name_.find(delimiter, start);
    out.push_back(name_.substr(start, end - start));
    if (end == std::string::npos) return out;
    start = end + 1;
  }
}

std::optional<MailboxName> MailboxName::parent(char delimiter) const {
  const auto at = delimiter == 0 ? std::string::npos : name_.rfind(delimiter);
  if (at == std::string::npos || at == 0) return std::nullopt;
  return MailboxName(std::string_view(name_).substr(0, at), delimiter);
}

bool MailboxName::is_below(const MailboxName& ancestor, char delimiter) const {
  return delimiter != 0 && name_.size() > ancestor.name_.size() && name_.starts_with(ancestor.name_) &&
         name_[ancestor.name_.size()] == delimiter;
}

}  // namespace imap

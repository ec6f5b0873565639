// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/printer.h"

#include <charconv>

#include "proto/parser.h"

namespace imap {

namespace {

constexpr std::size_t kLongestOfClient = 4096;  // quoted: servers refuse lines that are too long
constexpr std::size_t kMostEscapes = 4;         // as Dovecot has it

// A quoted string may not hold NUL, CR, LF or (here) 8-bit octets; one with many backslashes reads better as a literal.
bool can_be_quoted(std::string_view octets) {
  std::size_t escapes = 0;
  for (const char c : octets) {
    const auto u = static_cast<unsigned char>(c);
    if (u == 0 || u == '\r' || u == '\n' || u >= 0x80) return false;
    if (u == '"' || u == '\\') ++escapes;
  }
  return escapes <= kMostEscapes;
}

bool is_atom(std::string_view text) {
  if (text.empty()) return false;
  for (const char c : text)
    if (!is_astring_char(c)) return false;
  return !equal_ignoring_case(text, "NIL");
}

}  // namespace

Printer& Printer::number(std::uint64_t n) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, n).ptr;
  out_.append(digits, end);
  return *this;
}

Printer& Printer::atom(std::string_view text) {
  out_ += text;
  return *this;
}

Printer& Printer::astring(std::string_view octets) {
  if (is_atom(octets)) return atom(octets);
  return string(octets);
}

Printer& Printer::string(std::string_view octets) {
  const bool too_long = literals_ != Literals::Plain && octets.size() > kLongestOfClient;
  if (too_long || !can_be_quoted(octets)) return literal(octets);
  out_ += '"';
  if (octets.find_first_of("\"\\") == std::string_view::npos) {
    out_ += octets;
  } else {
    for (const char c : octets) {
      if (c == '"' || c == '\\') out_ += '\\';
      out_ += c;
    }
  }
  out_ += '"';
  return *this;
}

Printer& Printer::nstring(const NString& octets) {
  if (!octets) return raw("NIL");
  return string(*octets);
}

bool Printer::must_wait(std::uint64_t octets) const {
  switch (literals_) {
    case Literals::Plain: return false;
    case Literals::NonSync: return octets > kMayBeRefused;
    case Literals::NonSyncSmall: return octets > 4096;
    case Literals::Sync: break;
  }
  return true;
}

Printer& Printer::literal(std::string_view octets) {
  out_ += '{';
  number(octets.size());
  const bool waits = must_wait(octets.size());
  out_ += waits || literals_ == Literals::Plain ? "}\r\n" : "+}\r\n";
  if (waits) breaks_.push_back(out_.size());
  out_ += octets;
  return *this;
}

Printer& Printer::literal(const Literal& octets) {
  if (const auto* bytes = octets.in_memory()) return literal(std::string_view(*bytes));
  out_ += '{';
  number(octets.size());
  const bool waits = must_wait(octets.size());
  out_ += waits || literals_ == Literals::Plain ? "}\r\n" : "+}\r\n";
  if (waits) breaks_.push_back(out_.size());
  splices_.push_back({out_.size(), octets});
  return *this;
}

Printer& Printer::mailbox(const MailboxName& name) {
  if (utf8_) return astring(name.utf8());
  return astring(name.modified_utf7());
}

// What is no UTF-8 was not understood when it was read, and is written as it came.
Printer& Printer::pattern(std::string_view utf8) {
  if (utf8_ || !is_valid_utf8(utf8)) return string(utf8);
  return string(encode_modified_utf7(utf8));
}

Printer& Printer::flag_list(const FlagSet& flags, bool recent) {
  out_ += '(';
  bool first = true;
  const auto put = [&](std::string_view name) {
    if (!first) out_ += ' ';
    first = false;
    out_ += name;
  };
  if (const auto bits = flags.system_bits(); bits != 0)
    for (const auto& row : kFlagTable)
      if (bits & static_cast<std::uint8_t>(row.flag)) put(row.name);
  for (const auto& keyword : flags.keywords()) put(keyword);
  if (recent) put("\\Recent");
  out_ += ')';
  return *this;
}

Printer& Printer::date_time(DateTime when) {
  out_ += '"';
  out_ += format_date_time(when);
  out_ += '"';
  return *this;
}

Printer& Printer::sequence_set(const SequenceSet& set) {
  if (set.saved) return raw("$");
  const auto one = [&](std::uint32_t n) {
    if (n == 0)
      out_ += '*';
    else
      number(n);
  };
  bool first = true;
  for (const auto& range : set.ranges) {
    if (!first) out_ += ',';
    first = false;
    one(range.first);
    if (range.last != range.first) {
      out_ += ':';
      one(range.last);
    }
  }
  return *this;
}

}  // namespace imap

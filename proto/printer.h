// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Printer: the parser's mirror; appends to an output buffer and knows when a string must be quoted or a literal.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "proto/date_time.h"
#include "proto/flags.h"
#include "proto/literal.h"
#include "proto/mailbox_name.h"
#include "proto/message_data.h"
#include "proto/sequence_set.h"

namespace imap {

class Printer {
 public:
  // How literals are written: a server never waits (Plain, "{n}"); a client with LITERAL+ writes "{n+}"; with LITERAL-
  // "{n+}" up to 4096 octets; a client without must wait for "+" at each break. What is so large that the server may
  // refuse it (kMayBeRefused) waits for "+" in any case: a refusal costs nothing then.
  enum class Literals : std::uint8_t { Plain, NonSync, NonSyncSmall, Sync };

  static constexpr std::uint64_t kMayBeRefused = 1024 * 1024;

  explicit Printer(std::string& out, Literals literals = Literals::Plain) : out_(out), literals_(literals) {}

  Printer& raw(std::string_view text) {
    out_ += text;
    return *this;
  }  // grammar, not data
  Printer& sp() {
    out_ += ' ';
    return *this;
  }
  Printer& crlf() {
    out_ += "\r\n";
    return *this;
  }
  Printer& number(std::uint64_t n);
  Printer& atom(std::string_view text);  // must be one
  Printer& astring(std::string_view octets);
  Printer& string(std::string_view octets);  // quoted, or a literal
  Printer& nstring(const NString& octets);
  Printer& literal(std::string_view octets);
  Printer& mailbox(const MailboxName& name);                      // modified UTF-7, or UTF-8 when set_utf8(true)
  Printer& pattern(std::string_view utf8);                        // LIST's: quoted, in modified UTF-7
  Printer& flag_list(const FlagSet& flags, bool recent = false);  // "(\Seen kw)"
  Printer& date_time(DateTime when);                              // quoted
  Printer& sequence_set(const SequenceSet& set);
  template <class Number>
  Printer& set(const IntervalSet<Number>& numbers) {
    return raw(numbers.to_string());
  }

  // Sync literals: where in out the peer must say "+" before the octets behind that offset are sent. Ascending.
  const std::vector<std::size_t>& breaks() const { return breaks_; }
  // A literal whose octets are in a file is not copied into out: its place is noted and the sender splices it in.
  // Ascending.
  struct Splice {
    std::size_t at;
    Literal literal;
  };
  const std::vector<Splice>& splices() const { return splices_; }
  Printer& literal(const Literal& octets);

  void set_utf8(bool on) { utf8_ = on; }
  std::string& out() { return out_; }

 private:
  bool must_wait(std::uint64_t octets) const;

  std::string& out_;
  Literals literals_;
  bool utf8_ = false;
  std::vector<std::size_t> breaks_;
  std::vector<Splice> splices_;
};

// Data items that have the same text in several responses.
void print_envelope(Printer& printer, const Envelope& envelope);
void print_body(Printer& printer, const BodyStructure& body, bool extended);  // BODY or BODYSTRUCTURE

}  // namespace imap

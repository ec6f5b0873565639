// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Parser: a cursor over one frame, a method per grammar symbol; nothing is copied but what a value owns.
// Every method throws SyntaxError where the frame does not hold what was asked for; the cursor is then anywhere.
#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "proto/date_time.h"
#include "proto/fetch_item.h"
#include "proto/flags.h"
#include "proto/frame.h"
#include "proto/literal.h"
#include "proto/mailbox_name.h"
#include "proto/message_data.h"
#include "proto/section.h"
#include "proto/sequence_set.h"

namespace imap {

// What was expected, and at which octet of the line. Never shows the peer's octets.
class SyntaxError : public std::exception {
 public:
  SyntaxError(std::size_t offset, std::string expected);
  const char* what() const noexcept override { return text_.c_str(); }
  std::size_t offset() const { return offset_; }

 private:
  std::size_t offset_;
  std::string text_;
};

// A mailbox name that is none, in a command that is otherwise understood so far.
class InvalidName : public SyntaxError {
 public:
  using SyntaxError::SyntaxError;
};

class Parser {
 public:
  // The frame must outlive the parser and the views that it gives out.
  explicit Parser(const Frame& frame) : frame_(&frame), text_(frame.text) {}

  std::size_t offset() const { return at_; }
  bool at_end() const { return at_ >= text_.size(); }
  char peek() const { return at_end() ? '\0' : text_[at_]; }
  std::string_view rest() const { return text_.substr(at_); }
  void skip(std::size_t octets) { at_ += octets; }
  void skip_spaces();
  [[noreturn]] void fail(std::string_view expected) const { throw SyntaxError(at_, std::string(expected)); }

  void expect(char c);
  bool accept(char c);  // takes it if it is next
  // Takes these octets if they are next, without regard to case; any octet may follow.
  bool accept_word(std::string_view word);
  bool accept_nil();  // "NIL", and not an atom that only begins so
  void expect_word(std::string_view word);
  void sp() { expect(' '); }
  void end();  // the end of the frame; a trailing space is tolerated

  std::uint32_t number();     // number
  std::uint64_t number64();   // number64, mod-sequence-valzer
  std::uint32_t nz_number();  // nz-number
  Uid uid() { return Uid(nz_number()); }
  ModSeq mod_sequence();  // mod-sequence-value
  ModSeq mod_sequence_or_zero() { return ModSeq(number64()); }

  std::string_view atom();  // 1*ATOM-CHAR
  std::string_view tag();
  std::string_view word();  // 1*(any but SP ( ) CTL ]): capability names, codes
  std::string upper_atom();
  std::string astring();
  std::string string();  // quoted / literal
  NString nstring();
  Literal literal_or_string();        // string as octets that may be in a file
  std::optional<Literal> nliteral();  // nstring, likewise
  Literal literal();                  // literal or literal8 only
  std::string list_mailbox();         // astring with wildcards
  MailboxName mailbox();              // astring in modified UTF-7; else InvalidName
  std::string flag_name();            // "\Seen", "\*" or a keyword
  FlagSet flag_list();                // "(" ... ")"; unknown system flags are errors
  FlagSet flags_without_parentheses();
  DateTime date_time();  // quoted
  Date date();           // quoted or not
  SequenceSet sequence_set();
  UidSet uid_set();                  // without "*" and "$"
  SeqSet seq_set();                  // likewise
  Section section();                 // "[...]"
  std::optional<Partial> partial();  // "<offset.length>"
  void skip_value();                 // one balanced value of any kind, for items that nobody knows

  // "(" f *(SP f) ")". An empty list is allowed when `empty` is.
  void list(const std::function<void()>& f, bool empty = false);

  void enter();  // counts recursion; throws when it is too deep
  void leave() { --depth_; }

  bool utf8 = false;     // mailbox names are UTF-8 (UTF8=ACCEPT)
  bool by_uid = false;   // the command is "UID name"
  bool lenient = false;  // reading a server: tolerate what does no harm

 private:
  std::string quoted();
  struct LiteralHead {
    std::uint64_t size;
  };
  LiteralHead literal_head();
  Section section_text(Section& out);
  template <class Number>
  IntervalSet<Number> interval_set();

  const Frame* frame_;
  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t next_spooled_ = 0;
  std::uint64_t loaded_ = 0;  // octets of spooled literals that string() has read back
  int depth_ = 0;
};

// Keeps Parser::enter and leave in step.
class Nested {
 public:
  explicit Nested(Parser& parser) : parser_(parser) { parser_.enter(); }
  ~Nested() { parser_.leave(); }
  Nested(const Nested&) = delete;
  Nested& operator=(const Nested&) = delete;

 private:
  Parser& parser_;
};

bool is_atom_char(char c);
bool is_astring_char(char c);
bool is_tag_char(char c);

}  // namespace imap

// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/response/thread.h"

#include <utility>

#include "proto/parser.h"
#include "proto/printer.h"

namespace imap {

namespace {

// Reads lists without recursion: those that are open lie on a stack.
class ThreadParser {
 public:
  explicit ThreadParser(Parser& parser) : parser_(parser) {}

  Threads parse() {
    for (parser_.skip_spaces(); !parser_.at_end();) {
      if (parser_.accept('('))
        begin();
      else if (parser_.accept(')'))
        end();
      else if (!parser_.accept(' '))
        number();
    }
    if (!open_.empty()) parser_.fail("a parenthesis");
    return std::move(out_);
  }

 private:
  static constexpr std::uint32_t kNone = UINT32_MAX;
  struct Open {
    std::uint32_t above;         // whose child the list begins with
    std::uint32_t last = kNone;  // of the list's messages
    bool nested = false;         // lists have begun in it
  };
  std::uint32_t add(std::uint32_t parent, std::uint32_t number) {
    if (parent != kNone) ++out_[parent].children;
    out_.push_back({number, 0});
    return static_cast<std::uint32_t>(out_.size() - 1);
  }
  void begin() {
    if (open_.empty()) return open_.push_back({kNone});
    auto& list = open_.back();
    if (list.last == kNone) list.last = add(list.above, 0);
    list.nested = true;
    open_.push_back({list.last});
  }
  void number() {
    if (open_.empty() || open_.back().nested) parser_.fail("a parenthesis");
    auto& list = open_.back();
    list.last = add(list.last == kNone ? list.above : list.last, parser_.nz_number());
  }
  void end() {
    if (open_.empty() || open_.back().last == kNone) parser_.fail("a message's number");
    open_.pop_back();
  }

  Parser& parser_;
  std::vector<Open> open_;
  Threads out_;
};

}  // namespace

// thread-data = "THREAD" [SP 1*thread-list]; thread-list = "(" (thread-members / thread-nested) ")"
// thread-members = nz-number *(SP nz-number) [SP thread-nested]; thread-nested = 2*thread-list
ThreadResponse ThreadResponse::parse(Parser& parser) { return {ThreadParser(parser).parse()}; }

// An only child follows its parent in the same list.
void ThreadResponse::print(Printer& printer) const {
  struct Open {
    std::uint32_t left;  // children that are still to come
    bool closes, chains;
  };
  std::vector<Open> open;
  printer.raw(threads.empty() ? "* THREAD" : "* THREAD ");
  for (const auto& node : threads) {
    const bool in_list = !open.empty() && open.back().chains && node.number != 0;
    if (!in_list) printer.raw("(");
    if (node.number != 0) printer.number(node.number);
    if (node.number != 0 && node.children > 0) printer.sp();
    open.push_back({node.children, !in_list, node.number != 0 && node.children == 1});
    while (!open.empty() && open.back().left == 0) {
      if (open.back().closes) printer.raw(")");
      open.pop_back();
      if (!open.empty()) --open.back().left;
    }
  }
  printer.crlf();
}

}  // namespace imap

// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// What was understood but cannot be done: Result<T> and Refusal.
// A missing thing that is ordinary is an optional; an activity that cannot go on throws.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <utility>

namespace base {

// Why something was refused, as far as a caller acts on it.
enum class Reason : std::uint8_t {
  NoSuchMailbox,   // [NONEXISTENT]
  AlreadyExists,   // [ALREADYEXISTS]
  InvalidName,     // [CANNOT]: a name that the store cannot hold
  HasChildren,     // [HASCHILDREN]
  ReadOnly,        // [READ-ONLY]
  NoSpace,         // [OVERQUOTA]: the disk or a limit is full
  TooBig,          // [TOOBIG]
  Limit,           // [LIMIT]
  Expunged,        // [EXPUNGEISSUED]: the message is gone
  NotPermitted,    // [NOPERM]
  InUse,           // [INUSE]: another process holds it
  BadCharset,      // [BADCHARSET]
  UseAttr,         // [USEATTR]
  Authentication,  // [AUTHENTICATIONFAILED]
  Unsupported,     // the peer lacks what is needed
  Usage,           // a command line is wrong
  Configuration,   // a configuration file is wrong, or what a command line names
  Corrupt,         // data at rest cannot be understood
  ConnectionLost,  // or none was made, or the peer does not talk sense: another connection may do
  Failed,          // anything else
};

struct Refusal {
  Reason reason = Reason::Failed;
  std::string text;  // one sentence for a person, no line ends
};

template <class T>
using Result = std::expected<T, Refusal>;

inline std::unexpected<Refusal> refuse(Reason reason, std::string text) {
  return std::unexpected(Refusal{reason, std::move(text)});
}

}  // namespace base

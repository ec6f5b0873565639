// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// StatusResponse: OK, NO, BAD, BYE, PREAUTH and why (RFC 9051 section 7.1), with its response code and the code's
// payload.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "proto/base/result.h"
#include "proto/numbers.h"
#include "proto/sequence_set.h"

namespace imap {

struct ResponseCode {
  // Codes without payload carry std::monostate. Unknown codes are kept as Other with their text.
  enum class Kind : std::uint8_t {
    Alert,
    AlreadyExists,
    AppendUid,
    AuthenticationFailed,
    AuthorizationFailed,
    BadCharset,
    Cannot,
    Capability,
    ClientBug,
    Closed,
    CompressionActive,
    ContactAdmin,
    CopyUid,
    Corruption,
    Expired,
    ExpungeIssued,
    HasChildren,
    HighestModSeq,
    InUse,
    Limit,
    MailboxId,
    Modified,
    NonExistent,
    NoModSeq,
    NoPerm,
    NotSaved,
    OverQuota,
    Parse,
    PermanentFlags,
    PrivacyRequired,
    ReadOnly,
    ReadWrite,
    ServerBug,
    TooBig,
    TryCreate,
    UidNext,
    UidNotSticky,
    UidValidity,
    Unavailable,
    UnknownCte,
    Unseen,
    UseAttr,
    Other,
  };
  struct AppendedUids {
    UidValidity validity;
    UidSet uids;
    bool operator==(const AppendedUids&) const = default;
  };
  // Source and destination UIDs, in pairs, in the order of the source; ranges are kept in this order, never sorted.
  struct CopiedUids {
    UidValidity validity;
    std::vector<Uid> from, to;
    bool operator==(const CopiedUids&) const = default;
  };
  // number: UidNext, UidValidity, Unseen, HighestModSeq. words: PermanentFlags, Capability, BadCharset. text: Other
  // ("NAME args"), MailboxId. messages: Modified (numbers or UIDs, as the command spoke).
  using Payload = std::variant<std::monostate, std::uint64_t, std::vector<std::string>, std::string, SequenceSet,
                               AppendedUids, CopiedUids>;

  Kind kind = Kind::Other;
  Payload payload;

  ResponseCode() = default;
  ResponseCode(Kind k) : kind(k) {}  // NOLINT: a code without payload is written as its kind
  ResponseCode(Kind k, Payload p) : kind(k), payload(std::move(p)) {}
  bool operator==(const ResponseCode&) const = default;
};

struct StatusResponse {
  enum class Kind : std::uint8_t { Ok, No, Bad, Bye, PreAuth };
  Kind kind = Kind::Ok;
  std::optional<ResponseCode> code;
  std::string text;

  static StatusResponse ok(std::string text) { return {Kind::Ok, std::nullopt, std::move(text)}; }
  static StatusResponse no(std::string text) { return {Kind::No, std::nullopt, std::move(text)}; }
  static StatusResponse bad(std::string text) { return {Kind::Bad, std::nullopt, std::move(text)}; }
  static StatusResponse bye(std::string text) { return {Kind::Bye, std::nullopt, std::move(text)}; }
  static StatusResponse no(const base::Refusal& refusal);  // with the code that the reason stands for
  StatusResponse with(ResponseCode c) && {
    code = std::move(c);
    return std::move(*this);
  }
  StatusResponse with(ResponseCode c) const& {
    auto r = *this;
    r.code = std::move(c);
    return r;
  }
  bool is_ok() const { return kind == Kind::Ok; }
  bool operator==(const StatusResponse&) const = default;
};

}  // namespace imap

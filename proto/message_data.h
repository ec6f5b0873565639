// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// What a message says of itself: Envelope, Address, BodyStructure (RFC 9051 section 7.5.2). Strings are octets as in
// the message.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace imap {

using NString = std::optional<std::string>;  // NIL or a string

struct Address {  // group syntax: start has a mailbox and no host, end has neither (RFC 9051)
  NString name;
  NString adl;  // source route
  NString mailbox;
  NString host;
  bool operator==(const Address&) const = default;
};
using AddressList = std::vector<Address>;  // empty prints as NIL

// A subject's and a name's text as people read it: white space within is one space, around it nothing. Printed so.
std::string collapse_spaces(std::string_view text);

struct Envelope {
  NString date;
  NString subject;
  AddressList from, sender, reply_to, to, cc, bcc;  // sender and reply_to already defaulted to from
  NString in_reply_to;
  NString message_id;
  bool operator==(const Envelope&) const = default;
};

using Parameters = std::vector<std::pair<std::string, std::string>>;  // in the order written; empty prints as NIL

struct BodyStructure {
  // multipart/*: children (at least one), subtype, and the extension data parameters..location.
  // message/rfc822: envelope and exactly one child. text/*, message/rfc822: lines.
  std::string type;  // as printed, for example "text"
  std::string subtype;
  Parameters parameters;
  NString id;
  NString description;
  std::string encoding = "7bit";
  std::uint64_t size = 0;  // octets, as transferred
  std::uint64_t lines = 0;
  std::unique_ptr<Envelope> envelope;  // message/rfc822 only
  std::vector<BodyStructure> children;
  // Extension data, BODYSTRUCTURE only.
  NString md5;
  std::optional<std::pair<std::string, Parameters>> disposition;
  std::vector<std::string> languages;
  NString location;

  bool is_multipart() const { return !children.empty() && !envelope; }
};

}  // namespace imap

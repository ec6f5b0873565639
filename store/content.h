// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Content: one reader's way to the text of messages: header blocks and structures from the index, bodies from the
// files.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "proto/message_data.h"
#include "proto/numbers.h"
#include "proto/section.h"
#include "proto/sequence_set.h"

namespace store {

// Octets to be sent: in memory, or a range of a message file, converted to wire form (CRLF) while read. Survives the
// message's expunge while held.
class Octets {
 public:
  class Source;  // private to the store
  Octets() = default;
  explicit Octets(std::string bytes) : bytes_(std::move(bytes)), size_(bytes_.size()) {}
  Octets(std::shared_ptr<Source> source, std::uint64_t offset, std::uint64_t size)
      : source_(std::move(source)), offset_(offset), size_(size) {}

  std::uint64_t size() const { return size_; }
  Octets slice(std::uint64_t offset, std::uint64_t length) const;  // clamped
  // Appends octets [offset, offset + length) to out; length is clamped. Sequential calls do not start over. Throws on
  // I/O errors.
  void append_to(std::string& out, std::uint64_t offset, std::uint64_t length) const;

 private:
  std::shared_ptr<Source> source_;
  std::string bytes_;
  std::uint64_t offset_ = 0;
  std::uint64_t size_ = 0;
};

// The texts of these messages are not here yet. Wait until Mailbox::subscribe() tells of a change after which they are
// no longer Message::elsewhere, make a new reader, and ask again. Nobody holds a thread meanwhile.
struct TextElsewhere : std::runtime_error {
  explicit TextElsewhere(imap::UidSet of) : runtime_error("the text is not here yet"), uids(std::move(of)) {}
  imap::UidSet uids;
};

// Not thread-safe; one per command; ascending UIDs are fastest. Missing values (nullopt, nullptr) mean that the message
// is gone. Pointers and views are valid until the next call. The first need of a foreign message's size or
// header reads and indexes it. Throws TextElsewhere.
class ContentReader {
 public:
  static constexpr std::uint64_t kHeaderSeen = 16u << 20;  // of a longer header block only the beginning is looked at
  virtual ~ContentReader() = default;
  virtual std::optional<std::uint64_t> size(imap::Uid uid) = 0;       // octets on the wire (RFC822.SIZE)
  virtual std::optional<std::string_view> header(imap::Uid uid) = 0;  // the header block with its empty line, wire form
  // SHA-256 of the message as it goes over the wire, 32 octets: equal for equal messages in whatever mailbox, and for
  // no others (EMAILID of RFC 8474 can stand on it). Known at once of what was appended or copied; a foreign message is
  // read for it, once.
  virtual std::optional<std::string> content_id(imap::Uid uid) = 0;
  virtual const imap::Envelope* envelope(imap::Uid uid) = 0;
  virtual const imap::BodyStructure* body_structure(imap::Uid uid) = 0;
  // BODY[section]; for a part that does not exist: empty octets with exists == false.
  struct SectionData {
    bool exists = true;
    Octets octets;
  };
  virtual std::optional<SectionData> section(imap::Uid uid, const imap::Section& section) = 0;
};

}  // namespace store

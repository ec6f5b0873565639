// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// ContentLinks: one reader's way from messages to the records of their contents, and what it found that the index does
// not know yet. Not thread-safe; ascending UIDs are fastest.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "store/index/contents.h"

namespace store {

class MailboxImpl;

keys::FileStamp stamp_of(const struct stat& status);
keys::FileStamp stamp_of(int file);

// A link that is to be written, and the content that it leads to.
struct NewContentLink {
  imap::Uid uid;
  keys::ContentLink link;
  bool replaces = false;  // the message was linked to another content
  Contents::Use use;
};

class ContentLinks {
 public:
  explicit ContentLinks(MailboxImpl& mailbox);
  ~ContentLinks();  // writes what was found; what cannot be written can be made again
  ContentLinks(const ContentLinks&) = delete;
  ContentLinks& operator=(const ContentLinks&) = delete;

  std::optional<std::string_view> find(keys::ContentPart part, imap::Uid uid);  // valid until the next of its part
  std::optional<keys::ContentRecord> record(imap::Uid uid);                     // where the content's id is known
  void put(keys::ContentPart part, imap::Uid uid, const std::string& value);

  // A message's file was opened. True: it is not the file that was read before, and only its whole text tells whether
  // its content is the same.
  bool opened(imap::Uid uid, const keys::FileStamp& file);
  // The text of the file that was opened last.
  void read_whole(imap::Uid uid, std::string sha256, std::uint64_t wire_size);

 private:
  void locate(imap::Uid uid);
  void link_to(const keys::ContentRecord& record, keys::ContentNumber nameless);
  void write_if_many();
  std::size_t new_octets() const;
  void write();

  MailboxImpl& mailbox_;
  std::unique_ptr<Index::Cursor> links_, parts_[std::size(keys::kContentParts)];
  imap::Uid uid_;  // whose is what follows
  keys::ContentLink link_;
  keys::ContentNumber stored_ = 0;  // the content that the index links it to
  std::optional<keys::FileStamp> file_;
  std::optional<keys::ContentRecord> record_;
  std::vector<NewContentLink> new_links_;
  std::unique_ptr<IndexBatch> new_parts_[std::size(keys::kContentParts)];  // a batch a kind: keys in order go in fast
};

}  // namespace store

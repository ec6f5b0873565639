// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "store/mailbox/content_links.h"

#include <algorithm>
#include <cerrno>
#include <exception>
#include <system_error>

#include "store/mailbox/mailbox_impl.h"

namespace store {

namespace {
constexpr std::size_t kBatchOctets = 1u << 20, kBatchLinks = 1000;

std::ptrdiff_t place_of(keys::ContentPart part) {
  return std::ranges::find(keys::kContentParts, part) - std::begin(keys::kContentParts);
}
}  // namespace

keys::FileStamp stamp_of(const struct stat& status) {
  const auto file = measured(status);
  return {file.size, file.changed, status.st_ino};
}

keys::FileStamp stamp_of(int file) {
  struct stat status{};
  if (::fstat(file, &status) < 0) throw std::system_error(errno, std::generic_category(), "fstat");
  return stamp_of(status);
}

ContentLinks::ContentLinks(MailboxImpl& mailbox) : mailbox_(mailbox) {}

ContentLinks::~ContentLinks() {
  try {
    write();
  } catch (...) {  // the records can be made again
  }
}

void ContentLinks::locate(imap::Uid uid) {
  if (uid_ == uid) return;
  uid_ = uid;
  link_ = {};
  file_.reset();
  record_.reset();
  stored_ = 0;
  if (!mailbox_.core().contents->are_usable()) return;
  if (!links_) links_ = mailbox_.core().index->cursor(Table::Rows);
  const auto stored = links_->find(keys::content_link(mailbox_.id(), uid));
  if (!stored) return;
  link_ = keys::decode_content_link(*stored).value_or(keys::ContentLink());
  stored_ = link_.number;
}

std::optional<std::string_view> ContentLinks::find(keys::ContentPart part, imap::Uid uid) {
  locate(uid);
  if (link_.number == 0) return std::nullopt;
  auto& cursor = parts_[place_of(part)];
  if (!cursor) cursor = mailbox_.core().index->cursor(Table::Content);
  return cursor->find(keys::content_part(part, link_.number));
}

std::optional<keys::ContentRecord> ContentLinks::record(imap::Uid uid) {
  locate(uid);
  if (!record_ && link_.number != 0) record_ = mailbox_.core().contents->find(link_.number);
  if (!record_ || record_->sha256.empty()) return std::nullopt;
  return record_;
}

void ContentLinks::put(keys::ContentPart part, imap::Uid uid, const std::string& value) {
  locate(uid);
  if (link_.number == 0) link_to({}, 0);
  if (link_.number == 0) return;
  auto& batch = new_parts_[place_of(part)];
  if (!batch) batch = std::make_unique<IndexBatch>();
  batch->put(keys::content_part(part, link_.number), value, Table::Content);
  write_if_many();
}

bool ContentLinks::opened(imap::Uid uid, const keys::FileStamp& file) {
  locate(uid);
  const bool is_known = link_.number != 0 && link_.file == file;
  file_ = file;
  if (is_known || link_.number == 0) return false;
  const bool has_id = record(uid).has_value();
  link_ = {};
  record_.reset();
  return has_id;
}

void ContentLinks::read_whole(imap::Uid uid, std::string sha256, std::uint64_t wire_size) {
  locate(uid);
  record_ = keys::ContentRecord{std::move(sha256), wire_size};
  link_to(*record_, link_.number);
  write_if_many();
}

void ContentLinks::link_to(const keys::ContentRecord& record, keys::ContentNumber nameless) {
  try {
    auto use = mailbox_.core().contents->use(record, nameless);
    const bool replaces = stored_ != 0 && stored_ != use.number();
    link_ = {use.number(), file_.value_or(link_.file)};
    new_links_.push_back({uid_, link_, replaces, std::move(use)});
  } catch (const std::system_error&) {
    // A full disk can be read.
  }
}

void ContentLinks::write_if_many() {
  if (new_links_.size() >= kBatchLinks || new_octets() > kBatchOctets) write();
}

std::size_t ContentLinks::new_octets() const {
  std::size_t out = 0;
  for (const auto& batch : new_parts_) out += batch ? batch->octets() : 0;
  return out;
}

// The links first: a number that the index does not know could be given again after a crash.
void ContentLinks::write() {
  const auto links = std::exchange(new_links_, {});
  std::unique_ptr<IndexBatch> parts[std::size(keys::kContentParts)];
  std::ranges::move(new_parts_, std::begin(parts));
  try {
    mailbox_.link_contents(links);
    for (const auto& batch : parts)
      if (batch) mailbox_.core().index->write(*batch, false);
  } catch (const std::system_error&) {
    // A full disk can be read.
  }
}

}  // namespace store

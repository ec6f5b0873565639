// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Reading messages' text: header blocks, envelopes and structures from the index (made on first need), bodies from the
// files.
#include <sys/stat.h>

#include <algorithm>
#include <system_error>

#include "store/header.h"
#include "store/mailbox_impl.h"
#include "store/mime.h"

namespace store {

// A message's file, read in wire form. Reading goes on where it was; going back starts over. The file stays open, so
// that it survives its expunge.
class Octets::Source {
 public:
  Source(base::FileDescriptor file, bool raw, std::uint64_t wire_size)
      : file_(std::move(file)), raw_(raw), wire_size_(wire_size) {}

  std::uint64_t wire_size() const { return wire_size_; }

  void append_to(std::string& out, std::uint64_t offset, std::uint64_t length) {
    if (offset < at_) restart();
    while (length > 0) {
      if (offset >= at_ && offset < at_ + piece_.size()) {
        const auto from = offset - at_;
        const auto n = std::min<std::uint64_t>(length, piece_.size() - from);
        out.append(piece_, from, n);
        offset += n;
        length -= n;
        continue;
      }
      if (!next_piece()) {
        // A foreign hand has cut the file: the announced size must hold all the same.
        out.append(length, ' ');
        return;
      }
    }
  }

 private:
  void restart() {
    at_ = file_at_ = 0;
    piece_.clear();
    after_cr_ = false;
  }
  bool next_piece() {
    at_ += piece_.size();
    piece_.clear();
    buffer_.resize(std::min<std::uint64_t>(128 * 1024, std::max<std::uint64_t>(wire_size_ + 1, 512)));
    const auto n = base::read_some_at(file_.get(), file_at_, buffer_);
    if (n == 0) return false;
    file_at_ += n;
    if (raw_)
      piece_.assign(buffer_, 0, n);
    else
      append_wire(piece_, std::string_view(buffer_).substr(0, n), after_cr_);
    return true;
  }

  base::FileDescriptor file_;
  bool raw_;
  std::uint64_t wire_size_;
  std::string buffer_, piece_;
  std::uint64_t at_ = 0;  // wire offset of piece_
  std::uint64_t file_at_ = 0;
  bool after_cr_ = false;
};

Octets Octets::slice(std::uint64_t offset, std::uint64_t length) const {
  Octets out = *this;
  const auto from = std::min(offset, size_);
  out.size_ = std::min(length, size_ - from);
  out.offset_ = offset_ + from;
  if (!source_) {
    out.bytes_ = bytes_.substr(from, out.size_);
    out.offset_ = 0;
  }
  return out;
}

void Octets::append_to(std::string& out, std::uint64_t offset, std::uint64_t length) const {
  if (offset >= size_) return;
  length = std::min(length, size_ - offset);
  if (source_)
    source_->append_to(out, offset_ + offset, length);
  else
    out.append(bytes_, offset, length);
}

namespace {

constexpr std::size_t kBatchOctets = 1u << 20;
constexpr std::uint64_t kHeaderPiece = 16 * 1024, kBodyPiece = 128 * 1024;
constexpr std::uint64_t kLongestHeader = 16u << 20;

class Reader final : public ContentReader {
 public:
  explicit Reader(std::shared_ptr<MailboxImpl> mailbox) : mailbox_(std::move(mailbox)) {}
  ~Reader() override {
    try {
      write_batch();
    } catch (const std::exception&) {  // the records can be made again
    }
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  std::optional<std::string_view> header(imap::Uid uid) override {
    if (const auto stored = find(header_cursor_, keys::Content::Header, uid)) return stored;
    if (!read_header(uid)) return std::nullopt;
    return header_;
  }

  const imap::Envelope* envelope(imap::Uid uid) override {
    if (const auto stored = find(envelope_cursor_, keys::Content::Envelope, uid)) {
      if (auto decoded = decode_envelope(*stored)) {
        envelope_ = std::move(*decoded);
        return &envelope_;
      }
    }
    const auto block = header(uid);
    if (!block) return nullptr;
    envelope_ = parse_envelope(*block);
    put(keys::Content::Envelope, uid, encode(envelope_));
    return &envelope_;
  }

  const imap::BodyStructure* body_structure(imap::Uid uid) override {
    const auto* part = structure(uid);
    if (part == nullptr) return nullptr;
    body_structure_ = to_body_structure(*part);
    return &body_structure_;
  }

  std::optional<SectionData> section(imap::Uid uid, const imap::Section& section) override {
    using Text = imap::Section::Text;
    if (section.part.empty() && (section.text == Text::HeaderFields || section.text == Text::HeaderFieldsNot)) {
      const auto block = header(uid);
      if (!block) return std::nullopt;
      return filtered(*block, section);
    }
    if (section.part.empty() && section.text == Text::Header) {
      const auto block = header(uid);
      if (!block) return std::nullopt;
      return SectionData{true, Octets(std::string(*block))};
    }
    if (section.part.empty() && section.text == Text::All) {
      auto source = open(uid);
      if (!source) return std::nullopt;
      const auto size = source->wire_size();
      return SectionData{true, Octets(std::move(source), 0, size)};
    }
    const auto* part = structure(uid);
    if (part == nullptr) return std::nullopt;
    const auto place = locate(*part, section);
    if (!place) return SectionData{false, Octets()};
    auto source = open(uid);
    if (!source) return std::nullopt;
    if (!place->filtered) return SectionData{true, Octets(std::move(source), place->offset, place->size)};
    return filtered(read_block(*source, place->offset), section);
  }

 private:
  std::optional<std::string_view> find(std::unique_ptr<Index::Cursor>& cursor, keys::Content kind, imap::Uid uid) {
    if (!cursor) cursor = mailbox_->core().index->cursor(Table::Content);
    return cursor->find(keys::content(kind, mailbox_->id(), uid));
  }

  static bool ends_with_empty_line(std::string_view block) {
    return block == "\r\n" || block == "\n" || block.ends_with("\n\r\n") || block.ends_with("\n\n");
  }

  static SectionData filtered(std::string_view block, const imap::Section& section) {
    const bool others = section.text == imap::Section::Text::HeaderFieldsNot;
    auto fields = filter_header(block, section.fields, others);
    // At the top HEADER.FIELDS ends with an empty line even where the header does not, as Dovecot has it.
    if (!others && section.part.empty() && !ends_with_empty_line(fields)) fields += "\r\n";
    return SectionData{true, Octets(std::move(fields))};
  }

  void put(keys::Content kind, imap::Uid uid, const std::string& value) {
    if (!batch_) batch_ = std::make_unique<IndexBatch>();
    batch_->put(keys::content(kind, mailbox_->id(), uid), value, Table::Content);
    if (batch_->octets() > kBatchOctets) write_batch();
  }

  void write_batch() {
    if (!batch_) return;
    const auto batch = std::move(batch_);
    mailbox_->core().index->write(*batch, false);
  }

  std::shared_ptr<Octets::Source> open(imap::Uid uid) {
    std::string name;
    auto file = mailbox_->open_file(uid, name);
    if (!file) return nullptr;
    const auto parsed = parse_maildir_name(name);
    struct stat status{};
    if (::fstat(file->get(), &status) < 0) throw std::system_error(errno, std::generic_category(), name);
    const auto size = static_cast<std::uint64_t>(status.st_size);
    const bool own_size = parsed.file_size == size && parsed.wire_size;
    const bool raw = own_size && *parsed.wire_size == size;
    const auto wire_size = own_size ? *parsed.wire_size : count_wire_size(file->get(), size);
    return std::make_shared<Octets::Source>(std::move(*file), raw, wire_size);
  }

  // The header block that begins at `from`, up to its empty line, wherever the structure says that it ends.
  static std::string read_block(Octets::Source& source, std::uint64_t from) {
    std::string out;
    const auto end = std::min(source.wire_size(), from + kLongestHeader);
    for (std::size_t line = 0; from < end;) {
      const auto n = std::min(kHeaderPiece, end - from);
      source.append_to(out, from, n);
      from += n;
      const auto length = line + header_length(std::string_view(out).substr(line));
      if (length < out.size() || ends_with_empty_line(out)) {
        out.resize(length);
        break;
      }
      line = out.rfind('\n') + 1;
    }
    return out;
  }

  bool read_header(imap::Uid uid) {
    const auto source = open(uid);
    if (!source) return false;
    header_ = read_block(*source, 0);
    put(keys::Content::Header, uid, header_);
    return true;
  }

  const Part* structure(imap::Uid uid) {
    if (structure_uid_ == uid) return &structure_;
    structure_uid_ = imap::Uid(0);
    if (const auto stored = find(structure_cursor_, keys::Content::Structure, uid)) {
      if (auto decoded = decode_part(*stored)) {
        structure_ = std::move(*decoded);
        structure_uid_ = uid;
        return &structure_;
      }
    }
    const auto source = open(uid);
    if (!source) return nullptr;
    MimeParser parser;
    std::string piece;
    for (std::uint64_t at = 0; at < source->wire_size(); at += piece.size()) {
      piece.clear();
      source->append_to(piece, at, std::min(kBodyPiece, source->wire_size() - at));
      parser.give(piece);
    }
    structure_ = parser.finish();
    structure_uid_ = uid;
    put(keys::Content::Structure, uid, encode(structure_));
    return &structure_;
  }

  std::shared_ptr<MailboxImpl> mailbox_;
  std::unique_ptr<Index::Cursor> header_cursor_, envelope_cursor_, structure_cursor_;
  std::unique_ptr<IndexBatch> batch_;
  std::string header_;
  imap::Envelope envelope_;
  imap::BodyStructure body_structure_;
  Part structure_;
  imap::Uid structure_uid_;
};

}  // namespace

std::unique_ptr<ContentReader> MailboxImpl::reader() { return std::make_unique<Reader>(shared_from_this()); }

}  // namespace store

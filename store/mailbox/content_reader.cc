// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Reading messages' text: sizes, header blocks, envelopes and structures from the index (made on first need), bodies
// from the files.
#include <sys/stat.h>

#include <algorithm>
#include <system_error>

#include "proto/mail/digest.h"
#include "proto/mail/header.h"
#include "proto/mail/mime.h"
#include "store/mailbox/content_links.h"
#include "store/mailbox/mailbox_impl.h"
#include "store/mailbox/octets_source.h"
#include "store/mailbox/search/key_reader.h"

namespace store {

namespace {

constexpr std::size_t kBatchSizes = 1000;
using Part = keys::ContentPart;
constexpr std::uint64_t kHeaderPiece = 16 * 1024, kBodyPiece = 128 * 1024;

class Reader final : public KeyReader {
 public:
  explicit Reader(std::shared_ptr<MailboxImpl> mailbox) : mailbox_(std::move(mailbox)), contents_(*mailbox_) {}
  ~Reader() override {
    try {
      write_sizes();
    } catch (...) {  // the records can be made again
    }
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  std::optional<std::uint64_t> size(imap::Uid uid) override {
    const auto& source = open(uid);
    if (!source) return std::nullopt;
    return source->wire_size();
  }

  std::optional<std::string_view> header(imap::Uid uid) override {
    if (const auto stored = contents_.find(Part::Header, uid)) return stored;
    if (!read_header(uid)) return std::nullopt;
    return header_;
  }

  std::optional<std::string> content_id(imap::Uid uid) override {
    if (const auto known = contents_.record(uid)) return known->sha256;
    const auto& source = open(uid);
    if (!source) return std::nullopt;
    if (!contents_.record(uid)) read_whole(uid, *source, [](std::string_view) {});
    return contents_.record(uid)->sha256;
  }

  const imap::Envelope* envelope(imap::Uid uid) override {
    if (const auto stored = contents_.find(Part::Envelope, uid)) {
      if (auto decoded = mail::decode_envelope(*stored)) {
        envelope_ = std::move(*decoded);
        return &envelope_;
      }
    }
    const auto block = header(uid);
    if (!block) return nullptr;
    envelope_ = mail::parse_envelope(*block);
    contents_.put(Part::Envelope, uid, mail::encode(envelope_));
    return &envelope_;
  }

  mail::SortTexts sort_texts(imap::Uid uid) override {
    if (const auto stored = contents_.find(Part::SortTexts, uid))
      if (auto decoded = mail::decode_sort_texts(*stored)) return std::move(*decoded);
    return make_keys(uid).texts;
  }

  void thread_keys(imap::Uid uid, mail::ThreadKeys& out) override {
    const auto stored = contents_.find(Part::ThreadKeys, uid);
    if (!stored || !mail::decode_thread_keys(*stored, out)) out = make_keys(uid).thread;
  }

  std::optional<std::string_view> search_text(imap::Uid uid, mail::SearchTexts::Field field) override {
    auto stored = contents_.find(Part::SearchTexts, uid);
    if (!stored || !mail::is_search_texts(*stored)) {
      search_record_ = mail::encode(make_keys(uid).search);
      stored = search_record_;
    }
    return mail::find_search_text(*stored, field);
  }

  void keep_keys(imap::Uid uid) override {
    const auto stored = contents_.find(Part::SearchTexts, uid);
    if (!stored || !mail::is_search_texts(*stored)) make_keys(uid);
  }

  const imap::BodyStructure* body_structure(imap::Uid uid) override {
    const auto* part = structure(uid);
    if (part == nullptr) return nullptr;
    body_structure_ = mail::to_body_structure(*part);
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
      if (block->size() < kHeaderSeen) return SectionData{true, Octets(std::string(*block))};
    }
    if (section.part.empty() && section.text == Text::All) {
      const auto& source = open(uid);
      if (!source) return std::nullopt;
      return SectionData{true, Octets(source, 0, source->wire_size())};
    }
    const auto* part = structure(uid);
    if (part == nullptr) return std::nullopt;
    const auto place = mail::locate(*part, section);
    if (!place) return SectionData{false, Octets()};
    const auto& source = open(uid);
    if (!source) return std::nullopt;
    if (!place->filtered) return SectionData{true, Octets(source, place->offset, place->size)};
    return filtered(read_block(*source, place->offset), section);
  }

 private:
  static bool ends_with_empty_line(std::string_view block) {
    return block == "\r\n" || block == "\n" || block.ends_with("\n\r\n") || block.ends_with("\n\n");
  }

  static SectionData filtered(std::string_view block, const imap::Section& section) {
    const bool others = section.text == imap::Section::Text::HeaderFieldsNot;
    auto fields = mail::filter_header(block, section.fields, others);
    // At the top HEADER.FIELDS ends with an empty line even where the header does not, as Dovecot has it.
    if (!others && section.part.empty() && !ends_with_empty_line(fields)) fields += "\r\n";
    return SectionData{true, Octets(std::move(fields))};
  }

  void write_sizes() {
    if (counted_.empty()) return;
    mailbox_->sizes_counted(std::exchange(counted_, {}));
  }

  // Items of one message are asked for one after the other: its file is opened and counted once.
  const std::shared_ptr<Octets::Source>& open(imap::Uid uid) {
    if (opened_ && opened_uid_ == uid) return opened_;
    keys::FileStamp file;
    opened_ = open_file(uid, file);
    opened_uid_ = uid;
    if (opened_ && contents_.opened(uid, file)) read_whole(uid, *opened_, [](std::string_view) {});
    return opened_;
  }

  // Whoever reads a whole text learns the content's id with it. f gets the text in pieces.
  template <class F>
  void read_whole(imap::Uid uid, Octets::Source& source, F f) {
    const bool knows_id = contents_.record(uid).has_value();
    mail::Sha256 digest;
    std::string piece;
    for (std::uint64_t at = 0; at < source.wire_size(); at += piece.size()) {
      piece.clear();
      source.append_to(piece, at, std::min(kBodyPiece, source.wire_size() - at));
      if (!knows_id) digest.add(piece);
      f(piece);
    }
    if (!knows_id) contents_.read_whole(uid, digest.finish(), source.wire_size());
  }

  std::shared_ptr<Octets::Source> open_file(imap::Uid uid, keys::FileStamp& stamp) {
    std::string name;
    auto file = mailbox_->open_file(uid, name);
    if (!file) return nullptr;
    const auto parsed = parse_maildir_name(name);
    struct stat status{};
    if (::fstat(file->get(), &status) < 0) throw std::system_error(errno, std::generic_category(), name);
    stamp = stamp_of(status);
    const auto size = stamp.size;
    const auto opened = mailbox_->opened(uid, measured(status));
    const bool named = parsed.file_size == size && parsed.wire_size;
    // Another program's name is believed where that cannot make what is sent differ from what it announces.
    if (named && (*parsed.wire_size == size || (parsed.uid == uid && !opened.growing)))
      return std::make_shared<Octets::Source>(std::move(*file), Packing::None, *parsed.wire_size == size,
                                              *parsed.wire_size);
    auto held = read_if_small(file->get(), size);
    const auto packing =
        held ? packing_of(std::string_view(*held).substr(0, kPackingMark)) : packing_of_file(file->get());
    TextSizes sizes{size, opened.wire_size.value_or(0)};
    if (packing != Packing::None) {
      held.reset();
      if (!measure_packed(file->get(), packing, name, sizes)) return nullptr;
    } else if (!opened.wire_size) {
      sizes.wire = held ? wire_size_of(*held) : count_wire_size(file->get(), size);
    }
    // In wire form already, as its own name has it from before it was packed.
    const bool raw = parsed.file_size == sizes.text && parsed.wire_size == sizes.text;
    if (raw) sizes.wire = sizes.text;
    if (!opened.growing && opened.wire_size != sizes.wire) counted_.emplace_back(uid, sizes.wire);
    if (counted_.size() >= kBatchSizes) write_sizes();
    return std::make_shared<Octets::Source>(std::move(*file), packing, raw, sizes.wire, std::move(held));
  }

  bool measure_packed(int fd, Packing packing, const std::string& name, TextSizes& sizes) const {
    try {
      sizes = measure_text(*read_text(fd, packing));
      return true;
    } catch (const CannotUnpack& error) {
      mailbox_->core().options.log.warning(
          "a message cannot be read", {{"mailbox", mailbox_->name().utf8()}, {"file", name}, {"why", error.what()}});
      return false;
    }
  }

  // The header block that begins at `from`, up to its empty line, wherever the structure says that it ends.
  static std::string read_block(Octets::Source& source, std::uint64_t from) {
    std::string out;
    const auto end = std::min(source.wire_size(), from + kHeaderSeen);
    for (std::size_t line = 0; from < end;) {
      const auto n = std::min(kHeaderPiece, end - from);
      const auto had = out.size();
      source.append_to(out, from, n);
      from += n;
      if (out.find('\n', had) == std::string::npos) continue;  // a line is looked at once, however long it is
      const auto length = line + mail::header_length(std::string_view(out).substr(line));
      if (length < out.size() || ends_with_empty_line(out)) {
        out.resize(length);
        break;
      }
      line = out.rfind('\n') + 1;
    }
    return out;
  }

  bool read_header(imap::Uid uid) {
    const auto& source = open(uid);
    if (!source) return false;
    header_ = read_block(*source, 0);
    contents_.put(Part::Header, uid, header_);
    return true;
  }

  mail::SortKeys make_keys(imap::Uid uid) {
    const auto block = header(uid);
    if (!block) return {};
    auto keys = mail::sort_keys_of(*block);
    contents_.put(Part::SortTexts, uid, mail::encode(keys.texts));
    contents_.put(Part::ThreadKeys, uid, mail::encode(keys.thread));
    contents_.put(Part::SearchTexts, uid, mail::encode(keys.search));
    return keys;
  }

  const mail::Part* structure(imap::Uid uid) {
    if (structure_uid_ == uid) return &structure_;
    structure_uid_ = imap::Uid(0);
    if (const auto stored = contents_.find(Part::Structure, uid)) {
      if (auto decoded = mail::decode_part(*stored)) {
        structure_ = std::move(*decoded);
        structure_uid_ = uid;
        return &structure_;
      }
    }
    const auto& source = open(uid);
    if (!source) return nullptr;
    mail::MimeParser parser;
    read_whole(uid, *source, [&](std::string_view piece) { parser.give(piece); });
    structure_ = parser.finish();
    structure_uid_ = uid;
    contents_.put(Part::Structure, uid, encode(structure_));
    return &structure_;
  }

  std::shared_ptr<MailboxImpl> mailbox_;
  ContentLinks contents_;
  std::vector<std::pair<imap::Uid, std::uint64_t>> counted_;  // sizes that the index may not know
  std::shared_ptr<Octets::Source> opened_;
  imap::Uid opened_uid_;
  std::string header_, search_record_;
  imap::Envelope envelope_;
  imap::BodyStructure body_structure_;
  mail::Part structure_;
  imap::Uid structure_uid_;
};

}  // namespace

std::unique_ptr<ContentReader> MailboxImpl::reader() { return key_reader(); }
std::unique_ptr<KeyReader> MailboxImpl::key_reader() { return std::make_unique<Reader>(shared_from_this()); }

}  // namespace store

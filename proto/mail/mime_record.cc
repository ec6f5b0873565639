// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// The index's records of envelopes and structures. DO NOT CHANGE the order or the version octet: they are on users'
// disks.
#include <limits>

#include "proto/base/varint.h"
#include "proto/flags.h"
#include "proto/mail/mime.h"

namespace mail {

namespace {

constexpr char kVersion = '\3';      // changes as well when the parser understands mail otherwise
constexpr int kDeepestRecord = 105;  // above what the parser makes

// How records are written: varints and texts in a fixed order.
class Writer {
 public:
  std::string out{kVersion};
  void number(std::uint64_t value) { base::put_varint(out, value); }
  void text(std::string_view value) {
    number(value.size());
    out += value;
  }
  void maybe(const imap::NString& value) {
    number(value ? value->size() + 1 : 0);
    if (value) out += *value;
  }
  void parameters(const imap::Parameters& values) {
    number(values.size());
    for (const auto& [name, value] : values) {
      text(name);
      text(value);
    }
  }
  void envelope(const imap::Envelope& e) {
    maybe(e.date);
    maybe(e.subject);
    for (const auto* list : {&e.from, &e.sender, &e.reply_to, &e.to, &e.cc, &e.bcc}) {
      number(list->size());
      for (const auto& address : *list) {
        maybe(address.name);
        maybe(address.adl);
        maybe(address.mailbox);
        maybe(address.host);
      }
    }
    maybe(e.in_reply_to);
    maybe(e.message_id);
  }
  void part(const Part& p) {
    for (const auto value : {p.header_at, p.header_size, p.body_at, p.body_size}) number(value);
    const auto& d = p.data;
    text(d.type);
    text(d.subtype);
    parameters(d.parameters);
    maybe(d.id);
    maybe(d.description);
    text(d.encoding);
    number(d.size);
    number(d.lines);
    maybe(d.md5);
    number(d.disposition ? 1 : 0);
    if (d.disposition) {
      text(d.disposition->first);
      parameters(d.disposition->second);
    }
    number(d.languages.size());
    for (const auto& language : d.languages) text(language);
    maybe(d.location);
    number(d.envelope ? 1 : 0);
    if (d.envelope) envelope(*d.envelope);
    number(p.children.size());
    for (const auto& child : p.children) part(child);
  }
};

class Reader {
 public:
  explicit Reader(std::string_view record) : rest_(record) {}
  bool good = true;

  bool ended() const { return good && rest_.empty(); }
  std::uint64_t number() { return base::take_varint(rest_, good); }
  std::string octets(std::uint64_t size) { return std::string(base::take_octets(rest_, size, good)); }
  std::string text() { return octets(number()); }
  imap::NString maybe() {
    const auto size = number();
    if (size == 0) return std::nullopt;
    return octets(size - 1);
  }
  std::uint64_t count() {
    const auto n = number();
    if (n > rest_.size()) good = false;
    return good ? n : 0;
  }
  imap::Parameters parameters() {
    imap::Parameters out;
    for (auto n = count(); n > 0 && good; --n) {
      auto name = text();
      out.emplace_back(std::move(name), text());
    }
    return out;
  }
  imap::Envelope envelope() {
    imap::Envelope e;
    e.date = maybe();
    e.subject = maybe();
    for (auto* list : {&e.from, &e.sender, &e.reply_to, &e.to, &e.cc, &e.bcc}) {
      for (auto n = count(); n > 0 && good; --n) {
        imap::Address address;
        address.name = maybe();
        address.adl = maybe();
        address.mailbox = maybe();
        address.host = maybe();
        list->push_back(std::move(address));
      }
    }
    e.in_reply_to = maybe();
    e.message_id = maybe();
    return e;
  }
  Part part(int depth) {
    Part p;
    for (auto* value : {&p.header_at, &p.header_size, &p.body_at, &p.body_size}) *value = number();
    auto& d = p.data;
    d.type = text();
    d.subtype = text();
    d.parameters = parameters();
    d.id = maybe();
    d.description = maybe();
    d.encoding = text();
    d.size = number();
    d.lines = number();
    d.md5 = maybe();
    if (number() != 0) {
      auto type = text();
      d.disposition.emplace(std::move(type), parameters());
    }
    for (auto n = count(); n > 0 && good; --n) d.languages.push_back(text());
    d.location = maybe();
    if (number() != 0) d.envelope = std::make_unique<imap::Envelope>(envelope());
    if (depth > kDeepestRecord) good = false;
    for (auto n = count(); n > 0 && good; --n) p.children.push_back(part(depth + 1));
    return p;
  }

 private:
  std::string_view rest_;
};

// What every reader of a Part counts on: it lies within its parent, and has children only where there can be some.
bool is_sound(const Part& part, std::uint64_t begin, std::uint64_t end) {
  if (part.header_at < begin || part.header_at > end || part.header_size > end - part.header_at) return false;
  if (part.body_at != part.header_at + part.header_size || part.body_size > end - part.body_at) return false;
  const bool multipart = imap::equal_ignoring_case(part.data.type, "multipart");
  if (part.data.envelope ? part.children.size() != 1 || multipart : !multipart && !part.children.empty()) return false;
  auto from = part.body_at;
  for (const auto& child : part.children) {
    if (!is_sound(child, from, part.body_at + part.body_size)) return false;
    from = child.body_at + child.body_size;
  }
  return true;
}

}  // namespace

std::string encode(const Part& part) {
  Writer writer;
  writer.part(part);
  return std::move(writer.out);
}

std::optional<Part> decode_part(std::string_view record) {
  if (!record.starts_with(kVersion)) return std::nullopt;
  Reader reader(record.substr(1));
  auto out = reader.part(0);
  if (!reader.ended() || !is_sound(out, 0, std::numeric_limits<std::uint64_t>::max())) return std::nullopt;
  return out;
}

std::string encode(const imap::Envelope& envelope) {
  Writer writer;
  writer.envelope(envelope);
  return std::move(writer.out);
}

std::optional<imap::Envelope> decode_envelope(std::string_view record) {
  if (!record.starts_with(kVersion)) return std::nullopt;
  Reader reader(record.substr(1));
  auto out = reader.envelope();
  if (!reader.ended()) return std::nullopt;
  return out;
}

}  // namespace mail

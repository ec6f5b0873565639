// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// The parser walks the message's lines once. A multipart's body is cut at the lines that begin with "--" and the
// boundary; the enclosing boundaries end it as well. The CRLF before a boundary belongs to the boundary.
#include "store/mime.h"

#include <algorithm>

#include "proto/flags.h"
#include "store/header.h"

namespace store {

namespace {

constexpr int kDeepest = 100;
constexpr std::size_t kMostParts = 10'000;

bool is(std::string_view a, std::string_view b) { return imap::equal_ignoring_case(a, b); }

std::uint64_t count_lines(std::string_view text) { return static_cast<std::uint64_t>(std::ranges::count(text, '\n')); }

std::vector<std::string> parse_languages(std::string_view value) {
  std::vector<std::string> out;
  const auto text = strip_comments(value);
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find_first_of(", ", at), text.size());
    if (end > at) out.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

class Parser {
 public:
  explicit Parser(std::string_view message) : message_(message) {}

  Part message(std::uint64_t begin, std::uint64_t end, int depth) { return part(begin, end, depth, false); }

 private:
  std::string_view text(std::uint64_t begin, std::uint64_t end) const { return message_.substr(begin, end - begin); }

  // A part: header, empty line, body. In a multipart/digest parts are messages unless they say otherwise.
  Part part(std::uint64_t begin, std::uint64_t end, int depth, bool in_digest) {
    ++parts_;
    Part out;
    out.header_at = begin;
    out.header_size = header_length(text(begin, end));
    out.body_at = begin + out.header_size;
    out.body_size = end - out.body_at;
    read_fields(out, in_digest);
    const bool bounded = depth < kDeepest && parts_ < kMostParts;
    auto& data = out.data;
    const auto boundary = std::ranges::find_if(data.parameters, [](const auto& p) { return is(p.first, "boundary"); });
    if (is(data.type, "multipart") && boundary != data.parameters.end() && bounded) {
      boundaries_.push_back("--" + boundary->second);
      children(out, depth);
      boundaries_.pop_back();
    }
    if (is(data.type, "message") && is(data.subtype, "rfc822") && bounded) {
      out.children.push_back(part(out.body_at, end, depth + 1, false));
      data.envelope =
          std::make_unique<imap::Envelope>(parse_envelope(text(out.children[0].header_at, out.children[0].body_at)));
    }
    data.size = out.body_size;
    data.lines = count_lines(text(out.body_at, end));
    return out;
  }

  void read_fields(Part& out, bool in_digest) {
    auto& data = out.data;
    bool typed = false;
    for_each_field(text(out.header_at, out.body_at), [&](const HeaderField& field) {
      if (field.name.size() < 10 || !is(field.name.substr(0, 8), "content-")) return true;
      const auto name = field.name.substr(8);
      if (is(name, "type") && !typed) {
        const auto value = parse_parameterized(field.value);
        const auto slash = value.value.find('/');
        if (slash == std::string::npos || slash == 0 || slash + 1 == value.value.size()) return true;
        typed = true;
        data.type = value.value.substr(0, slash);
        data.subtype = value.value.substr(slash + 1);
        data.parameters = value.parameters;
      } else if (is(name, "transfer-encoding")) {
        const auto value = strip_comments(field.value);
        data.encoding = value.substr(0, value.find_first_of(" ;"));
      } else if (is(name, "id")) {
        data.id = unfold(field.value);
      } else if (is(name, "description")) {
        data.description = unfold(field.value);
      } else if (is(name, "md5")) {
        data.md5 = unfold(field.value);
      } else if (is(name, "disposition")) {
        auto value = parse_parameterized(field.value);
        if (!value.value.empty()) data.disposition.emplace(std::move(value.value), std::move(value.parameters));
      } else if (is(name, "language")) {
        data.languages = parse_languages(field.value);
      } else if (is(name, "location")) {
        data.location = unfold(field.value);
      }
      return true;
    });
    if (data.encoding.empty()) data.encoding = "7bit";
    if (!typed) {
      data.type = in_digest ? "message" : "text";
      data.subtype = in_digest ? "rfc822" : "plain";
    }
    const bool has_charset = std::ranges::any_of(data.parameters, [](const auto& p) { return is(p.first, "charset"); });
    if (is(data.type, "text") && !has_charset) data.parameters.emplace_back("charset", "us-ascii");
  }

  // Which of the boundaries open now a line is; the innermost wins. -1: none.
  int boundary_of(std::string_view line) const {
    if (!line.starts_with("--")) return -1;
    for (auto i = static_cast<int>(boundaries_.size()) - 1; i >= 0; --i)
      if (line.starts_with(boundaries_[static_cast<std::size_t>(i)])) return i;
    return -1;
  }

  void children(Part& out, int depth) {
    const auto own = static_cast<int>(boundaries_.size()) - 1;
    const bool digest = is(out.data.subtype, "digest");
    const auto end = out.body_at + out.body_size;
    std::uint64_t begin = 0;  // of the child under way
    bool open = false;
    const auto close_child = [&](std::uint64_t line_at) {
      if (!open) return;
      open = false;
      auto last = line_at;
      if (last > begin && message_[last - 1] == '\n') --last;
      if (last > begin && message_[last - 1] == '\r') --last;
      out.children.push_back(part(begin, std::max(begin, last), depth + 1, digest));
    };
    for (auto at = out.body_at; at < end;) {
      auto next = message_.find('\n', at);
      next = next == std::string_view::npos || next >= end ? end : next + 1;
      const auto line = text(at, next);
      if (const int which = boundary_of(line); which == own) {
        close_child(at);
        const auto rest = line.substr(boundaries_.back().size());
        if (rest.starts_with("--")) return;  // what follows is epilogue
        if (parts_ >= kMostParts) return;
        begin = next;
        open = true;
      }
      at = next;
    }
    close_child(end);
  }

  std::string_view message_;
  std::vector<std::string> boundaries_;
  std::size_t parts_ = 0;
};

imap::BodyStructure copy_data(const imap::BodyStructure& data) {
  imap::BodyStructure out;
  out.type = data.type;
  out.subtype = data.subtype;
  out.parameters = data.parameters;
  out.id = data.id;
  out.description = data.description;
  out.encoding = data.encoding;
  out.size = data.size;
  out.lines = data.lines;
  if (data.envelope) out.envelope = std::make_unique<imap::Envelope>(*data.envelope);
  out.md5 = data.md5;
  out.disposition = data.disposition;
  out.languages = data.languages;
  out.location = data.location;
  return out;
}

const Part* child_of(const Part& part, std::uint32_t number) {
  if (is(part.data.type, "multipart") && !part.children.empty())
    return number <= part.children.size() ? &part.children[number - 1] : nullptr;
  return number == 1 ? &part : nullptr;  // a message that is no multipart has one part: itself
}

}  // namespace

Part parse_message(std::string_view message) { return Parser(message).message(0, message.size(), 0); }

imap::BodyStructure to_body_structure(const Part& part) {
  auto out = copy_data(part.data);
  for (const auto& child : part.children) out.children.push_back(to_body_structure(child));
  if (is(out.type, "multipart") && out.children.empty()) {
    // A multipart must have a part (RFC 9051 section 9): an empty text stands for it.
    imap::BodyStructure empty;
    empty.type = "text";
    empty.subtype = "plain";
    empty.parameters.emplace_back("charset", "us-ascii");
    out.children.push_back(std::move(empty));
  }
  return out;
}

// section-part counts through multiparts; a message/rfc822 is stepped into by the numbers behind it.
std::optional<SectionPlace> locate(const Part& message, const imap::Section& section) {
  const Part* part = &message;
  const Part* inner = &message;  // whose numbers count next, and whose HEADER and TEXT are meant
  for (const auto number : section.part) {
    if (inner == nullptr) return std::nullopt;
    const bool itself = inner == part && !section.part.empty() && inner->children.empty() && part != &message;
    part = child_of(*inner, number);
    if (part == nullptr || itself) return std::nullopt;
    if (part->data.envelope && !part->children.empty())
      inner = &part->children[0];
    else
      inner = is(part->data.type, "multipart") ? part : nullptr;
  }
  const bool top = section.part.empty();
  const bool is_message = top || (part->data.envelope && !part->children.empty());
  const Part& meant = top ? message : is_message ? part->children[0] : *part;
  switch (section.text) {
    case imap::Section::Text::All:
      if (top) return SectionPlace{0, message.header_size + message.body_size};
      return SectionPlace{part->body_at, part->body_size};
    case imap::Section::Text::Mime: return SectionPlace{part->header_at, part->header_size};
    case imap::Section::Text::Text:
      if (!is_message) return std::nullopt;
      return SectionPlace{meant.body_at, meant.body_size};
    case imap::Section::Text::Header:
      if (!is_message) return std::nullopt;
      return SectionPlace{meant.header_at, meant.header_size};
    default:
      if (!is_message) return std::nullopt;
      return SectionPlace{meant.header_at, meant.header_size, true};
  }
}

}  // namespace store

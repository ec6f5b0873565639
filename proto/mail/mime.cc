// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/mail/mime.h"

#include "proto/flags.h"

namespace mail {

namespace {

bool is(std::string_view a, std::string_view b) { return imap::equal_ignoring_case(a, b); }

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

bool is_multipart(const Part& part) { return is(part.data.type, "multipart"); }
bool holds_message(const Part& part) { return part.data.envelope && part.children.size() == 1; }

// The part of a number path. A part that is no multipart is its own part 1, where the path ends there.
const Part* find(const Part& message, const std::vector<std::uint32_t>& path) {
  const Part* part = &message;
  for (std::size_t i = 0; i < path.size(); ++i) {
    const bool last = i + 1 == path.size();
    if (is_multipart(*part)) {
      if (path[i] < 1 || path[i] > part->children.size()) return nullptr;
      part = &part->children[path[i] - 1];
    } else if (path[i] != 1 || !(last || holds_message(*part))) {
      return nullptr;
    }
    if (!last && holds_message(*part)) part = &part->children[0];
  }
  return part;
}

}  // namespace

imap::BodyStructure to_body_structure(const Part& part) {
  auto out = copy_data(part.data);
  for (const auto& child : part.children) out.children.push_back(to_body_structure(child));
  if (is_multipart(part) && out.children.empty()) {
    // A multipart must have a part (RFC 9051 section 9): an empty text stands for it.
    imap::BodyStructure empty;
    empty.type = "text";
    empty.subtype = "plain";
    empty.parameters.emplace_back("charset", "us-ascii");
    out.children.push_back(std::move(empty));
  }
  return out;
}

std::optional<SectionPlace> locate(const Part& message, const imap::Section& section) {
  using Text = imap::Section::Text;
  const bool top = section.part.empty();
  const auto* part = find(message, section.part);
  if (part == nullptr) return std::nullopt;
  if (section.text == Text::All)
    return top ? SectionPlace{0, part->header_size + part->body_size} : SectionPlace{part->body_at, part->body_size};
  if (section.text == Text::Mime) return SectionPlace{part->header_at, part->header_size};
  if (!top) {
    if (!holds_message(*part)) return std::nullopt;
    part = &part->children[0];
  }
  if (section.text == Text::Text) return SectionPlace{part->body_at, part->body_size};
  return SectionPlace{part->header_at, part->header_size, section.text != Text::Header};
}

}  // namespace mail

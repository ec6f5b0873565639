// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/mail/part_fields.h"

#include "proto/flags.h"
#include "proto/mail/header.h"

namespace mail {

namespace {

bool is(std::string_view a, std::string_view b) { return imap::equal_ignoring_case(a, b); }

class FieldReader {
 public:
  explicit FieldReader(imap::BodyStructure& data) : data_(data) {}

  FieldsFound read(std::string_view header) {
    for_each_field(header, [this](const HeaderField& field) {
      if (is(field.name, "mime-version")) found_.mime = true;
      if (field.name.size() > 8 && is(field.name.substr(0, 8), "content-"))
        read_content(field.name.substr(8), field.value);
      return true;
    });
    return found_;
  }

 private:
  void read_content(std::string_view name, std::string_view value) {
    if (is(name, "type")) {
      if (!found_.typed) read_type(value);
      found_.mime = found_.typed = true;
    } else if (is(name, "transfer-encoding")) {
      if (encoded_) return;
      auto encoding = parse_transfer_encoding(value);
      encoded_ = !encoding.empty();
      if (encoded_) data_.encoding = std::move(encoding);
    } else if (is(name, "disposition")) {
      if (data_.disposition && !data_.disposition->second.empty()) return;
      if (auto disposition = parse_disposition(value)) data_.disposition = std::move(*disposition);
    } else if (is(name, "language")) {
      if (data_.languages.empty()) data_.languages = parse_languages(value);
    } else {
      read_text(name, value);
    }
  }
  void read_type(std::string_view value) {
    auto type = parse_content_type(value);
    data_.type = std::move(type.type);
    data_.subtype = std::move(type.subtype);
    data_.parameters = std::move(type.parameters);
  }
  void read_text(std::string_view name, std::string_view value) {
    struct Row {
      std::string_view name;
      imap::NString imap::BodyStructure::* text;
    };
    static constexpr Row kTexts[] = {{"id", &imap::BodyStructure::id},
                                     {"md5", &imap::BodyStructure::md5},
                                     {"description", &imap::BodyStructure::description},
                                     {"location", &imap::BodyStructure::location}};
    for (const auto& row : kTexts)
      if (is(name, row.name) && !(data_.*row.text)) data_.*row.text = unfold(value);
  }

  imap::BodyStructure& data_;
  FieldsFound found_;
  bool encoded_ = false;
};

bool is_plain(const imap::BodyStructure& data) {
  const bool texts = data.id || data.description || data.md5 || data.location;
  return is(data.type, "text") && is(data.subtype, "plain") && is(data.encoding, "7bit") && !texts &&
         !data.disposition && data.languages.empty() && data.parameters.size() == 1 &&
         is(data.parameters[0].first, "charset") && is(data.parameters[0].second, "us-ascii");
}

}  // namespace

FieldsFound read_fields(std::string_view header, imap::BodyStructure& data) { return FieldReader(data).read(header); }

void settle_plain(imap::BodyStructure& data) {
  if (!is_plain(data)) return;
  data.type = "text";
  data.subtype = "plain";
  data.encoding = "7bit";
  data.parameters = {{"charset", "us-ascii"}};
}

}  // namespace mail

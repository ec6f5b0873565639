// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/mail/header.h"

#include <algorithm>

#include "proto/flags.h"

namespace mail {

namespace {

constexpr std::size_t kLongestName = 1000;  // RFC 5322 allows lines of 998; what is longer is no name

bool is_blank(char c) { return c == ' ' || c == '\t'; }
bool is_line_end(char c) { return c == '\r' || c == '\n'; }
bool is_space(char c) { return is_blank(c) || is_line_end(c); }

// The end of the line that begins at `at`, behind its LF.
std::size_t line_end(std::string_view text, std::size_t at) {
  const auto end = text.find('\n', at);
  return end == std::string_view::npos ? text.size() : end + 1;
}

std::string_view without_line_end(std::string_view line) {
  if (line.ends_with('\n')) {
    line.remove_suffix(1);
    if (line.ends_with('\r')) line.remove_suffix(1);
  }
  return line;
}

// Blanks behind the colon go; where the first line has nothing else, only one of them.
std::string_view without_first_blanks(std::string_view value) {
  const auto first = std::min(value.find_first_not_of(" \t"), value.size());
  if (first == 0) return value;
  const auto rest = value.substr(first);
  const bool alone = rest.empty() || rest[0] == '\n' || rest.starts_with("\r\n");
  return alone ? value.substr(1) : rest;
}

std::string without_nul(std::string text) {
  for (auto at = text.find('\0'); at != std::string::npos; at = text.find('\0', at))
    text.replace(at, 1, "\xEF\xBF\xBD");
  return text;
}

}  // namespace

std::size_t header_length(std::string_view message) {
  for (std::size_t at = 0; at < message.size();) {
    const auto end = line_end(message, at);
    const auto line = message.substr(at, end - at);
    at = end;
    if (line == "\r\n" || line == "\n") return at;
  }
  return message.size();
}

void for_each_field(std::string_view header, const std::function<bool(const HeaderField&)>& f) {
  for (std::size_t at = 0; at < header.size();) {
    const auto start = at;
    at = line_end(header, at);
    const auto first = without_line_end(header.substr(start, at - start));
    if (first.empty()) return;
    while (at < header.size() && is_blank(header[at])) at = line_end(header, at);
    HeaderField field;
    field.whole = header.substr(start, at - start);
    field.value = without_line_end(field.whole);
    if (const auto colon = first.find(':'); colon != std::string_view::npos) {
      auto name = first.substr(0, colon);
      while (!name.empty() && is_blank(name.back())) name.remove_suffix(1);
      if (name.size() <= kLongestName) {
        field.name = name.substr(0, name.find('\0'));
        field.value.remove_prefix(colon + 1);
      }
    }
    if (!f(field)) return;
  }
}

std::string unfold(std::string_view value) {
  value = without_first_blanks(value);
  std::string out;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (!is_line_end(value[i]))
      out += value[i];
    else if (i + 1 < value.size() && !is_space(value[i + 1]))
      out += ' ';
  }
  return without_nul(std::move(out));
}

std::string one_line(std::string_view value) {
  if (!value.empty() && is_blank(value.front())) value.remove_prefix(1);
  std::string out;
  for (std::size_t at = 0; at < value.size();) {
    const auto end = line_end(value, at);
    out += without_line_end(value.substr(at, end - at));
    at = end;
    if (at >= value.size()) break;
    out += ' ';  // for the blank that the fold begins with
    ++at;
  }
  return out;
}

imap::Envelope parse_envelope(std::string_view header) {
  imap::Envelope out;
  struct Row {
    std::string_view name;
    imap::AddressList imap::Envelope::* list;
  };
  static constexpr Row kLists[] = {
      {"from", &imap::Envelope::from}, {"sender", &imap::Envelope::sender}, {"reply-to", &imap::Envelope::reply_to},
      {"to", &imap::Envelope::to},     {"cc", &imap::Envelope::cc},         {"bcc", &imap::Envelope::bcc}};
  for_each_field(header, [&](const HeaderField& field) {
    const auto is = [&](std::string_view name) { return imap::equal_ignoring_case(field.name, name); };
    if (is("date"))
      out.date = unfold(field.value);
    else if (is("subject"))
      out.subject = without_nul(std::string(without_first_blanks(field.value)));
    else if (is("in-reply-to"))
      out.in_reply_to = unfold(field.value);
    else if (is("message-id"))
      out.message_id = unfold(field.value);
    else {
      for (const auto& row : kLists)
        if (is(row.name)) std::ranges::move(parse_addresses(field.value), std::back_inserter(out.*row.list));
    }
    return true;
  });
  if (out.sender.empty()) out.sender = out.from;
  if (out.reply_to.empty()) out.reply_to = out.from;
  return out;
}

std::string filter_header(std::string_view header, const std::vector<std::string>& names, bool others) {
  std::string out;
  std::size_t read = 0;
  for_each_field(header, [&](const HeaderField& field) {
    const bool named = std::ranges::any_of(
        names, [&](const std::string& name) { return imap::equal_ignoring_case(name, field.name); });
    if (named != others) out += field.whole;
    read += field.whole.size();
    return true;
  });
  return out.append(header, read);
}

}  // namespace mail

// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/config/mailbox_filter.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <algorithm>
#include <optional>

#include "proto/base/hex.h"
#include "proto/list_pattern.h"
#include "proto/mailbox_name.h"

namespace mirror {

namespace {

// The components of a name, which NUL separates; f(component, whether it is the first).
template <class F>
void for_each_component(std::string_view name, F f) {
  for (std::size_t start = 0; start <= name.size();) {
    const auto end = std::min(name.find('\0', start), name.size());
    f(name.substr(start, end - start), start == 0);
    start = end + 1;
  }
}

// Behind a backslash; nullopt: no such escape.
std::optional<char> escaped(std::string_view text, std::size_t& at) {
  constexpr std::string_view kNames = "abefnrt\\\"", kMeaning = "\a\b\x1b\f\n\r\t\\\"";
  const char c = text[at++];
  if (const auto i = kNames.find(c); i != std::string_view::npos) return kMeaning[i];
  if (c != 'x' || at + 2 > text.size() || base::hex_digit(text[at]) < 0 || base::hex_digit(text[at + 1]) < 0)
    return std::nullopt;
  const int value = base::hex_digit(text[at]) * 16 + base::hex_digit(text[at + 1]);
  at += 2;
  return static_cast<char>(value);
}

base::Result<std::string> quoted(std::string_view text, std::size_t& at) {
  std::string out;
  ++at;
  while (at < text.size() && text[at] != '"') {
    if (text[at] != '\\') {
      out += text[at++];
      continue;
    }
    ++at;
    const auto c = at < text.size() ? escaped(text, at) : std::nullopt;
    if (!c) return base::refuse(base::Reason::Configuration, "list-mailbox has an escape that is none");
    out += *c;
  }
  if (at >= text.size()) return base::refuse(base::Reason::Configuration, "list-mailbox has an unclosed quote");
  ++at;
  return out;
}

}  // namespace

base::Result<std::vector<std::string>> parse_patterns(std::string_view text) {
  std::vector<std::string> out;
  std::size_t at = 0;
  while ((at = text.find_first_not_of(" \t", at)) != std::string_view::npos) {
    std::string word;
    if (text[at] == '"') {
      auto inside = quoted(text, at);
      if (!inside) return std::unexpected(inside.error());
      word = std::move(*inside);
    } else {
      const auto end = std::min(text.find_first_of(" \t", at), text.size());
      word = text.substr(at, end - at);
      at = end;
    }
    // Component by component, since NUL is no text that modified UTF-7 could hold.
    std::optional<std::string> decoded{std::string()};
    for_each_component(word, [&](std::string_view component, bool first) {
      const auto part = imap::decode_modified_utf7(component);
      if (!part) decoded.reset();
      if (decoded) *decoded += (first ? "" : std::string(1, '\0')) + *part;
    });
    if (!decoded) return base::refuse(base::Reason::Configuration, "list-mailbox is not in modified UTF-7: " + word);
    out.push_back(std::move(*decoded));
  }
  return out;
}

struct MailboxFilter::Expression {
  explicit Expression(const std::string& text) {
    int error = 0;
    PCRE2_SIZE offset = 0;
    code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), 0, &error, &offset, nullptr);
    if (code != nullptr) {
      match = pcre2_match_data_create_from_pattern(code, nullptr);
      return;
    }
    PCRE2_UCHAR why[200];
    pcre2_get_error_message(error, why, sizeof why);
    trouble = "ignore-mailbox is no regular expression: " + std::string(reinterpret_cast<const char*>(why)) +
              " at octet " + std::to_string(offset);
  }
  ~Expression() {
    pcre2_match_data_free(match);
    pcre2_code_free(code);
  }
  Expression(const Expression&) = delete;
  Expression& operator=(const Expression&) = delete;

  bool matches(const std::string& text) const {
    return pcre2_match(code, reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), 0, 0, match, nullptr) >= 0;
  }

  pcre2_code* code = nullptr;
  pcre2_match_data* match = nullptr;
  std::string trouble;
};

base::Result<void> MailboxFilter::check(const std::string& ignore) {
  const Expression expression(ignore);
  if (expression.code == nullptr) return base::refuse(base::Reason::Configuration, expression.trouble);
  return {};
}

MailboxFilter::MailboxFilter(std::vector<std::string> patterns, const std::string& ignore)
    : patterns_(std::move(patterns)) {
  if (!ignore.empty()) ignore_ = std::make_unique<Expression>(ignore);
}

MailboxFilter::~MailboxFilter() = default;

bool MailboxFilter::matches(const MailboxPath& path) const {
  if (ignore_ && ignore_->code) {
    std::string wire;
    for_each_component(path.text(), [&](std::string_view component, bool first) {
      if (!first) wire += '\0';
      wire += imap::encode_modified_utf7(component);
    });
    if (ignore_->matches(wire)) return false;
  }
  if (patterns_.empty()) return true;
  return std::ranges::any_of(patterns_, [&](const std::string& pattern) {
    if (imap::ListPattern(pattern, '\0').matches(path.text())) return true;
    // A delimiter written out, though InterIMAP's manual advises against it.
    return pattern.find('\0') == std::string::npos && imap::ListPattern(pattern, '/').matches(path.shown());
  });
}

std::vector<std::string> MailboxFilter::server_patterns() const {
  const bool plain =
      std::ranges::none_of(patterns_, [](const auto& one) { return one.find('\0') != std::string::npos; });
  return plain ? patterns_ : std::vector<std::string>();
}

}  // namespace mirror

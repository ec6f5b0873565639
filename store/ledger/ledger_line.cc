// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "store/ledger/ledger_line.h"

#include <algorithm>
#include <charconv>

#include "proto/base/tabbed.h"

namespace store {

namespace {

using What = LedgerEntry::What;
constexpr std::string_view kLetters = "alfgcmrd";  // in the order of What

std::optional<What> what_of(std::string_view field) {
  const auto at = field.size() == 1 ? kLetters.find(field.front()) : kLetters.npos;
  if (at == kLetters.npos) return std::nullopt;
  return static_cast<What>(at);
}

bool take_uid(std::string_view& text, std::uint32_t& into) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), into);
  if (error != std::errc() || into == 0) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

// "1,3:5", ascending; empty for none.
bool take_uids(std::string_view& line, imap::UidSet& into) {
  auto field = base::take_field(line);
  if (!field) return false;
  while (!field->empty()) {
    std::uint32_t first = 0, last = 0;
    if (!take_uid(*field, first)) return false;
    last = first;
    if (field->starts_with(':')) {
      field->remove_prefix(1);
      if (!take_uid(*field, last) || last < first) return false;
    }
    into.add(imap::Uid(first), imap::Uid(last));
    if (field->empty()) break;
    if (field->front() != ',') return false;
    field->remove_prefix(1);
    if (field->empty()) return false;
  }
  return true;
}

bool take_flags(std::string_view& line, imap::FlagSet& into) {
  const auto field = base::take_field(line);
  if (!field) return false;
  auto rest = *field;
  while (!rest.empty()) {
    const auto end = std::min(rest.find(' '), rest.size());
    if (end == 0 || !into.add_by_name(rest.substr(0, end))) return false;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return true;
}

bool take_text(std::string_view& line, std::string& into) {
  const auto field = base::take_field(line);
  if (!field) return false;
  into = base::unescaped(*field);
  return true;
}

}  // namespace

std::string encode(const LedgerEntry& entry) {
  std::string out = std::to_string(entry.when);
  const auto field = [&out](std::string_view text) { (out += '\t') += text; };
  field(kLetters.substr(static_cast<std::size_t>(entry.what), 1));
  field(base::escaped(entry.mailbox_id));
  field(base::escaped(entry.mailbox));
  field(entry.uids.to_string());
  field(std::to_string(entry.modseq.value));
  field(base::escaped(entry.by));
  field(entry.flags_added.to_string());
  field(entry.flags_removed.to_string());
  field(base::escaped(entry.message_id));
  field(base::escaped(entry.from_id));
  field(entry.from.to_string());
  field(base::escaped(entry.text));
  return out += '\n';
}

std::optional<LedgerEntry> decode_ledger_line(std::string_view line) {
  LedgerEntry out;
  if (!base::take_number(line, out.when)) return std::nullopt;
  const auto letter = base::take_field(line);
  const auto what = letter ? what_of(*letter) : std::nullopt;
  if (!what) return std::nullopt;
  out.what = *what;
  const bool whole = take_text(line, out.mailbox_id) && take_text(line, out.mailbox) && take_uids(line, out.uids) &&
                     base::take_number(line, out.modseq.value) && take_text(line, out.by) &&
                     take_flags(line, out.flags_added) && take_flags(line, out.flags_removed) &&
                     take_text(line, out.message_id) && take_text(line, out.from_id) && take_uids(line, out.from) &&
                     take_text(line, out.text);
  const bool ends = line.data() == nullptr;
  if (!whole || !ends || out.mailbox_id.empty()) return std::nullopt;
  if (!out.from.empty() && out.from.size() != out.uids.size()) return std::nullopt;
  return out;
}

}  // namespace store

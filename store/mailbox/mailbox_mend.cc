// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// A mailbox whose text file is damaged (a power cut leaves it empty, or full of NULs) is made whole from the index,
// which knows it by its place. Only where its messages are those that the index means: else another mailbox would get
// the past of this one, and what the index misses would count as expunged.
#include <algorithm>
#include <string>
#include <unordered_set>

#include "proto/base/log.h"
#include "store/mailbox/mailbox_impl.h"
#include "store/maildir/mailbox_file.h"

namespace store {

namespace {

std::unordered_set<std::string> bases_in(const std::filesystem::path& mailbox_directory) {
  std::unordered_set<std::string> out;
  for (const char* part : {"cur", "new"}) {
    std::error_code ignored;
    for (const auto& file : std::filesystem::directory_iterator(mailbox_directory / part, ignored))
      out.emplace(parse_maildir_name(file.path().filename().string()).base);
  }
  return out;
}

}  // namespace

void MailboxImpl::mend_file() {
  try {
    (void)MailboxFile::read(state_.directory(), MailboxFile::without_uids);
  } catch (const DamagedMailboxFile&) {
    const auto file = file_by_index();
    if (!file) throw;
    file->write(state_.directory());
    core_.options.log.warning(
        "a mailbox's file was damaged and is made anew from the index",
        {{"mailbox", state_.name().utf8()}, {"file", (state_.directory() / MailboxFile::kName).string()}});
  }
}

// nullopt: the index does not know it, or knows it as something else.
std::optional<MailboxFile> MailboxImpl::file_by_index() const {
  const auto place = state_.directory().lexically_relative(core_.root).string();
  std::optional<keys::MailboxRecord> record;
  std::string id;
  bool single = true;
  core_.index->scan(keys::mailbox(""), [&](std::string_view key, std::string_view value) {
    auto found = keys::decode_mailbox(value);
    if (!found || found->place != place) return true;
    if (record) return single = false;
    record = std::move(found);
    id = key.substr(1);
    return true;
  });
  if (!record || !single) return std::nullopt;
  MailboxFile out;
  out.uid_validity = record->uid_validity;
  out.id = id;
  constexpr std::uint32_t kMargin = 1000;  // some may have been given that the index never heard of
  out.uid_next = imap::Uid(std::min(record->uid_next.value, 0xFFFFFFFFu - kMargin) + kMargin);
  const auto here = bases_in(state_.directory());
  const std::vector<std::string>& names = record->keywords;
  bool whole = true;
  core_.index->scan(keys::row_prefix(id), [&](std::string_view key, std::string_view value) {
    keys::RowRecord row;
    if (!keys::decode_row(value, row)) return whole = false;
    if (row.elsewhere) return true;
    const auto uid = keys::uid_at_end(key);
    if (uid >= record->uid_next && core_.index->get(keys::doomed(id, uid))) return true;  // of no committed change
    const auto name = parse_maildir_name(row.name);
    if (!here.contains(std::string(name.base))) return whole = false;
    if (name.uid != uid) out.uids.emplace(name.base, uid);
    for (const auto number : row.keywords)
      if (number >= 26 && number < names.size()) out.more_keywords[uid.value].push_back(names[number]);
    return true;
  });
  if (!whole) return std::nullopt;
  return out;
}

}  // namespace store

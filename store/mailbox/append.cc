// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// APPEND: the messages are written and synced beside the mailbox, without its lock; then they get their names. A large
// one that lies in the store already (store/spool.h) is not written again.
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "proto/base/clock.h"
#include "proto/base/fail_point.h"
#include "proto/mail/digest.h"
#include "proto/mail/message_id.h"
#include "proto/mail/sort_keys.h"
#include "store/mailbox/arrived_message.h"
#include "store/mailbox/change.h"
#include "store/mailbox/content_links.h"
#include "store/mailbox/elsewhere.h"
#include "store/mailbox/mailbox_impl.h"

namespace store {

namespace {

// Beyond, one syncfs is cheaper than a fdatasync for each, and files are not kept open.
constexpr std::size_t kManyFiles = 7;
constexpr std::uint64_t kReadAtOnce = 256 * 1024;  // octets of a message whose header is looked at while it is here

void sync_files(const std::vector<WrittenFile>& files) {
  if (files.size() <= kManyFiles) {
    for (const auto& file : files) base::sync_data(file.file.get());
    return;
  }
  if (::syncfs(files.front().file.get()) < 0) throw std::system_error(errno, std::generic_category(), "syncfs");
}

}  // namespace

// Messages in the mailbox's tmp/, which are removed again unless they became mail.
struct MailboxImpl::Spool {
  std::vector<std::string> paths;  // relative to the mailbox, which may be renamed meanwhile
  std::vector<WrittenFile> files;
  std::vector<Contents::Use> contents;
  std::vector<std::optional<mail::SortKeys>> made;  // of large messages none: they are made on need
  std::vector<std::string> message_ids;             // nor are these known
  std::filesystem::path directory;
  std::int64_t now = base::unix_now();
  bool kept = false;

  Spool() = default;
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;
  ~Spool() {
    if (kept || base::FailPoint::crashed()) return;
    for (const auto& path : paths) ::unlink((directory / path).c_str());
  }
  void write(const NewMessage& message, Contents& all) {
    paths.push_back("tmp/" + base::unique_name());
    const auto path = directory / paths.back();
    const auto* arrived = dynamic_cast<const ArrivedMessage*>(message.data.spooled());
    auto taken = arrived == nullptr ? std::nullopt : arrived->link(path);
    std::string sha256;
    if (taken) {
      sha256 = arrived->sha256();
      files.push_back(std::move(*taken));
    } else {
      mail::Sha256 digest;
      files.push_back(write_message(path, message.data, [&](std::string_view piece) { digest.add(piece); }));
      sha256 = digest.finish();
    }
    contents.push_back(all.use({std::move(sha256), files.back().wire_size}));
    made.emplace_back();
    message_ids.emplace_back();
    if (message.data.size() <= kReadAtOnce) {
      const auto header = mail::header_of(message.data);
      made.back() = mail::sort_keys_of(header);
      message_ids.back() = mail::message_id_of(header);
    }
    base::set_modification_time(files.back().file.get(), message.internal_date.value_or(now));
    if (files.size() > kManyFiles) files.back().file.reset();
  }
  void put_keys(IndexBatch& batch, std::size_t i) const {
    const auto put = [&](keys::ContentPart part, const std::string& record) {
      batch.put(keys::content_part(part, contents[i].number()), record, Table::Content);
    };
    if (!made[i]) return;
    put(keys::ContentPart::SortTexts, mail::encode(made[i]->texts));
    put(keys::ContentPart::ThreadKeys, mail::encode(made[i]->thread));
    put(keys::ContentPart::SearchTexts, mail::encode(made[i]->search));
  }
  // Gives a file its name. The stamp is that of the file written here, whoever lays another one over the name.
  keys::FileStamp rename(std::size_t i, const std::filesystem::path& to) const {
    const auto from = directory / paths[i];
    base::FileDescriptor again;
    if (files[i].file.get() < 0) again = base::open_read(from);
    const int file = again.get() < 0 ? files[i].file.get() : again.get();
    base::rename_file(from, to);
    return stamp_of(file);
  }
};

void MailboxImpl::draft_appended(Draft& draft, const Spool& spool, std::span<const NewMessage> messages) {
  for (std::size_t i = 0; i < messages.size(); ++i) {
    Row row;
    row.uid = draft.record.uid_next;
    row.modseq = draft.modseq();
    row.system_flags = messages[i].flags.system_bits();
    row.keywords = draft.intern(messages[i].flags.keywords());
    row.internal_date = messages[i].internal_date.value_or(spool.now);
    row.wire_size = spool.files[i].wire_size;
    row.in_new = row.system_flags == 0 && row.keywords == 0;
    auto name = make_base(spool.files[i].file_size, spool.files[i].wire_size, row.uid);
    if (!row.in_new) name += format_info(row.system_flags, draft.keywords().letters(row.keywords), {});
    row.name = name;
    draft.note_keywords(row, 0);
    draft.add(std::move(row), true);
  }
  draft.record.highest_modseq = draft.modseq();
  draft.story.message_ids = spool.message_ids;
}

void MailboxImpl::sync_names(const Draft& draft, const std::filesystem::path& directory) const {
  if (!core_.options.sync_to_disk) return;
  bool to_cur = false, to_new = false;
  for (const auto& row : draft.added()) (row.in_new ? to_new : to_cur) = true;
  if (to_cur) base::sync_directory(directory / "cur");
  if (to_new) base::sync_directory(directory / "new");
}

base::Result<void> MailboxImpl::check_appendable(std::span<const NewMessage> messages,
                                                 const MessageTable& table) const {
  if (auto alive = check_alive(); !alive) return alive;
  imap::FlagSet flags;
  for (const auto& message : messages) flags.add(message.flags);
  return check_room_for(flags, table);
}

base::Result<std::vector<imap::Uid>> MailboxImpl::append(std::span<NewMessage> messages, const AtCommit& at_commit,
                                                         const std::string& by) {
  if (messages.empty()) return std::vector<imap::Uid>{};
  std::vector<imap::Uid> uids;
  try {
    const Foreground::Busy busy(core_.foreground);
    Spool spool;
    {
      const base::MutexLock lock(state_.table_mutex);
      if (auto good = check_appendable(messages, state_.shared().table); !good) return std::unexpected(good.error());
      spool.directory = state_.shared().directory;
    }
    for (const auto& message : messages) spool.write(message, *core_.contents);
    if (core_.options.sync_to_disk) sync_files(spool.files);

    const ChangeLock lock(state_.change_mutex);
    spool.directory = state_.directory();
    if (auto good = check_appendable(messages, table()); !good) return std::unexpected(good.error());
    Change change(state_, client_or(by));
    auto& draft = change.draft();
    if (auto room = draft.reserve_uids(messages.size()); !room) return std::unexpected(room.error());
    draft_appended(draft, spool, messages);
    change.prepare();
    std::vector<keys::FileStamp> stamps;
    for (std::size_t i = 0; i < messages.size(); ++i) {
      const auto path = state_.directory() / MessageTable::path_of(draft.added()[i]);
      stamps.push_back(spool.rename(i, path));
      uids.push_back(draft.added()[i].uid);
    }
    sync_names(draft, state_.directory());
    draft.write_with_added([&](IndexBatch& batch, std::size_t i) {
      const keys::ContentLink link{spool.contents[i].number(), stamps[i]};
      spool.contents[i].put(batch);
      spool.put_keys(batch, i);
      batch.put(keys::content_link(state_.id, uids[i]), keys::encode(link));
    });
    change.commit(at_commit, uids);
    spool.kept = true;
  } catch (...) {
    return failed();
  }
  changed();
  return uids;
}

// The text of a message that was elsewhere: an APPEND of one, but for its row, which is there.
base::Result<void> MailboxImpl::bring(imap::Uid uid, const imap::Literal& text) {
  try {
    Spool spool;
    {
      const base::MutexLock lock(state_.table_mutex);
      spool.directory = state_.shared().directory;
    }
    spool.write({.data = text, .flags = {}, .internal_date = {}}, *core_.contents);
    if (core_.options.sync_to_disk) sync_files(spool.files);

    const ChangeLock lock(state_.change_mutex);
    spool.directory = state_.directory();
    if (auto alive = check_alive(); !alive) return alive;
    auto row = brought(uid, spool.files[0]);
    if (!row) return std::unexpected(row.error());
    Change change(state_);
    const auto path = state_.directory() / MessageTable::path_of(*row);
    base::set_modification_time(spool.files[0].file.get(), row->internal_date);
    change.draft().bring(std::move(*row));
    change.prepare();
    const auto stamp = spool.rename(0, path);
    if (core_.options.sync_to_disk) base::sync_directory(path.parent_path());
    change.draft().erase_content(uid);
    change.draft().write_also([&](IndexBatch& batch) {
      spool.contents[0].put(batch);
      spool.put_keys(batch, 0);
      batch.put(keys::content_link(state_.id, uid), keys::encode(keys::ContentLink{spool.contents[0].number(), stamp}));
    });
    change.commit();
    spool.kept = true;
  } catch (...) {
    return failed();
  }
  changed();
  return {};
}

}  // namespace store

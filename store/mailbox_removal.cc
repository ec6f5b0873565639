// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// DELETE of a mailbox: it is set aside in one step, noted as deleted by somebody, and its messages are kept.
#include <system_error>

#include "proto/base/clock.h"
#include "store/mail_store_impl.h"
#include "store/mailbox/refusal.h"
#include "store/maildir/delete_mailbox.h"
#include "store/maildir/mailbox_file.h"
#include "store/removed_mailboxes.h"

namespace store {

namespace fs = std::filesystem;

namespace {
constexpr const char* kNameOfRemoved = "name";  // a file in what was set aside
}  // namespace

// Mailboxes below stay. The files are unlinked when nobody has to wait for it any more.
base::Result<void> MailStoreImpl::remove(const imap::MailboxName& name) {
  if (name.is_inbox()) return base::refuse(base::Reason::InvalidName, "INBOX cannot be deleted");
  fs::path aside;
  try {
    const base::MutexLock structure(structure_);
    const auto directory = layout_.directory(name);
    if (!directory) return std::unexpected(directory.error());
    if (!layout_.is_mailbox(name, *directory)) {
      if (is_above_others(name))
        return base::refuse(base::Reason::HasChildren, "mailbox " + name.utf8() + " is only a name above others");
      return no_such_mailbox(name);
    }
    const auto held = hold(name);
    const auto mailbox = find_open(name);
    const Foreground::Hurry hurry(core_.foreground);
    for (int i = 0; i < 1000 && mailbox && mailbox->work(); ++i) {  // flags into the files' names
    }
    if (mailbox) mailbox->expect_removal(true);
    try {
      aside = set_aside(layout_.root(), *directory);
    } catch (const std::system_error&) {
      if (mailbox) mailbox->expect_removal(false);
      throw;
    }
    forget(name);
    if (mailbox) mailbox->mark_deleted();
    base::write_all(base::create_new(aside / kNameOfRemoved).get(), name.utf8());
    finish_removal(*directory, aside);
    remove_empty_above(layout_.root(), *directory);
    change_special_use([&](auto& uses) { return std::erase_if(uses, [&](auto& u) { return u.second == name; }) > 0; });
  } catch (const std::system_error& error) {
    return std::unexpected(refusal_of(error));
  }
  std::error_code ignored;
  note_removal(aside, name);
  keep_mailbox(aside, {});
  fs::remove_all(aside, ignored);
  announce(StoreEvent::Kind::Deleted, name);
  return {};
}

// That it was said: a mailbox that is only gone may have been taken away.
void MailStoreImpl::note_removal(const fs::path& aside, const imap::MailboxName& name) {
  try {
    const auto file = MailboxFile::read(aside, MailboxFile::without_uids);
    if (!file) return;
    StateBatch batch;
    batch.put(std::string(kMailboxRemoved) + name.utf8(), std::to_string(file->uid_validity.value));
    put_state(batch, true);
    LedgerEntry entry;
    entry.what = LedgerEntry::What::MailboxDeleted;
    entry.when = base::unix_now();
    entry.mailbox_id = file->id;
    entry.mailbox = name.utf8();
    entry.by = kClient;
    core_.ledger->note({&entry, 1});
  } catch (const std::runtime_error& error) {
    core_.options.log.warning("that a mailbox was deleted cannot be noted", {{"why", error.what()}});
  }
}

// What was expunged before is kept already. Where there is no room to keep a mailbox that a user deletes, it goes.
void MailStoreImpl::keep_mailbox(const fs::path& aside, const fs::path& directory) {
  if (!core_.removed->keeps()) return;
  auto name = directory.lexically_relative(layout_.root()).string();
  try {
    if (const auto said = base::read_file_if_exists(aside / kNameOfRemoved)) name = *said;
    core_.removed->take_mailbox(aside, name, "deletion of the mailbox");
  } catch (const std::runtime_error& error) {
    core_.options.log.warning("a mailbox that was deleted cannot be kept", {{"mailbox", name}, {"why", error.what()}});
  }
}

}  // namespace store

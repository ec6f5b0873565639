// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/model/store_side.h"

#include <algorithm>
#include <filesystem>
#include <stdexcept>
#include <type_traits>

#include "sync/local/store_replica.h"

namespace tests {

namespace {

imap::MailboxName name_of(const std::string& mailbox) { return *mirror::MailboxPath(mailbox).to_name('/', ""); }

template <class T>
T must(base::Result<T> result) {
  if (!result) throw std::runtime_error("the store refuses: " + result.error().text);
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

}  // namespace

StoreSide::StoreSide(transport::WorkerPool& workers, Fuse& fuse) : workers_(workers), fuse_(fuse) { restart(); }

void StoreSide::restart() {
  store_.reset();
  store::StoreOptions options;
  options.watch = false;
  options.sync_to_disk = false;
  store_ = must(store::MailStore::open(root_.path(), options));
}

void StoreSide::lose_index() {
  store_.reset();
  std::filesystem::remove_all(root_.path() / ".postern");
  restart();
}

std::shared_ptr<store::Mailbox> StoreSide::open(const std::string& mailbox) {
  return must(store_->open_mailbox(name_of(mailbox)));
}

std::vector<std::string> StoreSide::mailboxes() {
  std::vector<std::string> out;
  for (const auto& entry : store_->list())
    if (entry.exists && entry.selectable) out.push_back(mirror::MailboxPath::from_name(entry.name, '/', "")->text());
  std::ranges::sort(out);
  return out;
}

std::vector<Letter> StoreSide::letters(const std::string& mailbox) {
  std::vector<Letter> out;
  if (!store_->exists(name_of(mailbox))) return out;
  const auto opened = open(mailbox);
  const auto reader = opened->reader();
  for (const auto& message : opened->messages(imap::UidSet::between(imap::Uid(1), imap::Uid(0xfffffffe)))) {
    const auto section = reader->section(message.uid, imap::Section{});
    if (!section) throw std::runtime_error("a message without text");
    std::string text;
    section->octets.append_to(text, 0, section->octets.size());
    out.push_back({message.uid, std::move(text), message.flags, message.internal_date});
  }
  return out;
}

void StoreSide::append(const std::string& mailbox, const Letter& letter) {
  std::vector<store::NewMessage> messages{{imap::Literal(letter.text), letter.flags, letter.date}};
  must(open(mailbox)->append(messages));
}

void StoreSide::change_flags(const std::string& mailbox, imap::Uid uid, imap::FlagChange change,
                             const imap::FlagSet& flags) {
  must(open(mailbox)->change_flags(imap::UidSet::of(uid), change, flags));
}

void StoreSide::expunge(const std::string& mailbox, imap::Uid uid) {
  must(open(mailbox)->remove(imap::UidSet::of(uid)));
}

void StoreSide::create(const std::string& mailbox) {
  if (!store_->exists(name_of(mailbox))) must(store_->create(name_of(mailbox)));
}

bool StoreSide::is_subscribed(const std::string& mailbox) {
  for (const auto& entry : store_->list())
    if (entry.name == name_of(mailbox)) return entry.subscribed;
  return false;
}

void StoreSide::set_subscribed(const std::string& mailbox, bool subscribed) {
  must(store_->set_subscribed(name_of(mailbox), subscribed));
}

std::string StoreSide::fingerprint() {
  std::string out;
  for (const auto& mailbox : mailboxes()) {
    const auto status = open(mailbox)->status();
    out += mailbox + ' ' + std::to_string(status.uid_next.value) + ' ' + std::to_string(status.highest_modseq.value) +
           (is_subscribed(mailbox) ? " subscribed\n" : "\n");
  }
  return out;
}

std::unique_ptr<mirror::Replica> StoreSide::connect() {
  return mirror::make_store_replica(*store_, workers_, {"", store_->delimiter()});
}

std::unique_ptr<mirror::JournalStorage> StoreSide::storage() {
  return make_fused_storage(mirror::make_store_storage(*store_), fuse_);
}

}  // namespace tests

// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// DO NOT CHANGE what is written here; add record versions instead (docs/sync.md
// describes it).
//
// Keys begin with sync/<account> NUL:
//   m <mailbox>                version 1, local state, remote state, subscribed, path
//   p <mailbox> <remote UID>   local UID, system flags, keywords
//   i <mailbox> <to> <UID>     floor, size, system flags, digest (32), keywords
//   u <mailbox>                nothing: the mailbox is uncertain
//   a …, d …, e …, f …, h …    in journal_marks.cc
//   n <name>                   a note
// Numbers are big-endian; a state is UIDVALIDITY (4), UIDNEXT (4), MODSEQ (8), messages (4).
#include "sync/journal/journal.h"

#include <algorithm>
#include <map>
#include <set>

#include "proto/base/clock.h"
#include "sync/journal/octets.h"
#include "sync/journal/trial_storage.h"

namespace mirror {

namespace {

constexpr const char* kLostNote = "lost";  // what the storage said of its losses when all was paired anew

void put_state(std::string& out, const SideState& state) {
  put<std::uint32_t>(out, state.uid_validity.value);
  put<std::uint32_t>(out, state.uid_next.value);
  put<std::uint64_t>(out, state.modseq.value);
  put<std::uint32_t>(out, state.messages);
}

SideState take_state(Take& take) {
  SideState out;
  out.uid_validity = imap::UidValidity(take.number<std::uint32_t>());
  out.uid_next = imap::Uid(take.number<std::uint32_t>());
  out.modseq = imap::ModSeq(take.number<std::uint64_t>());
  out.messages = take.number<std::uint32_t>();
  return out;
}

class StoreStorage final : public JournalStorage {
 public:
  explicit StoreStorage(store::MailStore& mail_store) : store_(mail_store) {}
  void for_each(std::string_view prefix, const std::function<void(std::string_view, std::string_view)>& f) override {
    store_.for_each_state(prefix, [&](std::string_view key, std::string_view value) {
      f(key, value);
      return true;
    });
  }
  void write(const store::StateBatch& batch, bool durable) override { store_.put_state(batch, durable); }
  std::string lost() const override { return store_.get_state(std::string(store::kIndexWentBack)).value_or(""); }

 private:
  store::MailStore& store_;
};

}  // namespace

std::unique_ptr<JournalStorage> make_store_storage(store::MailStore& mail_store) {
  return std::make_unique<StoreStorage>(mail_store);
}

Journal::Journal(std::unique_ptr<JournalStorage> storage, std::string account)
    : storage_(std::move(storage)), account_(std::move(account)), prefix_("sync/" + account_ + std::string(1, '\0')) {
  if (storage_->unreadable() > 0) mend();
  if (const auto lost = storage_->lost(); lost != note(kLostNote)) {
    store::StateBatch batch;
    doubt_all(batch);
    batch.put(prefix_ + 'n' + kLostNote, lost);
    storage_->write(batch, true);
  }
}

std::unique_ptr<Journal> Journal::for_trial() {
  return std::make_unique<Journal>(make_trial_storage(*storage_), account_);
}

void Journal::look_at_all() {
  store::StateBatch batch;
  for (auto& record : mailboxes()) {
    record.local.modseq = record.remote.modseq = imap::ModSeq(0);
    put_mailbox(batch, record);
  }
  storage_->write(batch, true);
}

std::string Journal::key(char kind, std::uint32_t mailbox) const {
  auto out = prefix_ + kind;
  put<std::uint32_t>(out, mailbox);
  return out;
}

std::vector<MailboxRecord> Journal::mailboxes() {
  std::vector<MailboxRecord> out;
  const auto prefix = prefix_ + 'm';
  storage_->for_each(prefix, [&](std::string_view key, std::string_view value) {
    Take name{key.substr(prefix.size())}, take{value};
    MailboxRecord record;
    record.number = name.number<std::uint32_t>();
    const auto version = take.number<std::uint8_t>();
    record.local = take_state(take);
    record.remote = take_state(take);
    record.subscribed = take.number<std::uint8_t>() != 0;
    record.path = MailboxPath(std::string(take.text));
    if (!name.ok || !take.ok || version != 1)
      throw Failure(base::Reason::Corrupt, "the journal holds a record that this version does not understand");
    last_number_ = std::max(last_number_, record.number);
    out.push_back(std::move(record));
  });
  return out;
}

MailboxRecord Journal::add_mailbox(const MailboxPath& path) {
  MailboxRecord out;
  // Never a number that another one had: what is left of that one in a damaged file must not be taken for this one's.
  last_number_ = std::max(last_number_ + 1, static_cast<std::uint32_t>(base::unix_now()));
  out.number = last_number_;
  out.path = path;
  return out;
}

bool Journal::is_uncertain(std::uint32_t mailbox) {
  bool out = false;
  storage_->for_each(key('u', mailbox), [&](std::string_view, std::string_view) { out = true; });
  return out;
}

// What was lost may be pairs, flags and how far a mailbox was; what is left is true: a pair is one as long as both
// UIDVALIDITYs stand. So each mailbox is listed whole, and what has no pair is paired as at first sight.
void Journal::mend() {
  unreadable_ = storage_->unreadable();
  store::StateBatch batch;
  doubt_all(batch);
  storage_->mend(batch);
}

void Journal::doubt_all(store::StateBatch& batch) {
  std::map<MailboxPath, MailboxRecord> known;  // of two with one path the older was forgotten
  for (auto& record : mailboxes()) known.insert_or_assign(record.path, std::move(record));
  std::set<std::uint32_t> numbers;
  for (auto& [path, record] : known) {
    numbers.insert(record.number);
    record.local.modseq = record.remote.modseq = imap::ModSeq(0);
    put_mailbox(batch, record);
    batch.put(key('u', record.number), {});
  }
  for (const char kind : {'m', 'p', 'i', 'f', 'h', 'u', 'a', 'e'})
    storage_->for_each(prefix_ + kind, [&](std::string_view key, std::string_view) {
      Take name{key.substr(prefix_.size() + 1)};
      if (!numbers.contains(name.number<std::uint32_t>())) batch.erase(std::string(key));
    });
}

PairTable Journal::pairs(std::uint32_t mailbox) {
  PairTable out;
  const auto prefix = key('p', mailbox);
  storage_->for_each(prefix, [&](std::string_view key, std::string_view value) {
    Take name{key.substr(prefix.size())}, take{value};
    Pair pair;
    pair.remote = imap::Uid(name.number<std::uint32_t>());
    pair.local = imap::Uid(take.number<std::uint32_t>());
    const auto bits = take.number<std::uint8_t>();
    const auto end = take.text.find('\0');
    pair.flags = take_flags(bits, take.text.substr(0, end));
    if (end != std::string_view::npos) {
      take.text.remove_prefix(end + 1);
      pair.mark = take.number<std::uint64_t>();
    }
    if (name.ok && take.ok) out.put(std::move(pair));
  });
  return out;
}

std::vector<Intent> Journal::intents(std::uint32_t mailbox) {
  std::vector<Intent> out;
  const auto prefix = key('i', mailbox);
  storage_->for_each(prefix, [&](std::string_view key, std::string_view value) {
    Take name{key.substr(prefix.size())}, take{value};
    Intent intent;
    intent.to = name.number<std::uint8_t>() == 0 ? Side::Local : Side::Remote;
    intent.source = imap::Uid(name.number<std::uint32_t>());
    intent.floor = imap::Uid(take.number<std::uint32_t>());
    intent.size = take.number<std::uint64_t>();
    const auto bits = take.number<std::uint8_t>();
    intent.digest = take.octets(32);
    intent.flags = take_flags(bits, take.text);
    if (name.ok && take.ok) out.push_back(std::move(intent));
  });
  return out;
}

void Journal::forget_mailbox(std::uint32_t mailbox) {
  store::StateBatch batch;
  for (const char kind : {'p', 'i', 'f', 'h', 'u', 'd', 'a', 't', 'e', 'w', 'm'})
    storage_->for_each(key(kind, mailbox),
                       [&](std::string_view key, std::string_view) { batch.erase(std::string(key)); });
  storage_->write(batch, true);
}

void Journal::erase_begun(store::StateBatch& batch, std::uint32_t mailbox) {
  for (const char kind : {'i', 'f', 'd'})
    storage_->for_each(key(kind, mailbox),
                       [&](std::string_view key, std::string_view) { batch.erase(std::string(key)); });
}

void Journal::put_mailbox(store::StateBatch& batch, const MailboxRecord& record) const {
  std::string value;
  put<std::uint8_t>(value, 1);
  put_state(value, record.local);
  put_state(value, record.remote);
  put<std::uint8_t>(value, record.subscribed ? 1 : 0);
  value += record.path.text();
  batch.put(key('m', record.number), std::move(value));
}

void Journal::put_pair(store::StateBatch& batch, std::uint32_t mailbox, const Pair& pair) const {
  auto name = key('p', mailbox);
  put<std::uint32_t>(name, pair.remote.value);
  std::string value;
  put<std::uint32_t>(value, pair.local.value);
  put<std::uint8_t>(value, pair.flags.system_bits());
  put_keywords(value, pair.flags);
  if (pair.mark != 0) {
    value += '\0';
    put<std::uint64_t>(value, pair.mark);
  }
  batch.put(std::move(name), std::move(value));
}

void Journal::erase_pair(store::StateBatch& batch, std::uint32_t mailbox, imap::Uid remote) const {
  auto name = key('p', mailbox);
  put<std::uint32_t>(name, remote.value);
  batch.erase(std::move(name));
  batch.erase(remote_key('e', mailbox, remote));
}

void Journal::put_intent(store::StateBatch& batch, std::uint32_t mailbox, const Intent& intent) const {
  auto name = key('i', mailbox);
  put<std::uint8_t>(name, intent.to == Side::Local ? 0 : 1);
  put<std::uint32_t>(name, intent.source.value);
  std::string value;
  put<std::uint32_t>(value, intent.floor.value);
  put<std::uint64_t>(value, intent.size);
  put<std::uint8_t>(value, intent.flags.system_bits());
  value += intent.digest;
  put_keywords(value, intent.flags);
  batch.put(std::move(name), std::move(value));
}

void Journal::erase_intent(store::StateBatch& batch, std::uint32_t mailbox, Side to, imap::Uid source) const {
  auto name = key('i', mailbox);
  put<std::uint8_t>(name, to == Side::Local ? 0 : 1);
  put<std::uint32_t>(name, source.value);
  batch.erase(std::move(name));
}

void Journal::put_note(const std::string& name, const std::string& text) {
  store::StateBatch batch;
  batch.put(prefix_ + 'n' + name, text);
  storage_->write(batch, false);
}

std::string Journal::note(const std::string& name) {
  std::string out;
  const auto wanted = prefix_ + 'n' + name;
  storage_->for_each(wanted, [&](std::string_view key, std::string_view value) {
    if (key == wanted) out = value;
  });
  return out;
}

}  // namespace mirror

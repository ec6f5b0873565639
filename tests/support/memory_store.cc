// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/support/memory_store.h"

#include <algorithm>

#include "proto/base/clock.h"
#include "proto/mail/digest.h"
#include "proto/mail/sort_keys.h"

namespace tests {

namespace {

bool contains(std::string_view text, std::string_view part) {
  return std::ranges::search(text, part, [](char a, char b) { return (a | 32) == (b | 32); }).begin() != text.end() ||
         part.empty();
}

std::size_t header_size(std::string_view text) {
  const auto end = text.find("\r\n\r\n");
  return end == std::string_view::npos ? text.size() : end + 4;
}

bool matches(const imap::SearchKey& key, const MemoryMailbox::Row& row) {
  using Kind = imap::SearchKey::Kind;
  const auto& m = row.message;
  const auto each = [&](const auto& child) { return matches(child, row); };
  switch (key.kind) {
    case Kind::All: return true;
    case Kind::And: return std::ranges::all_of(key.children, each);
    case Kind::Or: return std::ranges::any_of(key.children, each);
    case Kind::Not: return !each(key.children.at(0));
    case Kind::Uids: return key.uids.contains(m.uid);
    case Kind::HasFlag: return m.flags.has(key.flag);
    case Kind::Keyword: return m.flags.has(key.text);
    case Kind::Larger: return *m.size > key.number;
    case Kind::Smaller: return *m.size < key.number;
    case Kind::Older: return m.internal_date <= base::unix_now() - static_cast<std::int64_t>(key.number);
    case Kind::Younger: return m.internal_date >= base::unix_now() - static_cast<std::int64_t>(key.number);
    case Kind::ModSeq: return m.modseq.value >= key.number;
    case Kind::Body: return contains(std::string_view(row.text).substr(header_size(row.text)), key.text);
    default: return contains(row.text, key.text);
  }
}

class Reader final : public store::ContentReader {
 public:
  explicit Reader(const MemoryMailbox& mailbox) : mailbox_(mailbox) {}
  std::optional<std::uint64_t> size(imap::Uid uid) override {
    const auto text = mailbox_.text(uid);
    if (!text) return std::nullopt;
    return text->size();
  }
  std::optional<std::string_view> header(imap::Uid uid) override {
    const auto text = mailbox_.text(uid);
    if (!text) return std::nullopt;
    header_ = text->substr(0, header_size(*text));
    return header_;
  }
  std::optional<std::string> content_id(imap::Uid uid) override {
    const auto text = mailbox_.text(uid);
    if (!text) return std::nullopt;
    mail::Sha256 digest;
    digest.add(*text);
    return digest.finish();
  }
  const imap::Envelope* envelope(imap::Uid uid) override { return mailbox_.text(uid) ? &envelope_ : nullptr; }
  const imap::BodyStructure* body_structure(imap::Uid uid) override {
    const auto text = mailbox_.text(uid);
    if (!text) return nullptr;
    body_.type = "text";
    body_.subtype = "plain";
    body_.size = text->size() - header_size(*text);
    return &body_;
  }
  std::optional<SectionData> section(imap::Uid uid, const imap::Section& section) override {
    using Text = imap::Section::Text;
    auto text = mailbox_.text(uid);
    if (!text) return std::nullopt;
    if (!section.part.empty() && section.part != std::vector<std::uint32_t>{1})
      return SectionData{.exists = false, .octets = {}};
    if (!section.part.empty() || section.text == Text::Text)
      return SectionData{true, store::Octets(text->substr(header_size(*text)))};
    if (section.text == Text::All) return SectionData{true, store::Octets(std::move(*text))};
    return SectionData{true, store::Octets(text->substr(0, header_size(*text)))};
  }

 private:
  const MemoryMailbox& mailbox_;
  std::string header_;
  imap::Envelope envelope_;
  imap::BodyStructure body_;
};

}  // namespace

imap::MailboxName MemoryMailbox::name() const {
  const base::MutexLock lock(mutex_);
  return name_;
}

bool MemoryMailbox::is_deleted() const {
  const base::MutexLock lock(mutex_);
  return deleted_;
}

void MemoryMailbox::mark_deleted() {
  const base::MutexLock lock(mutex_);
  deleted_ = true;
  rows_.clear();
}

void MemoryMailbox::renamed(imap::MailboxName to) {
  const base::MutexLock lock(mutex_);
  name_ = std::move(to);
}

store::MailboxStatus MemoryMailbox::status() const {
  const base::MutexLock lock(mutex_);
  store::MailboxStatus out{.mailbox_id = "M" + std::to_string(validity_),
                           .uid_validity = imap::UidValidity(validity_),
                           .uid_next = imap::Uid(next_),
                           .highest_modseq = modseq_};
  out.messages = static_cast<std::uint32_t>(rows_.size());
  out.recent = static_cast<std::uint32_t>(unclaimed_.size());
  for (const auto& [uid, row] : rows_) {
    out.unseen += !row.message.flags.has(imap::Flag::Seen);
    out.deleted += row.message.flags.has(imap::Flag::Deleted);
  }
  return out;
}

std::uint64_t MemoryMailbox::size() {
  const base::MutexLock lock(mutex_);
  std::uint64_t out = 0;
  for (const auto& [uid, row] : rows_) out += row.text.size();
  return out;
}

std::vector<std::string> MemoryMailbox::keywords() const {
  const base::MutexLock lock(mutex_);
  imap::FlagSet all;
  for (const auto& [uid, row] : rows_) all.add(row.message.flags);
  return all.keywords();
}

std::vector<imap::Uid> MemoryMailbox::uids() const {
  const base::MutexLock lock(mutex_);
  std::vector<imap::Uid> out;
  for (const auto& [uid, row] : rows_) out.push_back(uid);
  return out;
}

std::optional<imap::Uid> MemoryMailbox::first_unseen() const {
  const base::MutexLock lock(mutex_);
  for (const auto& [uid, row] : rows_)
    if (!row.message.flags.has(imap::Flag::Seen)) return uid;
  return std::nullopt;
}

std::vector<store::Message> MemoryMailbox::messages(const imap::UidSet& uids) const {
  const base::MutexLock lock(mutex_);
  std::vector<store::Message> out;
  for (const auto& [uid, row] : rows_)
    if (uids.contains(uid)) out.push_back(row.message);
  return out;
}

store::Changes MemoryMailbox::changes_since(imap::ModSeq since) const {
  const base::MutexLock lock(mutex_);
  store::Changes out{.changed = {}, .vanished = {}, .said = {}, .highest = modseq_};
  for (const auto& [uid, row] : rows_)
    if (row.message.modseq > since) out.changed.push_back(row.message);
  for (const auto& [modseq, uids] : expunged_)
    if (modseq > since) out.vanished.add(uids);
  return out;
}

imap::UidSet MemoryMailbox::claim_recent() {
  const base::MutexLock lock(mutex_);
  return std::exchange(unclaimed_, {});
}

imap::UidSet MemoryMailbox::unclaimed_recent() const {
  const base::MutexLock lock(mutex_);
  return unclaimed_;
}

base::Result<std::vector<imap::Uid>> MemoryMailbox::append(std::span<store::NewMessage> messages,
                                                           const store::AtCommit&, const std::string&) {
  std::vector<imap::Uid> out;
  {
    const base::MutexLock lock(mutex_);
    if (deleted_) return base::refuse(base::Reason::NoSuchMailbox, "The mailbox was deleted.");
    std::uint64_t octets = 0;
    for (const auto& message : messages) octets += message.data.size();
    if (octets > room) return base::refuse(base::Reason::NoSpace, "No space left.");
    room -= octets;
    modseq_ = modseq_.next();
    ++commits;
    for (auto& message : messages) {
      const imap::Uid uid(next_++);
      Row row{.message = {}, .text = message.data.bytes()};
      row.message = {uid, modseq_, message.flags, message.internal_date.value_or(base::unix_now()), row.text.size()};
      rows_.emplace(uid, std::move(row));
      unclaimed_.add(uid);
      out.push_back(uid);
    }
  }
  feed_.publish();
  return out;
}

base::Result<store::Copied> MemoryMailbox::copy_to(const imap::UidSet& uids, store::Mailbox& to, const store::AtCommit&,
                                                   const std::string&) {
  std::vector<store::NewMessage> copies;
  store::Copied out{.uid_validity = to.status().uid_validity, .from = {}, .to = {}};
  {
    const base::MutexLock lock(mutex_);
    for (const auto& [uid, row] : rows_) {
      if (!uids.contains(uid)) continue;
      out.from.push_back(uid);
      copies.push_back({imap::Literal(row.text), row.message.flags, row.message.internal_date});
    }
  }
  if (out.from.size() < uids.size()) return base::refuse(base::Reason::Expunged, "Some of the messages are gone.");
  auto added = to.append(copies);
  if (!added) return std::unexpected(added.error());
  out.to = std::move(*added);
  return out;
}

base::Result<store::Copied> MemoryMailbox::move_to(const imap::UidSet& uids, store::Mailbox& to,
                                                   const store::AtCommit& at_commit, const std::string&) {
  imap::UidSet present;
  for (const auto& message : messages(uids)) present.add(message.uid);
  auto copied = copy_to(present, to, at_commit, {});
  return copied ? (erase(present), copied) : copied;
}

base::Result<store::FlagsChanged> MemoryMailbox::change_flags(const imap::UidSet& uids, imap::FlagChange change,
                                                              const imap::FlagSet& flags,
                                                              std::optional<imap::ModSeq> unchanged_since,
                                                              const store::AtCommit&, const std::string&) {
  store::FlagsChanged out;
  {
    const base::MutexLock lock(mutex_);
    if (deleted_) return base::refuse(base::Reason::NoSuchMailbox, "The mailbox was deleted.");
    for (auto& [uid, row] : rows_) {
      if (!uids.contains(uid)) continue;
      auto& message = row.message;
      if (unchanged_since && message.modseq > *unchanged_since) {
        out.modified.add(uid);
        continue;
      }
      auto now = change == imap::FlagChange::Replace ? flags : message.flags;
      if (change == imap::FlagChange::Add) now.add(flags);
      if (change == imap::FlagChange::Remove) now.remove(flags);
      if (now != message.flags) {
        message.flags = std::move(now);
        message.modseq = modseq_.next();
        out.touched.add(uid);
      }
      out.changed.push_back(message);
    }
    out.missing = uids.minus(out.modified);
    for (const auto& message : out.changed) out.missing.remove(message.uid);
    if (!out.touched.empty()) modseq_ = modseq_.next(), ++commits;
    out.modseq = modseq_;
  }
  if (!out.touched.empty()) feed_.publish();
  return out;
}

base::Result<imap::UidSet> MemoryMailbox::expunge(const std::optional<imap::UidSet>& uids, const store::AtCommit&,
                                                  const std::string&) {
  imap::UidSet doomed;
  {
    const base::MutexLock lock(mutex_);
    if (deleted_) return base::refuse(base::Reason::NoSuchMailbox, "The mailbox was deleted.");
    for (const auto& [uid, row] : rows_)
      if (row.message.flags.has(imap::Flag::Deleted) && (!uids || uids->contains(uid))) doomed.add(uid);
  }
  return erase(doomed);
}

base::Result<imap::UidSet> MemoryMailbox::remove(const imap::UidSet& uids, const store::AtCommit&, const std::string&) {
  return erase(uids);
}

imap::UidSet MemoryMailbox::erase(const imap::UidSet& uids) {
  imap::UidSet gone;
  {
    const base::MutexLock lock(mutex_);
    std::erase_if(rows_, [&](const auto& row) {
      const bool doomed = uids.contains(row.first);
      if (doomed) gone.add(row.first);
      return doomed;
    });
    if (gone.empty()) return gone;
    modseq_ = modseq_.next();
    ++commits;
    unclaimed_ = unclaimed_.minus(gone);
    expunged_.emplace_back(modseq_, gone);
  }
  feed_.publish();
  return gone;
}

std::unique_ptr<store::ContentReader> MemoryMailbox::reader() { return std::make_unique<Reader>(*this); }

std::vector<imap::Uid> MemoryMailbox::search(const imap::SearchKey& key, const imap::UidSet& among,
                                             const std::function<bool()>& stop) {
  const base::MutexLock lock(mutex_);
  std::vector<imap::Uid> out;
  for (const auto& [uid, row] : rows_) {
    if (stop && stop()) throw store::SearchStopped();
    if (among.contains(uid) && matches(key, row)) out.push_back(uid);
  }
  return out;
}

std::vector<imap::Uid> MemoryMailbox::sort(const imap::SortProgram& program, const std::vector<imap::Uid>& found,
                                           const std::function<bool()>& stop) {
  if (stop && stop()) throw store::SearchStopped();
  const bool reverse = program.front().reverse;  // enough for sessions: by the subject alone
  std::vector<std::pair<std::string, imap::Uid>> order;
  for (const auto uid : found) order.emplace_back(mail::sort_keys_of(text(uid).value_or("")).texts.subject, uid);
  std::ranges::sort(order, [&](const auto& a, const auto& b) {
    return a.first != b.first ? (a.first < b.first) != reverse : a.second < b.second;
  });
  std::vector<imap::Uid> out;
  for (const auto& [subject, uid] : order) out.push_back(uid);
  return out;
}

imap::Threads MemoryMailbox::threads(imap::ThreadAlgorithm algorithm, const std::vector<imap::Uid>& found,
                                     const std::function<bool()>& stop) {
  if (stop && stop()) throw store::SearchStopped();
  std::vector<mail::ThreadKeys> keys;
  for (const auto uid : found) keys.push_back(mail::sort_keys_of(text(uid).value_or("")).thread);
  std::vector<imap::ThreadMessage> messages;
  for (std::size_t i = 0; i < found.size(); ++i)
    messages.push_back(
        {found[i].value, keys[i].date, keys[i].is_reply_or_forward, keys[i].subject, keys[i].id, keys[i].references});
  return imap::make_threads(algorithm, messages, stop);
}

std::optional<std::string> MemoryMailbox::text(imap::Uid uid) const {
  const base::MutexLock lock(mutex_);
  const auto it = rows_.find(uid);
  if (it == rows_.end()) return std::nullopt;
  return it->second.text;
}

MemoryStore::MemoryStore() { (void)create(imap::MailboxName::inbox(), {}); }

std::vector<store::MailboxEntry> MemoryStore::list() {
  const base::MutexLock lock(mutex_);
  std::map<imap::MailboxName, store::MailboxEntry> out;
  const auto add = [&](const imap::MailboxName& name) REQUIRES(mutex_) -> store::MailboxEntry& {
    auto [it, fresh] = out.try_emplace(name);
    if (fresh) it->second.name = name, it->second.exists = it->second.selectable = mailboxes_.contains(name);
    return it->second;
  };
  for (const auto& [name, slot] : mailboxes_) {
    add(name).special_use = slot.special_use;
    for (auto parent = name.parent('/'); parent; parent = parent->parent('/')) add(*parent).has_children = true;
  }
  for (const auto& name : subscribed_) add(name).subscribed = true;
  std::vector<store::MailboxEntry> entries;
  for (auto& [name, entry] : out) entries.push_back(std::move(entry));
  return entries;
}

bool MemoryStore::exists(const imap::MailboxName& name) {
  const base::MutexLock lock(mutex_);
  return mailboxes_.contains(name);
}

base::Result<std::shared_ptr<store::Mailbox>> MemoryStore::open_mailbox(const imap::MailboxName& name) {
  const base::MutexLock lock(mutex_);
  const auto it = mailboxes_.find(name);
  if (it == mailboxes_.end()) return base::refuse(base::Reason::NoSuchMailbox, "Mailbox doesn't exist.");
  return it->second.mailbox;
}

base::Result<void> MemoryStore::create(const imap::MailboxName& name, const std::vector<std::string>& special_use) {
  const base::MutexLock lock(mutex_);
  if (mailboxes_.contains(name)) return base::refuse(base::Reason::AlreadyExists, "Mailbox already exists.");
  mailboxes_[name] = {std::make_shared<MemoryMailbox>(name, validity_++), special_use};
  return {};
}

base::Result<void> MemoryStore::remove(const imap::MailboxName& name) {
  const base::MutexLock lock(mutex_);
  const auto it = mailboxes_.find(name);
  if (it == mailboxes_.end()) return base::refuse(base::Reason::NoSuchMailbox, "Mailbox doesn't exist.");
  it->second.mailbox->mark_deleted();
  mailboxes_.erase(it);
  return {};
}

base::Result<void> MemoryStore::rename(const imap::MailboxName& from, const imap::MailboxName& to) {
  const base::MutexLock lock(mutex_);
  if (!mailboxes_.contains(from)) return base::refuse(base::Reason::NoSuchMailbox, "Mailbox doesn't exist.");
  if (mailboxes_.contains(to)) return base::refuse(base::Reason::AlreadyExists, "Mailbox already exists.");
  auto slot = mailboxes_.extract(from);
  slot.mapped().mailbox->renamed(to);
  slot.key() = to;
  mailboxes_.insert(std::move(slot));
  return {};
}

base::Result<void> MemoryStore::set_subscribed(const imap::MailboxName& name, bool subscribed) {
  const base::MutexLock lock(mutex_);
  if (subscribed)
    subscribed_.insert(name);
  else
    subscribed_.erase(name);
  return {};
}

}  // namespace tests

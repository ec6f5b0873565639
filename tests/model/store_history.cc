// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/model/store_history.h"

#include <algorithm>
#include <system_error>

#include "proto/base/fail_point.h"

namespace tests {

namespace fs = std::filesystem;

namespace {
constexpr std::size_t kMostMailboxes = 4;
}

StoreHistory::StoreHistory(std::uint64_t seed, Kind kind) : random_(seed), kind_(kind) {
  if (kind_.maildir_plus_plus) make_maildir(root_.path());
  open();
  new_model("INBOX");
}

void StoreHistory::open() {
  store::StoreOptions options;
  options.watch = kind_.watch;
  options.sync_to_disk = false;
  auto store = store::MailStore::open(root_.path(), options);
  require(store.has_value(), "the store does not open: " + (store ? "" : store.error().text));
  store_ = std::move(*store);
}

void StoreHistory::new_model(const std::string& name) {
  const auto status = mailbox(name).status();
  auto& model = mailboxes_[name];
  model.id = status.mailbox_id;
  model.uid_validity = status.uid_validity;
  model.highest = status.highest_modseq;
}

store::Mailbox& StoreHistory::mailbox(const std::string& name) {
  auto out = store_->open_mailbox(imap::MailboxName(name, store_->delimiter()));
  require(out.has_value(), "mailbox " + name + " does not open: " + (out ? "" : out.error().text));
  return **out;  // the store keeps it
}

fs::path StoreHistory::directory(const std::string& name) const {
  if (kind_.maildir_plus_plus) return name == "INBOX" ? root_.path() : root_.path() / ("." + name);
  return root_.path() / name;
}

std::string StoreHistory::any_mailbox() {
  auto it = mailboxes_.begin();
  std::advance(it, random(mailboxes_.size()));
  return it->first;
}

imap::UidSet StoreHistory::some_uids(const std::string& name) {
  imap::UidSet out;
  const auto& messages = mailboxes_.at(name).messages;
  const auto share = 1 + random(4);
  for (const auto& [uid, m] : messages)
    if (random(4) < share) out.add(uid);
  return out;
}

imap::FlagSet StoreHistory::some_flags() {
  imap::FlagSet out;
  if (random(4) == 0) return out;
  out.set_system_bits(static_cast<std::uint8_t>(random(32)));
  for (auto n = random(3); n > 0; --n)
    out.add("kw" + std::to_string(random(random(8) == 0 ? 40 : 6)));  // sometimes more than there are letters
  return out;
}

// Every kind of line end, ends without one, NUL and 8-bit octets; never twice the same.
std::string StoreHistory::some_text() {
  const auto kind = random(8);
  std::string out = "Message-ID: <" + std::to_string(++serial_) + "@model>\r\nSubject: a message\r\n\r\n";
  for (auto lines = random(12); lines > 0; --lines) {
    for (auto n = random(60); n > 0; --n) out += static_cast<char>(kind == 0 ? random(256) : 'a' + random(26));
    const auto end = kind == 1 ? random(4) : 3;
    out += end == 0 ? "\n" : end == 1 ? "\r" : end == 2 ? "\r\r\n" : "\r\n";
  }
  if (kind == 2) out += "no line end";
  if (kind == 3) out = "only one line " + std::to_string(serial_);
  return out;
}

template <class Call>
void StoreHistory::change(Effect effect, Call call) {
  under_way_ = effect;
  const auto result = call();  // a crash leaves here
  under_way_.reset();
  if (!result) {
    require(disk_full_ && result.error().reason == base::Reason::NoSpace, "refused: " + result.error().text);
    tell("  refused");
    return;
  }
  if constexpr (requires { result->to; })
    apply(mailboxes_, effect, result->to);
  else if constexpr (requires { result->front().value; })
    apply(mailboxes_, effect, *result);
  else
    apply(mailboxes_, effect, {});
}

void StoreHistory::append() {
  const auto name = any_mailbox();
  Effect effect;
  std::vector<store::NewMessage> messages;
  for (auto n = 1 + random(3) * random(5); n > 0; --n) {
    ModelMessage m;
    m.flags = some_flags();
    m.date = static_cast<std::int64_t>(random(2'000'000'000));
    m.wire = some_text();
    messages.push_back({imap::Literal(m.wire), m.flags, m.date});
    effect.added.push_back({name, std::move(m)});
  }
  tell("append " + std::to_string(messages.size()) + " to " + name);
  change(std::move(effect), [&] { return mailbox(name).append(messages); });
}

void StoreHistory::change_flags() {
  const auto name = any_mailbox();
  auto& model = mailboxes_.at(name);
  const auto uids = some_uids(name);
  const auto how = static_cast<imap::FlagChange>(random(3));
  const auto flags = some_flags();
  tell("flags " + std::to_string(static_cast<int>(how)) + " " + text_of(flags) + " of " + uids.to_string() + " in " +
       name);
  std::optional<imap::ModSeq> unchanged_since;
  imap::UidSet modified;
  if (random(3) == 0 && !model.past.empty()) {
    unchanged_since = model.past[random(model.past.size())].modseq;
    for (const auto& m : mailbox(name).messages(uids))
      if (m.modseq > *unchanged_since) modified.add(m.uid);
  }
  Effect effect;
  uids.for_each([&](imap::Uid uid) {
    auto after = model.messages.at(uid).flags;
    if (modified.contains(uid)) return;
    if (how == imap::FlagChange::Replace) after = flags;
    if (how == imap::FlagChange::Add) after.add(flags);
    if (how == imap::FlagChange::Remove) after.remove(flags);
    effect.flags.emplace_back(name, uid, after);
  });
  change(std::move(effect), [&] {
    auto result = mailbox(name).change_flags(uids, how, flags, unchanged_since);
    if (result) require(result->modified == modified && result->missing.empty(), "MODIFIED is wrong");
    return result;
  });
}

void StoreHistory::transfer(bool move) {
  const auto from = any_mailbox(), to = any_mailbox();
  const auto uids = some_uids(from);
  tell((move ? "move " : "copy ") + uids.to_string() + " from " + from + " to " + to);
  Effect effect;
  uids.for_each([&](imap::Uid uid) {
    auto m = mailboxes_.at(from).messages.at(uid);
    m.foreign_base.clear();
    m.recent = true;
    effect.added.push_back({to, std::move(m)});
    if (move) effect.removed.emplace_back(from, uid);
  });
  change(std::move(effect), [&] {
    auto& target = mailbox(to);
    return move ? mailbox(from).move_to(uids, target) : mailbox(from).copy_to(uids, target);
  });
}

void StoreHistory::expunge(bool by_flag) {
  const auto name = any_mailbox();
  const auto uids = some_uids(name);
  tell((by_flag ? "expunge " : "remove ") + uids.to_string() + " in " + name);
  Effect effect;
  uids.for_each([&](imap::Uid uid) {
    if (!by_flag || mailboxes_.at(name).messages.at(uid).flags.has(imap::Flag::Deleted))
      effect.removed.emplace_back(name, uid);
  });
  change(std::move(effect), [&] { return by_flag ? mailbox(name).expunge(uids) : mailbox(name).remove(uids); });
}

void StoreHistory::claim() {
  const auto name = any_mailbox();
  tell("claim in " + name);
  Effect effect;
  effect.claimed.insert(name);
  under_way_ = effect;
  imap::UidSet expected;
  for (const auto& [uid, m] : mailboxes_.at(name).messages)
    if (m.recent) expected.add(uid);
  try {
    require(mailbox(name).claim_recent() == expected, "the wrong messages were claimed");
    apply(mailboxes_, effect, {});
  } catch (const std::system_error&) {
    require(disk_full_, "claim_recent failed");
  }
  under_way_.reset();
}

void StoreHistory::create() {
  if (mailboxes_.size() >= kMostMailboxes) return;
  const auto name = "box" + std::to_string(random(6));
  tell("create " + name);
  const auto made = store_->create(imap::MailboxName(name));
  require(made.has_value() != mailboxes_.contains(name), "create " + name + " was wrong");
  if (made) new_model(name);
}

void StoreHistory::remove() {
  const auto name = any_mailbox();
  tell("delete " + name);
  const auto removed = store_->remove(imap::MailboxName(name));
  require(removed.has_value() == (name != "INBOX"), "delete " + name + " was wrong");
  if (removed) mailboxes_.erase(name);
}

void StoreHistory::rename() {
  const auto from = any_mailbox();
  const auto to = "box" + std::to_string(random(6));
  if (from == "INBOX") return;
  tell("rename " + from + " to " + to);
  const auto renamed = store_->rename(imap::MailboxName(from), imap::MailboxName(to));
  require(renamed.has_value() != mailboxes_.contains(to), "rename " + from + " was wrong");
  if (!renamed) return;
  auto node = mailboxes_.extract(from);
  node.key() = to;
  mailboxes_.insert(std::move(node));
}

void StoreHistory::store_operation() {
  switch (random(12)) {
    case 0:
    case 1:
    case 2:
    case 3: return append();
    case 4:
    case 5:
    case 6: return change_flags();
    case 7: return transfer(false);
    case 8: return transfer(true);
    case 9: return expunge(true);
    case 10: return expunge(false);
    default: return claim();
  }
}

void StoreHistory::step() {
  const auto kind = random(20);
  if (kind < 12)
    store_operation();
  else if (kind < 17)
    foreign_operation();
  else if (kind == 17)
    create();
  else if (kind == 18)
    random(3) == 0 ? remove() : rename();
  else
    drain();
  compare_all(false);
}

void StoreHistory::drain() {
  store_->drain_renames();
  for (auto& [name, model] : mailboxes_) model.claims_in_doubt = {};  // they are in the index now
}

void StoreHistory::steps_until_failure(int count) {
  disk_full_ = true;
  while (count-- > 0) store_operation();
  store_->drain_renames();  // on a full disk it may leave some of its work
  disk_full_ = false;
}

void StoreHistory::compare_all(bool all_content) {
  std::string have, want;
  for (const auto& entry : store_->list())
    if (entry.selectable) have += " " + entry.name.utf8();
  auto names = mailboxes_;
  for (auto& [name, model] : mailboxes_) want += " " + name;
  require(have == want, "mailboxes are" + have + ", not" + want);
  for (auto& [name, model] : mailboxes_) {
    try {
      compare(mailbox(name), model, random_, all_content);
    } catch (const Mismatch& mismatch) {
      throw Mismatch(name + ": " + mismatch.what());
    }
  }
}

void StoreHistory::reopen() {
  tell("reopen");
  store_.reset();
  for (auto& [name, model] : mailboxes_) model.claims_in_doubt = {};
  open();
  compare_all(true);
}

void StoreHistory::lose_index() {
  tell("lose the index");
  store_.reset();
  fs::remove_all(root_.path() / ".postern");
  for (auto& [name, model] : mailboxes_) {
    model.claims_in_doubt = {};
    for (auto& [uid, m] : model.messages) m.recent = false;
  }
  open();
  compare_all(true);
}

void StoreHistory::forget_unused() {
  tell("forget");
  for (auto& [name, model] : mailboxes_) check(name);  // what others did is known
  store_->drain_renames();
  // A file that another program has just made may still grow, and its mailbox stays.
  const bool may_stay =
      kind_.watch || std::ranges::any_of(told_, [](const std::string& what) { return what.starts_with("deliver"); });
  const auto wanted = may_stay ? 0 : mailboxes_.size();
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  std::size_t forgotten = 0;
  do forgotten += store_->forget_unused(std::chrono::seconds(0));
  while (forgotten < wanted && std::chrono::steady_clock::now() < end);
  require(forgotten >= wanted, "a mailbox stays in memory");
  compare_all(random(2) == 0);
}

void StoreHistory::crash_and_reopen() {
  tell(under_way_ ? "crash in the last one" : "crash");
  store_.reset();
  base::FailPoint::disarm();
  open();
  if (under_way_) recover(*store_, mailboxes_, *under_way_);
  under_way_.reset();
  settle_claims(*store_, mailboxes_);
  compare_all(true);
}

}  // namespace tests

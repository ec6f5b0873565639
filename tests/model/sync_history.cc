// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/model/sync_history.h"

#include <algorithm>
#include <set>
#include <stdexcept>

#include "proto/base/fail_point.h"

namespace tests {

namespace {

const std::array<std::string, 5> kFlags{"\\Seen", "\\Flagged", "\\Deleted", "known", "other"};
const std::array<std::string, 4> kMailboxes{"INBOX", "work", std::string("lists\0one", 9), "later"};

bool has(const imap::FlagSet& flags, const std::string& name) {
  imap::FlagSet one;
  one.add_by_name(name);
  auto rest = one;
  rest.remove(flags);
  return rest.empty();
}

std::string shown(const imap::FlagSet& flags) {
  std::string out = "(";
  for (const auto& name : kFlags)
    if (has(flags, name)) out += name + " ";
  return out + ")";
}

[[noreturn]] void wrong(const std::string& what) { throw std::runtime_error("WRONG: " + what); }

const char* name_of(int side) { return side == 0 ? "local" : "remote"; }

}  // namespace

void SyncHistory::use(ModelSide& local, ModelSide& remote,
                      std::function<std::unique_ptr<mirror::JournalStorage>()> storage) {
  sides_ = {&local, &remote};
  storage_ = std::move(storage);
}

std::string SyncHistory::any_mailbox(int side) {
  const auto all = sides_[static_cast<std::size_t>(side)]->mailboxes();
  return all[random(all.size())];
}

imap::FlagSet SyncHistory::some_flags() {
  imap::FlagSet out;
  for (const auto& name : kFlags)
    if (random(4) == 0) out.add_by_name(name);
  return out;
}

// Texts of equal size are frequent, with and without Message-ID.
std::string SyncHistory::some_text() {
  const auto n = std::to_string(1000 + ++serial_);
  const auto id = random(3) == 0 ? std::string() : "Message-ID: <" + n + "@example.org>\r\n";
  return "Subject: letter\r\n" + id + "\r\ntext " + n + "\r\n";
}

void SyncHistory::begin_with_common_mail() {
  for (int i = static_cast<int>(random(5)); i > 0; --i) {
    Letter letter{{}, some_text(), some_flags(), static_cast<std::int64_t>(1'000'000 + random(2))};
    auto& meant = meant_[{"INBOX", letter.text}];
    meant.origin = 2;
    meant.date = letter.date;
    meant.flags_known = false;  // there is no base yet: what only one side has counts as added
    sides_[0]->append("INBOX", letter);
    if (random(2) == 0) letter.flags = some_flags();
    sides_[1]->append("INBOX", letter);
  }
}

void SyncHistory::change(int times) {
  for (int i = 0; i < times; ++i) change_once();
}

void SyncHistory::append_some(int times) {
  for (int i = 0; i < times; ++i) {
    const int side = static_cast<int>(random(2));
    append(side, any_mailbox(side));
  }
}

void SyncHistory::change_once() {
  const int side = static_cast<int>(random(2));
  const auto mailbox = any_mailbox(side);
  switch (random(14)) {
    case 0:
    case 1:
    case 2:
    case 3: return append(side, mailbox);
    case 4: return duplicate(mailbox);
    case 5:
    case 6:
    case 7:
    case 8: return change_flags(side, mailbox);
    case 9:
    case 10: return expunge(side, mailbox, false);
    case 11: return expunge(side, mailbox, true);
    case 12: return create(side);
    default: return subscribe(side, mailbox);
  }
}

void SyncHistory::append(int side, const std::string& mailbox) {
  const Letter letter{{}, some_text(), some_flags(), static_cast<std::int64_t>(1'000'000 + random(2))};
  auto& to = *sides_[static_cast<std::size_t>(side)];
  to.append(mailbox, letter);
  auto& meant = meant_[{mailbox, letter.text}];
  meant.origin = side;
  meant.date = letter.date;
  meant.base = letter.flags;
  if (!to.traits().any_keyword) meant.base.remove("other");
  tell(std::string("append ") + name_of(side) + " " + mailbox + " " + letter.text.substr(letter.text.size() - 6, 4) +
       " " + shown(letter.flags));
}

void SyncHistory::duplicate(const std::string& mailbox) {
  const auto letters = sides_[0]->letters(mailbox);
  if (letters.empty()) return;
  const auto& letter = letters[random(letters.size())];
  auto& meant = meant_.at({mailbox, letter.text});
  if (meant.fate != Meant::Fate::Alive || meant.origin == 2) return;
  ++meant.copies;
  meant.flags_known = false;
  sides_[0]->append(mailbox, letter);
  tell("duplicate local " + mailbox + " " + letter.text.substr(letter.text.size() - 6, 4));
}

void SyncHistory::change_flags(int side, const std::string& mailbox) {
  auto& on = *sides_[static_cast<std::size_t>(side)];
  const auto letters = on.letters(mailbox);
  if (letters.empty()) return;
  const auto& letter = letters[random(letters.size())];
  const auto& flag = kFlags[random(kFlags.size())];
  if (flag == "other" && !on.traits().any_keyword) return;
  const bool then = !has(letter.flags, flag);
  imap::FlagSet flags;
  flags.add_by_name(flag);
  on.change_flags(mailbox, letter.uid, then ? imap::FlagChange::Add : imap::FlagChange::Remove, flags);
  auto& meant = meant_.at({mailbox, letter.text});
  ++meant.touched[static_cast<std::size_t>(side)][flag];
  meant.last[static_cast<std::size_t>(side)][flag] = then;
  tell(std::string("flag ") + name_of(side) + " " + mailbox + " " + letter.text.substr(letter.text.size() - 6, 4) +
       (then ? " +" : " -") + flag);
}

void SyncHistory::expunge(int side, const std::string& mailbox, bool move) {
  auto& on = *sides_[static_cast<std::size_t>(side)];
  const auto letters = on.letters(mailbox);
  if (letters.empty()) return;
  const auto& letter = letters[random(letters.size())];
  auto& meant = meant_.at({mailbox, letter.text});
  if (meant.copies > 1 || (meant.origin == 2 && !meant.settled)) return;
  if (move) {
    const auto to = any_mailbox(side);
    if (to == mailbox || meant_.contains({to, letter.text})) return;
    on.append(to, letter);
    auto& moved = meant_[{to, letter.text}];
    moved.origin = side;
    moved.date = letter.date;
    moved.base = letter.flags;
    tell("move to " + to);
  }
  on.expunge(mailbox, letter.uid);
  const bool known_for_copy = meant.settled || meant.origin == side;
  if (meant.fate != Meant::Fate::Dead) meant.fate = known_for_copy ? Meant::Fate::Dead : Meant::Fate::Either;
  tell(std::string("expunge ") + name_of(side) + " " + mailbox + " " + letter.text.substr(letter.text.size() - 6, 4));
}

void SyncHistory::create(int side) {
  sides_[static_cast<std::size_t>(side)]->create(kMailboxes[random(kMailboxes.size())]);
  tell(std::string("create ") + name_of(side));
}

void SyncHistory::subscribe(int side, const std::string& mailbox) {
  sides_[static_cast<std::size_t>(side)]->set_subscribed(mailbox, random(2) == 0);
  tell(std::string("subscribe ") + name_of(side));
}

bool SyncHistory::pass() {
  progress_ = {};
  bool good = false;
  try {
    mirror::Journal journal(storage_(), "account");
    mirror::PassContext context{journal, workers_, progress_, {}};
    context.merges_strangers = true;
    const mirror::Scope scope{[](const mirror::MailboxPath&) { return true; }, false};
    good = run_pass(context, *sides_[0], *sides_[1], scope);
  } catch (const mirror::Failure& failure) {
    if (!fuse_.burnt()) throw;
    tell(std::string("pass: ") + failure.what());
    return false;
  } catch (const base::SimulatedCrash&) {
    ++died_;
    tell("pass: the process dies");
    return false;
  } catch (const std::exception& error) {
    if (!base::FailPoint::crashed()) throw;
    ++died_;
    tell(std::string("pass: the process dies: ") + error.what());
    return false;
  }
  tell(good ? "pass: good" : "pass: not good");
  for (const auto& problem : progress_.problems) tell("  " + problem);
  return good;
}

// What was taken, and expunged there by others before it was seen, stays in doubt until somebody says what to do.
void SyncHistory::repair_doubts() {
  mirror::Journal journal(storage_(), "account");
  for (const auto& record : journal.mailboxes())
    for (const auto& problem : progress_.problems)
      if (problem.starts_with(record.path.shown() + ": ") && problem.find("is not sent again") != std::string::npos) {
        tell("repair " + record.path.shown());
        journal.forget_mailbox(record.number);
        break;
      }
}

void SyncHistory::settle() {
  tell("settle");
  bool good = false;
  for (int i = 0; i < 4 && !good; ++i) {
    good = pass();
    if (!good) repair_doubts();
  }
  if (!good) wrong("four passes are not enough");
  compare();
  const auto before = fingerprints();
  if (!pass()) wrong("one more pass is not good");
  if (progress_.counts.any() || fingerprints() != before) wrong("one more pass does something");
  settled();
}

void SyncHistory::settle_read_only() {
  tell("settle, read-only");
  const auto remote_before = sides_[1]->fingerprint();
  for (int i = 0; i < 2; ++i) pass();
  const auto before = fingerprints();
  pass();
  if (fingerprints() != before) wrong("one more pass does something");
  if (sides_[1]->fingerprint() != remote_before) wrong("a read-only side was changed");
  for (const auto& [key, meant] : meant_) {
    if (meant.copies > 1) continue;
    const auto count = [&](int side) {
      return std::ranges::count(sides_[static_cast<std::size_t>(side)]->letters(key.first), key.second, &Letter::text);
    };
    const auto here = count(0), there = count(1);
    if (here > 1 || there > 1) wrong("doubled: " + key.second);
    if (meant.fate == Meant::Fate::Alive && here == 0) wrong("lost: " + key.second);
    if (meant.fate == Meant::Fate::Dead && here > 0) wrong("came back: " + key.second);
  }
  settled();
}

void SyncHistory::settled() {
  for (auto& [key, meant] : meant_) {
    // What is dead or was not clear is what it is now.
    const auto letters = sides_[0]->letters(key.first);
    const auto at = std::ranges::find(letters, key.second, &Letter::text);
    meant.fate = at == letters.end() ? Meant::Fate::Dead : Meant::Fate::Alive;
    meant.settled = true;
    meant.touched = {};
    meant.last = {};
    meant.flags_known = meant.copies == 1;
    if (at != letters.end()) meant.base = at->flags;
  }
}

void SyncHistory::compare() {
  if (sides_[0]->mailboxes() != sides_[1]->mailboxes()) wrong("the sides have different mailboxes");
  std::size_t expected = 0, found = 0;
  for (const auto& mailbox : sides_[0]->mailboxes()) {
    if (sides_[0]->is_subscribed(mailbox) != sides_[1]->is_subscribed(mailbox)) wrong("subscription of " + mailbox);
    compare_mailbox(mailbox);
    found += sides_[0]->letters(mailbox).size();
  }
  for (const auto& [key, meant] : meant_) {
    const auto letters = sides_[0]->letters(key.first);
    expected += static_cast<std::size_t>(std::ranges::count(letters, key.second, &Letter::text));
  }
  if (expected != found) wrong("letters that nobody wrote");
}

void SyncHistory::compare_mailbox(const std::string& mailbox) {
  std::map<std::string, std::vector<Letter>> local, remote;
  for (auto& letter : sides_[0]->letters(mailbox)) local[letter.text].push_back(letter);
  for (auto& letter : sides_[1]->letters(mailbox)) remote[letter.text].push_back(letter);
  for (const auto& [key, meant] : meant_) {
    if (key.first != mailbox) continue;
    const auto here = local[key.second], there = remote[key.second];
    const auto said = mailbox + " " + key.second + ": " + std::to_string(here.size()) + " local, " +
                      std::to_string(there.size()) + " remote, " + std::to_string(meant.copies) + " meant";
    if (here.size() != there.size()) wrong("not the same: " + said);
    if (meant.fate == Meant::Fate::Dead && !here.empty()) wrong("came back: " + said);
    if (meant.fate == Meant::Fate::Alive && here.size() != static_cast<std::size_t>(meant.copies))
      wrong("lost or doubled: " + said);
    if (here.size() > static_cast<std::size_t>(meant.copies)) wrong("doubled: " + said);
    const auto kept = [&](const Letter& letter) {
      auto flags = letter.flags;
      if (!sides_[0]->traits().any_keyword || !sides_[1]->traits().any_keyword) flags.remove("other");
      return shown(flags) + std::to_string(letter.date);
    };
    std::multiset<std::string> left, right;
    for (const auto& letter : here) left.insert(kept(letter));
    for (const auto& letter : there) right.insert(kept(letter));
    if (left != right) wrong("flags or dates differ: " + said + " " + *left.begin() + " " + *right.begin());
    if (here.size() == 1 && meant.copies == 1) check_flags(mailbox, meant, here.front(), there.front());
  }
}

void SyncHistory::check_flags(const std::string& mailbox, const Meant& meant, const Letter& local,
                              const Letter& remote) {
  if (local.date != meant.date) wrong("the date has changed: " + mailbox + " " + local.text);
  if (!meant.flags_known || meant.fate != Meant::Fate::Alive) return;
  for (const auto& flag : kFlags) {
    const auto here = meant.touched[0].contains(flag) ? meant.touched[0].at(flag) : 0;
    const auto there = meant.touched[1].contains(flag) ? meant.touched[1].at(flag) : 0;
    if (here > 0 && there > 0) continue;
    const bool then = here ? meant.last[0].at(flag) : there ? meant.last[1].at(flag) : has(meant.base, flag);
    for (int side = 0; side < 2; ++side) {
      if (flag == "other" && !sides_[static_cast<std::size_t>(side)]->traits().any_keyword) continue;
      if (has((side == 0 ? local : remote).flags, flag) != then)
        wrong(flag + " of " + mailbox + " " + local.text + " on " + name_of(side) + (then ? " is lost" : " is back"));
    }
  }
}

}  // namespace tests

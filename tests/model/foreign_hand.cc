// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// StoreHistory's foreign hands: what mutt, a delivery agent or a person does to a Maildir behind the store's back.
#include <algorithm>

#include "store/maildir/maildir.h"
#include "tests/model/store_history.h"

namespace tests {

namespace fs = std::filesystem;

namespace {

// How a file reads as a message: each LF without CR before it becomes CRLF.
std::string wire_of_foreign(const std::string& octets) {
  std::string out;
  for (std::size_t i = 0; i < octets.size(); ++i) {
    if (octets[i] == '\n' && (i == 0 || octets[i - 1] != '\r')) out += '\r';
    out += octets[i];
  }
  return out;
}

std::int64_t modification_time(const fs::path& path) {
  const auto time = fs::last_write_time(path);
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::file_clock::to_sys(std::chrono::floor<std::chrono::seconds>(time)).time_since_epoch())
      .count();
}

}  // namespace

void StoreHistory::check(const std::string& name) { mailbox(name).check(); }

std::optional<std::string> StoreHistory::file_of(const std::string& name, imap::Uid uid) {
  const auto& messages = mailboxes_.at(name).messages;
  const auto& wanted = messages.at(uid);
  const auto is_foreign = [&](std::string_view base) {
    return std::ranges::any_of(messages, [&](const auto& entry) { return entry.second.foreign_base == base; });
  };
  for (const auto& file : maildir_files(directory(name))) {
    const auto parsed = store::parse_maildir_name(std::string_view(file).substr(4));
    if (wanted.foreign_base.empty() ? parsed.uid == uid && !is_foreign(parsed.base)
                                    : parsed.base == wanted.foreign_base)
      return file;
  }
  return std::nullopt;
}

// The store has found one more message: it must be this one.
void StoreHistory::adopt_new(const std::string& name, ModelMessage message, const std::string& file_base) {
  check(name);
  auto& model = mailboxes_.at(name);
  std::vector<imap::Uid> extra;
  for (const auto uid : mailbox(name).uids())
    if (!model.messages.contains(uid)) extra.push_back(uid);
  require(extra.size() == 1, "a delivered message became " + std::to_string(extra.size()));
  message.foreign_base = file_base;
  Effect effect;
  effect.added.push_back({name, std::move(message)});
  apply(mailboxes_, effect, extra);
}

void StoreHistory::foreign_deliver() {
  const auto name = any_mailbox();
  ModelMessage m;
  auto octets = some_text();
  if (random(3) != 0) std::erase(octets, '\r');  // as delivery agents do
  m.wire = wire_of_foreign(octets);
  std::string base =
      std::to_string(1'600'000'000 + random(100'000'000)) + ".foreign" + std::to_string(++serial_) + ".host";
  if (const auto lie = random(8); lie < 3) base += lie == 0 ? ",S=1,W=2" : ",S=" + std::to_string(octets.size());
  if (random(8) == 0) base += ",U=" + std::to_string(random(20));
  std::string path = "new/" + base;
  if (random(3) == 0) {
    m.flags = imap::FlagSet{imap::Flag::Seen};
    path = "cur/" + base + ":2,S";
  }
  tell("deliver " + path + " to " + name);
  const auto file = directory(name) / "tmp" / base;
  write_file(file, octets);
  m.date = modification_time(file);
  fs::rename(file, directory(name) / path);
  adopt_new(name, std::move(m), base);
}

void StoreHistory::foreign_rename() {
  const auto name = any_mailbox();
  auto& messages = mailboxes_.at(name).messages;
  if (messages.empty()) return;
  store_->drain_renames();
  auto it = messages.begin();
  std::advance(it, random(messages.size()));
  const auto file = file_of(name, it->first);
  require(file.has_value(), "there is no file of message " + std::to_string(it->first.value));
  const auto parsed = store::parse_maildir_name(std::string_view(*file).substr(4));
  const auto bits = static_cast<std::uint8_t>(random(32));
  const auto to = "cur/" + std::string(parsed.base) + store::format_info(bits, parsed.keyword_letters, {});
  tell("rename " + *file + " to " + to + " in " + name);
  fs::rename(directory(name) / *file, directory(name) / to);
  check(name);
  it->second.flags.set_system_bits(bits);
}

void StoreHistory::foreign_unlink() {
  const auto name = any_mailbox();
  auto& messages = mailboxes_.at(name).messages;
  if (messages.empty()) return;
  store_->drain_renames();
  auto it = messages.begin();
  std::advance(it, random(messages.size()));
  const auto file = file_of(name, it->first);
  require(file.has_value(), "there is no file of message " + std::to_string(it->first.value));
  tell("unlink " + *file + " in " + name);
  fs::remove(directory(name) / *file);
  check(name);
  messages.erase(it);
}

// A file copied by hand, with all that its name says: a message of its own.
void StoreHistory::foreign_copy() {
  const auto from = any_mailbox(), to = any_mailbox();
  auto& messages = mailboxes_.at(from).messages;
  if (messages.empty()) return;
  store_->drain_renames();
  auto it = messages.begin();
  std::advance(it, random(messages.size()));
  const auto file = file_of(from, it->first);
  require(file.has_value(), "there is no file of message " + std::to_string(it->first.value));
  const auto parsed = store::parse_maildir_name(std::string_view(*file).substr(4));
  const auto base = "99" + std::to_string(++serial_) + "." + std::string(parsed.base);
  const auto path = directory(to) / ("cur/" + base + ":2,F");
  tell("copy " + *file + " of " + from + " by hand to " + base + " in " + to);
  const auto temporary = directory(to) / "tmp" / base;
  fs::copy_file(directory(from) / *file, temporary);
  fs::rename(temporary, path);
  ModelMessage m;
  m.flags = imap::FlagSet{imap::Flag::Flagged};
  m.wire = it->second.wire;
  m.date = modification_time(path);
  adopt_new(to, std::move(m), base);
}

void StoreHistory::foreign_operation() {
  switch (random(6)) {
    case 0:
    case 1: return foreign_deliver();
    case 2:
    case 3: return foreign_rename();
    case 4: return foreign_unlink();
    default: return foreign_copy();
  }
}

}  // namespace tests

// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Removed mail, seen from the store: kept, listed, brought back.
//
// A message is brought back once: that it was is a state of the index, written with the message, until its file in the
// folder of removed mail is gone.
#include <algorithm>
#include <map>

#include "proto/base/clock.h"
#include "store/mail_store_impl.h"
#include "store/mailbox/refusal.h"

namespace store {

namespace {
constexpr std::uint64_t kOctetsAtOnce = 16 * 1024 * 1024;
constexpr std::size_t kAtOnce = 100;
constexpr const char* kFallback = "Recovered";  // for messages of which no mailbox is known
std::string brought_back(const std::string& id) { return "brought-back/" + id; }
// Not more than are to be in memory at once.
std::span<const RemovedMessage* const> first_of(std::span<const RemovedMessage* const> messages) {
  std::uint64_t octets = 0;
  std::size_t count = 0;
  while (count < std::min(kAtOnce, messages.size()) &&
         (count == 0 || octets + messages[count]->octets <= kOctetsAtOnce))
    octets += messages[count++]->octets;
  return messages.first(count);
}

}  // namespace

void MailStoreImpl::set_keep_removed(KeepRemoved limits) { core_.removed->set_limits(limits); }

std::vector<RemovedMessage> MailStoreImpl::removed() {
  {
    const Foreground::Hurry hurry(core_.foreground);
    worker_.drain(std::chrono::seconds(10));
  }
  auto out = core_.removed->list();
  const auto done = get_states(brought_back(""));
  if (done.empty()) return out;
  StateBatch over;
  for (const auto& [key, value] : done) {
    const auto id = key.substr(brought_back("").size());
    core_.removed->forget(id);
    std::erase_if(out, [&](const RemovedMessage& one) { return one.id == id; });
    over.erase(key);
  }
  put_state(over, false);
  return out;
}

std::optional<imap::Literal> MailStoreImpl::removed_text(const RemovedMessage& message) {
  try {
    return core_.removed->text(message);
  } catch (const std::runtime_error&) {
    return std::nullopt;
  }
}

base::Result<void> MailStoreImpl::keep(const imap::MailboxName& mailbox, const NewMessage& message,
                                       const std::string& by) {
  if (!core_.removed->keeps()) return {};
  RemovalLine line;
  line.mailbox = mailbox.utf8();
  line.note = {base::unix_now(), by, message.internal_date.value_or(base::unix_now()), message.flags.system_bits(), {}};
  for (const auto& keyword : message.flags.keywords()) line.note.keywords.push_back(keyword);
  try {
    core_.removed->add(message.data, std::move(line));
  } catch (const std::system_error& error) {
    return std::unexpected(refusal_of(error));
  }
  return {};
}

base::Result<std::size_t> MailStoreImpl::bring_back(const std::vector<RemovedMessage>& messages) {
  std::map<imap::MailboxName, std::vector<const RemovedMessage*>> by_mailbox;
  for (const auto& message : messages)
    by_mailbox[message.mailbox.utf8().empty() ? imap::MailboxName(kFallback, delimiter()) : message.mailbox].push_back(
        &message);
  std::size_t count = 0;
  for (const auto& [name, those] : by_mailbox) {
    if (!exists(name)) {
      if (auto made = create(name, {}); !made) return std::unexpected(made.error());
    }
    const auto mailbox = open_mailbox(name);
    if (!mailbox) return std::unexpected(mailbox.error());
    for (std::size_t i = 0; i < those.size();) {
      const auto some = first_of(std::span<const RemovedMessage* const>(those).subspan(i));
      i += some.size();
      auto done = bring_back_some(some, **mailbox);
      if (!done) return std::unexpected(done.error());
      count += *done;
    }
  }
  return count;
}

base::Result<std::size_t> MailStoreImpl::bring_back_some(std::span<const RemovedMessage* const> messages,
                                                         Mailbox& mailbox) {
  std::vector<NewMessage> added;
  std::vector<std::string> ids;
  for (const auto* message : messages) {
    if (get_state(brought_back(message->id))) continue;
    try {
      added.push_back({core_.removed->text(*message), message->flags, message->internal_date});
      added.back().flags.remove(imap::FlagSet{imap::Flag::Deleted});
      ids.push_back(message->id);
    } catch (const std::runtime_error& error) {
      core_.options.log.warning("a removed message cannot be read", {{"file", message->id}, {"why", error.what()}});
    }
  }
  if (added.empty()) return std::size_t{0};
  const auto note = [&](std::span<const imap::Uid>, StateBatch& batch) {
    for (const auto& id : ids) batch.put(brought_back(id), "");
  };
  if (auto done = mailbox.append(added, note, "undo"); !done) return std::unexpected(done.error());
  StateBatch over;
  for (const auto& id : ids) {
    core_.removed->forget(id);
    over.erase(brought_back(id));
  }
  put_state(over, false);
  return added.size();
}

}  // namespace store

// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/model/store_model.h"

#include <algorithm>

#include "proto/mail/digest.h"
#include "proto/mail/header.h"

namespace tests {

namespace {

imap::UidSet everything() { return imap::UidSet::between(imap::Uid(1), imap::Uid(0xFFFFFFFE)); }

std::string content_of(store::ContentReader& reader, imap::Uid uid) {
  const auto section = reader.section(uid, imap::Section{});
  require(section && section->exists, "message " + std::to_string(uid.value) + " cannot be read");
  std::string out;
  section->octets.append_to(out, 0, section->octets.size());
  return out;
}

std::string sha256_of(std::string_view text) {
  mail::Sha256 digest;
  digest.add(text);
  return digest.finish();
}

void compare_messages(store::Mailbox& mailbox, const ModelMailbox& model) {
  const auto messages = mailbox.messages(everything());
  std::string have, want;
  for (const auto& m : messages) have += " " + std::to_string(m.uid.value);
  for (const auto& [uid, m] : model.messages) want += " " + std::to_string(uid.value);
  require(have == want, "UIDs are" + have + ", not" + want);
  auto expected = model.messages.begin();
  const auto content = mailbox.reader();
  for (const auto& m : messages) {
    const auto& [uid, message] = *expected++;
    const auto which = "message " + std::to_string(uid.value) + ": ";
    require(m.flags == message.flags, which + "flags " + text_of(m.flags) + ", not " + text_of(message.flags));
    const auto size = content->size(uid).value_or(0);
    require(size == message.wire.size() && m.size.value_or(size) == size,
            which + "size " + std::to_string(size) + ", not " + std::to_string(message.wire.size()));
    require(m.internal_date == message.date,
            which + "date " + std::to_string(m.internal_date) + ", not " + std::to_string(message.date));
    require(m.modseq <= mailbox.status().highest_modseq, which + "modseq above the highest");
  }
}

void compare_status(store::Mailbox& mailbox, ModelMailbox& model) {
  const auto status = mailbox.status();
  std::uint64_t unseen = 0, deleted = 0, recent = 0, size = 0;
  imap::UidSet unclaimed;
  for (const auto& [uid, m] : model.messages) {
    unseen += !m.flags.has(imap::Flag::Seen);
    deleted += m.flags.has(imap::Flag::Deleted);
    size += m.wire.size();
    recent += m.recent;
    if (m.recent) unclaimed.add(uid);
  }
  require(status.messages == model.messages.size() && status.unseen == unseen && status.deleted == deleted &&
              mailbox.size() == size,
          "a counter of STATUS is wrong");
  require(status.recent == recent && mailbox.unclaimed_recent() == unclaimed,
          "recent is " + mailbox.unclaimed_recent().to_string() + ", not " + unclaimed.to_string());
  require(status.uid_validity == model.uid_validity, "UIDVALIDITY changed");
  require(status.mailbox_id == model.id, "the mailbox's id changed");
  require(status.uid_next >= model.uid_next, "UIDNEXT went back");
  require(status.highest_modseq >= model.highest, "HIGHESTMODSEQ went back");
  model.uid_next = status.uid_next;
  model.highest = status.highest_modseq;
}

// A client that knew an earlier state and is told the changes knows the present one.
void compare_changes(store::Mailbox& mailbox, const ModelMailbox& model, const ModelMailbox::Past& past) {
  auto known = past.flags;
  const auto changes = mailbox.changes_since(past.modseq);
  for (const auto& m : changes.changed) {
    known[m.uid] = m.flags;
    require(m.modseq > past.modseq, "a message that has not changed is told as changed");
  }
  std::erase_if(known, [&](const auto& entry) { return changes.vanished.contains(entry.first); });
  for (const auto& [uid, m] : model.messages) {
    const auto it = known.find(uid);
    require(it != known.end() && it->second == m.flags,
            "message " + std::to_string(uid.value) + " is not told by the changes since " +
                std::to_string(past.modseq.value) + ": known as " +
                (it == known.end() ? "nothing" : text_of(it->second)) + ", is " + text_of(m.flags) + " since " +
                std::to_string(mailbox.messages(imap::UidSet::of(uid)).at(0).modseq.value));
  }
  require(known.size() == model.messages.size(),
          "an expunge is not told by the changes since " + std::to_string(past.modseq.value));
}

void claim(ModelMailbox& model) {
  for (auto& [uid, m] : model.messages) {
    if (m.recent) model.claims_in_doubt.add(uid);
    m.recent = false;
  }
}

bool same_messages(store::Mailbox& mailbox, const ModelMailbox& model) {
  const auto messages = mailbox.messages(everything());
  return std::ranges::equal(messages, model.messages, [](const store::Message& m, const auto& entry) {
    return m.uid == entry.first && m.flags == entry.second.flags;
  });
}

}  // namespace

void require(bool condition, const std::string& what) {
  if (!condition) throw Mismatch(what);
}

std::string text_of(const imap::FlagSet& flags) {
  std::string out = "(";
  for (const auto& row : imap::kFlagTable)
    if (flags.has(row.flag)) out += std::string(row.name) + " ";
  for (const auto& keyword : flags.keywords()) out += keyword + " ";
  return out + ")";
}

void apply(ModelMailboxes& mailboxes, const Effect& effect, const std::vector<imap::Uid>& uids) {
  require(uids.size() == effect.added.size(), "not as many UIDs as messages");
  for (const auto& [name, uid] : effect.removed) mailboxes.at(name).messages.erase(uid);
  for (const auto& [name, uid, flags] : effect.flags) mailboxes.at(name).messages.at(uid).flags = flags;
  for (const auto& name : effect.claimed) claim(mailboxes.at(name));
  for (std::size_t i = 0; i < uids.size(); ++i) {
    auto& model = mailboxes.at(effect.added[i].mailbox);
    require(uids[i] >= model.uid_next, "UID " + std::to_string(uids[i].value) + " was given before");
    model.uid_next = uids[i].next();
    model.messages.emplace(uids[i], effect.added[i].message);
  }
}

void compare(store::Mailbox& mailbox, ModelMailbox& model, std::mt19937_64& random, bool all_content) {
  compare_messages(mailbox, model);
  compare_status(mailbox, model);
  const auto reader = mailbox.reader();
  for (const auto& [uid, m] : model.messages) {
    const auto which = "message " + std::to_string(uid.value);
    if (all_content || random() % 8 == 0) require(content_of(*reader, uid) == m.wire, which + " has other content");
    if (all_content || random() % 8 == 0)
      require(reader->content_id(uid) == sha256_of(m.wire), which + " has another content id");
    if (random() % 8 != 0) continue;
    const auto header = std::string_view(m.wire).substr(0, mail::header_length(m.wire));
    const auto* envelope = reader->envelope(uid);
    require(envelope != nullptr && *envelope == mail::parse_envelope(header), which + " has another envelope");
  }
  if (!model.past.empty()) compare_changes(mailbox, model, model.past[random() % model.past.size()]);
  ModelMailbox::Past now{model.highest, {}};
  for (const auto& [uid, m] : model.messages) now.flags.emplace(uid, m.flags);
  if (model.past.size() < 60)
    model.past.push_back(std::move(now));
  else
    model.past[random() % 60] = std::move(now);
}

void recover(store::MailStore& store, ModelMailboxes& mailboxes, const Effect& effect) {
  ModelMailboxes after = mailboxes;
  std::set<std::string> touched;
  for (const auto& added : effect.added) touched.insert(added.mailbox);
  for (const auto& [name, uid] : effect.removed) touched.insert(name);
  for (const auto& [name, uid, flags] : effect.flags) touched.insert(name);
  bool before_fits = true;
  std::vector<imap::Uid> extra;
  for (const auto& name : touched) {
    auto mailbox = store.open_mailbox(imap::MailboxName(name));
    require(mailbox.has_value(), "mailbox " + name + " is lost by a crash");
    before_fits = before_fits && same_messages(**mailbox, mailboxes.at(name));
    if (effect.added.empty() || effect.added.front().mailbox != name) continue;
    for (const auto uid : (*mailbox)->uids())
      if (!mailboxes.at(name).messages.contains(uid)) extra.push_back(uid);
  }
  if (!before_fits) {
    require(extra.size() == effect.added.size(), "a crash left " + std::to_string(extra.size()) + " of " +
                                                     std::to_string(effect.added.size()) + " messages");
    apply(after, effect, extra);
    for (const auto& name : touched)
      require(same_messages(**store.open_mailbox(imap::MailboxName(name)), after.at(name)),
              "a crash left half of a change in " + name);
    mailboxes = std::move(after);
  }
  for (const auto& name : effect.claimed) claim(mailboxes.at(name));
}

void settle_claims(store::MailStore& store, ModelMailboxes& mailboxes) {
  for (auto& [name, model] : mailboxes) {
    if (model.claims_in_doubt.empty()) continue;
    const auto recent = (*store.open_mailbox(imap::MailboxName(name)))->unclaimed_recent();
    for (auto& [uid, m] : model.messages)
      if (model.claims_in_doubt.contains(uid)) m.recent = recent.contains(uid);
    model.claims_in_doubt = {};
  }
}

}  // namespace tests

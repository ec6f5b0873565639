// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "store/mailbox/elsewhere.h"

#include <utility>

#include "proto/mail/mime.h"
#include "store/mailbox/change.h"
#include "store/mailbox/mailbox_impl.h"
#include "store/maildir/message_writer.h"

namespace store {

namespace {

Row row_for(const ExpectedMessage& message, Draft& draft) {
  Row row;
  row.uid = draft.record.uid_next;
  row.modseq = draft.modseq();
  row.system_flags = message.flags.system_bits();
  row.keywords = draft.intern(message.flags.keywords());
  row.internal_date = message.internal_date;
  row.wire_size = message.wire_size;
  row.elsewhere = true;
  return row;
}

}  // namespace

base::Result<std::vector<imap::Uid>> expect_messages(Mailbox& mailbox, std::span<const ExpectedMessage> messages) {
  return dynamic_cast<MailboxImpl&>(mailbox).expect(messages);
}

base::Result<void> text_arrived(Mailbox& mailbox, imap::Uid uid, const imap::Literal& text) {
  return dynamic_cast<MailboxImpl&>(mailbox).bring(uid, text);
}

base::Result<std::vector<imap::Uid>> MailboxImpl::expect(std::span<const ExpectedMessage> messages) {
  std::vector<imap::Uid> uids;
  std::vector<Contents::Use> contents;
  try {
    const ChangeLock lock(state_.change_mutex);
    if (auto alive = check_alive(); !alive) return std::unexpected(alive.error());
    Change change(state_);
    auto& draft = change.draft();
    if (auto room = draft.reserve_uids(messages.size()); !room) return std::unexpected(room.error());
    for (const auto& message : messages) {
      auto row = row_for(message, draft);
      uids.push_back(row.uid);
      contents.push_back(core_.contents->use({}));
      draft.note_keywords(row, 0);
      draft.add(std::move(row), false);
    }
    draft.record.highest_modseq = draft.modseq();
    change.prepare();
    draft.write_also([&](IndexBatch& batch) {
      for (std::size_t i = 0; i < uids.size(); ++i) {
        contents[i].put(batch);
        batch.put(keys::content_link(state_.id, uids[i]), keys::encode(keys::ContentLink{contents[i].number(), {}}));
        batch.put(keys::content_part(keys::ContentPart::Envelope, contents[i].number()),
                  mail::encode(messages[i].envelope), Table::Content);
      }
    });
    change.commit({}, uids);
  } catch (...) {
    return failed();
  }
  changed();
  return uids;
}

// As it is when its text has come, under a name that nobody has seen yet: until the commit the file is doomed, and
// belongs to no row.
base::Result<Row> MailboxImpl::brought(imap::Uid uid, const WrittenFile& file) const {
  const auto* row = table().find(uid);
  if (row == nullptr || !row->elsewhere) return base::refuse(base::Reason::Expunged, "nobody waits for the text");
  if (row->wire_size != file.wire_size)  // clients know its size
    return base::refuse(base::Reason::Failed, "the text is not as long as was said before");
  Row out = *row;
  out.elsewhere = false;
  out.in_new = row->system_flags == 0 && row->keywords == 0;
  auto name = make_base(file.file_size, file.wire_size, uid);
  if (!out.in_new) name += format_info(row->system_flags, table().keywords().letters(row->keywords), {});
  out.name = name;
  return out;
}

}  // namespace store

// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "store/mailbox_files.h"

#include "store/mailbox/mailbox_impl.h"

namespace store {

MailboxFiles MailboxImpl::files() const {
  const ChangeLock lock(state_.change_mutex);
  MailboxFiles out{state_.directory(), {}};
  for (const auto& row : table().rows())
    if (!row.elsewhere) out.names.emplace_back(row.uid, std::string_view(row.name));
  return out;
}

MailboxFiles files_of(Mailbox& mailbox) {
  const auto* ours = dynamic_cast<const MailboxImpl*>(&mailbox);
  return ours == nullptr ? MailboxFiles{} : ours->files();
}

}  // namespace store

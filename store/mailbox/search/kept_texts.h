// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// KeptTexts: answers SUBJECT, FROM, TO, CC and BCC of one search from folded texts that are kept.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "proto/search/search_key.h"
#include "store/mailbox/search/key_columns.h"

namespace store {

// A text is looked up message by message until it is clear that many are to be looked at; then in all of them at once.
class KeptTexts {
 public:
  KeptTexts(MailboxImpl& mailbox, imap::Uid last, const std::function<bool()>& stop)
      : mailbox_(mailbox), last_(last), stop_(stop) {}

  // nullopt: only the message's header tells. Keys stay where they are meanwhile, and are folded; ascending UIDs are
  // fastest.
  std::optional<bool> matches(const imap::SearchKey& key, imap::Uid uid, KeyReader& reader);

 private:
  struct Text {
    mail::SearchTexts::Field field = mail::SearchTexts::Subject;
    std::size_t looked_up = 0;
    bool too_much = false;  // for a column
    std::shared_ptr<const TextColumn> column;
    std::vector<bool> holding;  // by place in it
    std::optional<ColumnPlace> place;
  };
  void take_column(Text& text, const std::string& folded);

  MailboxImpl& mailbox_;
  imap::Uid last_;
  const std::function<bool()>& stop_;
  std::map<const imap::SearchKey*, Text> texts_;
};

}  // namespace store

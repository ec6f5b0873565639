// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// KeyReader: a ContentReader that also gives what SORT, THREAD and SEARCH compare. Taken from the index where it is
// kept; else made from the header, and kept.
#pragma once

#include <optional>
#include <string_view>

#include "proto/mail/sort_keys.h"
#include "store/content.h"

namespace store {

// Of messages that are gone there are no keys: empty ones.
class KeyReader : public ContentReader {
 public:
  virtual mail::SortTexts sort_texts(imap::Uid uid) = 0;
  virtual void thread_keys(imap::Uid uid, mail::ThreadKeys& out) = 0;
  // nullopt: the text is too long to be kept, and only the header tells it
  virtual std::optional<std::string_view> search_text(imap::Uid uid, mail::SearchTexts::Field field) = 0;
  virtual void keep_keys(imap::Uid uid) = 0;  // makes them where they are not kept
};

}  // namespace store

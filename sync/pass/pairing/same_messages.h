// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Which messages are the same on both sides, although no pair says so.
#pragma once

#include <asio/awaitable.hpp>

#include <map>
#include <string>
#include <vector>

#include "sync/journal/journal.h"
#include "sync/pass/context/pass_context.h"

namespace mirror {

// What both have of flags: the base where none is known, so that what only one side has counts as added.
imap::FlagSet in_both(const imap::FlagSet& here, const imap::FlagSet& there);

// Of the same date, or of about the same size: a CR at each line end is counted or not, synchronisers add lines.
bool is_near(const Identity& one, const Identity& two);

// What messages say (mail::content_digest_of), of those that the side gives.
using TextDigests = std::map<imap::Uid, std::string>;
asio::awaitable<TextDigests> digests_of(PassContext& context, ReplicaMailbox& mailbox, imap::UidSet uids);

// Messages that are the same on both sides, and, of those whose internal dates differ, these dates: synchronisers give
// their copies the time of the download, and nobody can set another one.
struct FoundPairs {
  std::vector<Pair> pairs;
  KnownDates dates;

  void add(Pair pair, const Identity& here, const Identity& there);
  void add(FoundPairs more);
  std::size_t size() const { return pairs.size(); }
  bool empty() const { return pairs.empty(); }
  // The dates, into what is to be written.
  void put_dates(const Journal& journal, store::StateBatch& batch, const MailboxRecord& record) const;
};

// Those of equal Message-ID and date, where these are unique on both sides; else those of equal text (but for CRs and
// the lines that other synchronisers add), which are read. Of several equal ones the n-th here is the n-th there.
enum class Reading : std::uint8_t {
  All,   // whatever may be the same
  Near,  // of those without a Message-ID only what has the same date there, or about the same size
};
asio::awaitable<FoundPairs> same_messages(PassContext& context, MailboxPair& mailbox, imap::UidSet here,
                                          imap::UidSet there, Reading reading);

}  // namespace mirror

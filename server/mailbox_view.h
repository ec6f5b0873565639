// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// MailboxView: one client's numbering of a mailbox, and what it has not been told yet.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "proto/printer.h"
#include "proto/sequence_set.h"
#include "store/mailbox.h"

namespace server {

// How a session wants to hear of changes.
struct ReportStyle {
  bool expunges = true;  // false during FETCH, STORE and SEARCH by number: they wait for a later report
  bool condstore = false;
  bool qresync = false;
};

// Belongs to one session and one thread at a time. The numbering changes in report() alone.
class MailboxView {
 public:
  MailboxView(std::shared_ptr<store::Mailbox> mailbox, bool read_only);  // waits for the disk

  store::Mailbox& mailbox() const { return *mailbox_; }
  const std::shared_ptr<store::Mailbox>& shared_mailbox() const { return mailbox_; }
  bool read_only() const { return read_only_; }
  imap::ModSeq modseq() const { return modseq_; }  // changes up to here have been taken in
  // The expunges up to here have been told, and nothing that others did above it has.
  imap::ModSeq settled() const { return vanished_.empty() ? modseq_ : settled_; }
  const store::MailboxStatus& status_at_select() const { return status_; }

  std::uint32_t exists() const { return static_cast<std::uint32_t>(uids_.size()); }
  imap::Uid uid(imap::SeqNum number) const { return uids_[number.value - 1]; }  // 1..exists()
  std::optional<imap::SeqNum> number(imap::Uid uid) const;
  bool is_recent(imap::Uid uid) const { return !recent_.empty() && recent_.contains(uid); }
  const imap::UidSet& recent() const { return recent_; }
  std::uint32_t recent_count() const;

  // The numbers of the messages that a command speaks of; nullopt: a number that no message has (BAD). UIDs that are
  // not here are left out.
  std::optional<imap::SeqSet> resolve(const imap::MessageSet& messages) const;
  // The same for SEARCH, to which such a number matches nothing.
  imap::SeqSet resolve_existing(const imap::MessageSet& messages) const;
  imap::UidSet uids(const imap::SeqSet& numbers) const;
  imap::SeqSet numbers(const imap::UidSet& uids) const;
  imap::UidSet all_uids() const;
  // Of expunged messages, those that the client does not count any more. The others are told by report(), and may not
  // be called VANISHED (EARLIER) as well: whoever hears it twice takes one away too many.
  imap::UidSet without_its_own(const imap::UidSet& vanished) const;

  // "$" of RFC 5182; UIDs.
  void save(imap::UidSet found) { saved_ = std::move(found); }

  // Takes in what happened since the last call; tells nobody yet. Does not wait for the disk.
  void refresh();
  // New messages came in which no session has claimed as \Recent; claim() does, and waits for the disk.
  bool wants_claim() const { return wants_claim_; }
  void claim();
  // Messages that are gone, of which the client has not been told.
  const imap::UidSet& unreported_expunges() const { return vanished_; }
  // This session's own change of flags was answered already: what it did is not to be reported again.
  void own_change(imap::ModSeq modseq);
  // The client was sent these flags; forgets that they were to be reported.
  void told_flags(const imap::UidSet& uids) { changed_ = changed_.minus(uids); }

  // The client was sent a message's mod-sequence.
  void told_modseq(imap::ModSeq modseq) { told_modseq_ = std::max(told_modseq_, modseq); }

  // Tells all that refresh() has found, as far as the style allows. Where a mod-sequence was told that is above an
  // expunge that still waits, HIGHESTMODSEQ comes last and takes it back (RFC 7162 section 1).
  void report(imap::Printer& printer, ReportStyle style);
  // FLAGS and PERMANENTFLAGS, if keywords have come that the client does not know yet.
  void report_keywords(imap::Printer& printer);
  void print_flags(imap::Printer& printer);

 private:
  void report_expunges(imap::Printer& printer, bool qresync);
  void report_flags(imap::Printer& printer, ReportStyle style);
  void report_highest(imap::Printer& printer);

  std::shared_ptr<store::Mailbox> mailbox_;
  bool read_only_;
  store::MailboxStatus status_;
  std::vector<imap::Uid> uids_;  // as the client numbers them
  std::vector<imap::Uid> new_;   // behind them, not told yet
  imap::UidSet recent_;
  imap::UidSet changed_;   // flags to be reported
  imap::UidSet vanished_;  // of uids_, expunged and not told yet
  imap::UidSet saved_;
  imap::ModSeq modseq_;
  imap::ModSeq settled_;               // while vanished_ is not empty
  imap::ModSeq told_modseq_;           // the highest since the last report
  bool took_back_ = false;             // the client was told a HIGHESTMODSEQ below that
  std::vector<std::string> keywords_;  // told
  std::uint32_t told_recent_ = 0;
  bool wants_claim_ = false;
  bool gone_ = false;  // the mailbox was deleted
};

// "* n FETCH (UID u FLAGS (...) MODSEQ (m))", with what the style asks for.
void print_flags_fetch(imap::Printer& printer, imap::SeqNum number, const store::Message& message, bool recent,
                       bool with_uid, bool with_modseq);

}  // namespace server

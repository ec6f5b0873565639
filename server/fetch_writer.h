// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// FetchWriter: the answer to one FETCH, written piece by piece, so that no answer is ever held whole in memory.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "proto/fetch_item.h"
#include "proto/printer.h"
#include "server/mailbox_view.h"
#include "store/content.h"

namespace server {

struct FetchRequest {
  imap::SeqSet numbers;
  imap::FetchItems items;
  bool with_uid = false;     // UID is answered although not asked for
  bool with_modseq = false;  // likewise MODSEQ
  bool condstore = false;    // a change to \Seen is told with its MODSEQ
  std::string by{};          // who asks
};

// The view must not change while a writer is in use.
class FetchWriter {
 public:
  FetchWriter(MailboxView& view, FetchRequest request);

  // Appends to out until it holds about `budget` octets, or needs a text that is not here yet; false when all has been
  // written. Waits for the disk.
  bool write(std::string& out, std::size_t budget);
  // Of this message: then go_on() is to be called before the next write(). What is waited for in vain once is waited
  // for no more: these messages are answered without their texts.
  const imap::UidSet& waits_for() const { return waits_for_; }
  void go_on(bool has_come);
  // Whether what is asked for may have to be read from the disk, so that a worker should write it.
  bool is_heavy() const { return heavy_; }
  bool missed_some() const { return missed_; }               // messages that are gone meanwhile
  bool is_some_unreadable() const { return unreadable_; }    // and are not gone
  bool lacked_texts() const { return lacked_; }              // that are not here yet
  const imap::UidSet& told_flags() const { return told_; }   // whose flags the client has now seen
  imap::ModSeq seen_modseq() const { return seen_modseq_; }  // of the last change to \Seen; 0: none

 private:
  bool next_slice();
  void mark_seen(std::vector<store::Message>& slice);
  bool begin_message(imap::Printer& printer);
  bool has_to_wait();
  void print_next_item(std::string& out);
  bool print_item(std::string& out, const imap::FetchItem& item);
  bool print_text(std::string& out, const imap::FetchItem& item);
  void print_modseq(imap::Printer& printer, const store::Message& message);
  void print_date(imap::Printer& printer, std::int64_t when);

  MailboxView& view_;
  FetchRequest request_;
  bool heavy_ = false, sets_seen_ = false, wants_flags_ = false, missed_ = false, unreadable_ = false;
  bool waits_in_vain_ = false, lacked_ = false;
  imap::UidSet waits_for_;
  bool tells_flags_ = false;  // all that a report of changed flags would tell
  std::unique_ptr<store::ContentReader> reader_;
  std::size_t range_ = 0;     // of request_.numbers
  std::uint32_t within_ = 0;  // numbers of that range already taken
  std::vector<store::Message> slice_;
  imap::UidSet newly_seen_;
  std::size_t message_ = 0;  // of slice_
  std::size_t item_ = 0;     // of the message under way
  bool in_message_ = false;
  store::Octets octets_;  // of the text under way
  std::uint64_t octets_at_ = 0;
  imap::UidSet told_;
  imap::ModSeq seen_modseq_;
  std::int64_t hour_ = INT64_MIN;  // whose zone zone_ is
  std::int16_t zone_ = 0;
};

}  // namespace server

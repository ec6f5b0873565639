// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/arrivals.h"

#include <algorithm>

#include "proto/mail/message_id.h"
#include "sync/message_name.h"

namespace mirror {

namespace {

constexpr std::size_t kKnown = 1000;  // and no more of one pass, whatever it fetches
constexpr std::size_t kFirst = 100;
constexpr std::size_t kOctets = 1000;
constexpr std::size_t kGone = 10'000;

// Cut between characters.
std::string bounded(std::string text) {
  if (text.size() <= kOctets) return text;
  auto end = kOctets;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  text.resize(end);
  return text;
}

}  // namespace

std::vector<Arrival> Arrivals::read(std::span<const FetchedMessage> messages) const {
  std::vector<Arrival> out;
  if (!wanted_) return out;
  for (const auto& message : messages) {
    if (known_.size() + out.size() >= kKnown) break;
    const auto header = mail::header_of(message.data);
    auto words = message_words(header, message.internal_date);
    Arrival one;
    one.flags = message.flags;
    one.from = bounded(std::move(words.from));
    one.subject = bounded(std::move(words.subject));
    one.message_id = bounded(mail::message_id_of(header));
    one.date = words.date;
    out.push_back(std::move(one));
  }
  return out;
}

void Arrivals::add(const MailboxPath& mailbox, std::vector<Arrival> read, std::span<const imap::Uid> uids) {
  if (!wanted_) return;
  for (std::size_t i = 0; i < uids.size(); ++i) {
    if (i >= read.size()) {
      ++others_;
      continue;
    }
    read[i].mailbox = mailbox.shown();
    read[i].uid = uids[i];
    known_.push_back(std::move(read[i]));
  }
}

void Arrivals::note_gone(std::uint64_t mark) {
  if (wanted_ && mark != 0 && gone_.size() < kGone) gone_.insert(mark);
}

std::uint64_t Arrivals::count() const {
  return others_ + static_cast<std::uint64_t>(
                       std::ranges::count_if(known_, [this](const Arrival& one) { return !is_moved(one); }));
}

std::vector<Arrival> Arrivals::first() const {
  std::vector<Arrival> out;
  for (const auto& one : known_)
    if (!is_moved(one) && out.size() < kFirst) out.push_back(one);
  return out;
}

}  // namespace mirror

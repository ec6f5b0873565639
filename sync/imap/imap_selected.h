// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Selected: what an IMAP server tells of a mailbox that is being selected or listed.
#pragma once

#include <cstdint>
#include <map>

#include "proto/response.h"
#include "sync/imap/imap_stream.h"
#include "sync/replica.h"

namespace mirror {

struct Selected {
  // Messages beyond EXISTS that it may tell of: some come meanwhile. A server that tells of more takes no more memory.
  static constexpr std::size_t kMostStrangers = 200'000;

  SideChanges changes;
  std::map<imap::Uid, imap::FlagSet> flags;
  KnownSizes sizes;  // as far as they were told
  std::uint32_t exists = 0;
  bool counted = false;  // it has told how many there are
  bool says_what_it_keeps = false;

  imap::UidSet listed() const {
    imap::UidSet out;
    for (const auto& [uid, flag_set] : flags) out.add(uid);
    return out;
  }

  void take(imap::Response& response) {
    if (auto* status = std::get_if<imap::TaggedResponse>(&response)) {
      if (status->status.code) take(*status->status.code);
    } else if (const auto* count = std::get_if<imap::ExistsResponse>(&response)) {
      exists = count->messages;
      counted = true;
    } else if (std::holds_alternative<imap::ExpungeResponse>(response)) {
      if (exists > 0) --exists;
    } else if (auto* fetched = std::get_if<imap::FetchResponse>(&response)) {
      take(*fetched);
    } else if (const auto* vanished = std::get_if<imap::VanishedResponse>(&response)) {
      changes.vanished.add(vanished->uids);
      if (!vanished->earlier)
        exists -= static_cast<std::uint32_t>(std::min<std::uint64_t>(vanished->uids.size(), exists));
    }
  }

  void take(imap::FetchResponse& fetched) {
    if (!fetched.uid || fetched.uid->value == 0) return;
    if (fetched.size) sizes.note(*fetched.uid, *fetched.size);
    if (fetched.flags) flags.insert_or_assign(*fetched.uid, std::move(*fetched.flags));
    if (flags.size() > exists + kMostStrangers)
      throw MailboxFailure(base::Reason::Failed, "the server tells of more messages than it has, without end");
  }

  void take(const imap::ResponseCode& code) {
    using Kind = imap::ResponseCode::Kind;
    const auto* number = std::get_if<std::uint64_t>(&code.payload);
    if (code.kind == Kind::UidValidity && number)
      changes.state.uid_validity = imap::UidValidity(static_cast<std::uint32_t>(*number));
    if (code.kind == Kind::UidNext && number) changes.state.uid_next = imap::Uid(static_cast<std::uint32_t>(*number));
    if (code.kind == Kind::HighestModSeq && number) changes.state.modseq = imap::ModSeq(*number);
    if (code.kind == Kind::NoModSeq) changes.state.modseq = imap::ModSeq(0);
    if (code.kind == Kind::ReadOnly) changes.read_only = true;
    if (code.kind == Kind::PermanentFlags)
      if (const auto* words = std::get_if<std::vector<std::string>>(&code.payload)) {
        says_what_it_keeps = true;
        changes.keepable = {};
        changes.keeps_any_keyword = false;
        for (const auto& word : *words) {
          if (word == "\\*")
            changes.keeps_any_keyword = true;
          else
            changes.keepable.add_by_name(word);
        }
      }
  }

  // Whether those known before, with what was said, are as many as there are.
  bool adds_up(imap::UidSet there) const {
    for (const auto& [uid, flag_set] : flags) there.add(uid);
    return there.minus(changes.vanished).size() == exists;
  }

  void finish() {
    if (changes.read_only && !says_what_it_keeps) {
      changes.keepable = {};
      changes.keeps_any_keyword = false;
    }
    for (auto& [uid, flag_set] : flags) {
      if (changes.vanished.contains(uid)) continue;
      changes.state.uid_next = std::max(changes.state.uid_next, uid.next());
      changes.present.push_back({uid, std::move(flag_set)});
    }
    changes.state.messages = exists;
  }
};

}  // namespace mirror

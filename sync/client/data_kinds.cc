// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/client/data_kinds.h"

#include <variant>

namespace mirror {

namespace {

constexpr DataKinds kList = 1, kLsub = 2, kStatus = 4, kSearch = 8, kCapability = 16, kEnabled = 32, kId = 64,
                    kNamespace = 128, kFetch = 256, kGone = 512, kSelected = 1024;

struct Asked {
  DataKinds operator()(const imap::CapabilityCommand&) const { return kCapability; }
  DataKinds operator()(const imap::EnableCommand&) const { return kEnabled; }
  DataKinds operator()(const imap::IdCommand&) const { return kId; }
  DataKinds operator()(const imap::ListCommand&) const { return kList | kStatus; }
  DataKinds operator()(const imap::LsubCommand&) const { return kLsub; }
  DataKinds operator()(const imap::NamespaceCommand&) const { return kNamespace; }
  DataKinds operator()(const imap::SearchCommand&) const { return kSearch; }
  DataKinds operator()(const imap::StatusCommand&) const { return kStatus; }
  DataKinds operator()(const imap::FetchCommand&) const { return kFetch; }
  DataKinds operator()(const imap::StoreCommand&) const { return kFetch; }
  DataKinds operator()(const imap::ExpungeCommand&) const { return kGone; }
  DataKinds operator()(const imap::MoveCommand&) const { return kGone | kSelected; }  // "* OK [COPYUID …]"
  DataKinds operator()(const imap::SelectCommand&) const { return kSelected | kFetch | kGone; }
  DataKinds operator()(const auto&) const { return 0; }
};

struct Kind {
  DataKinds operator()(const imap::CapabilityResponse&) const { return kCapability; }
  DataKinds operator()(const imap::EnabledResponse&) const { return kEnabled; }
  DataKinds operator()(const imap::IdResponse&) const { return kId; }
  DataKinds operator()(const imap::ListResponse& list) const { return list.lsub ? kLsub : kList; }
  DataKinds operator()(const imap::NamespaceResponse&) const { return kNamespace; }
  DataKinds operator()(const imap::SearchResponse&) const { return kSearch; }
  DataKinds operator()(const imap::EsearchResponse&) const { return kSearch; }
  DataKinds operator()(const imap::MailboxStatusResponse&) const { return kStatus; }
  DataKinds operator()(const imap::FetchResponse&) const { return kFetch; }
  DataKinds operator()(const imap::ExpungeResponse&) const { return kGone; }
  DataKinds operator()(const imap::VanishedResponse&) const { return kGone; }
  DataKinds operator()(const imap::ExistsResponse&) const { return kSelected; }
  DataKinds operator()(const imap::RecentResponse&) const { return kSelected; }
  DataKinds operator()(const imap::FlagsResponse&) const { return kSelected; }
  DataKinds operator()(const imap::TaggedResponse&) const { return kSelected; }  // "* OK [UIDVALIDITY 1]"
  DataKinds operator()(const auto&) const { return 0; }
};

}  // namespace

DataKinds asked_by(const imap::Command& command) { return std::visit(Asked(), command); }
DataKinds kind_of(const imap::Response& response) { return std::visit(Kind(), response); }
bool is_of_mailbox(const imap::Response& response) { return (kind_of(response) & (kSelected | kFetch | kGone)) != 0; }

}  // namespace mirror

// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// State kept for others (the sync) in the store's own index, so that "this message arrived" and "it is remote UID 4711"
// are one write.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "proto/numbers.h"

namespace store {

// A state that the store itself keeps for others: another value each time that the index was found to have lost some of
// what was written. What others keep here may then be older than the mail. Missing: it never was.
constexpr std::string_view kIndexWentBack = "index-went-back";

// Writes to be made together. Keys and values are octets of the caller's own; keys of different callers are kept apart
// by their prefix.
struct StateBatch {
  std::vector<std::pair<std::string, std::optional<std::string>>> writes;  // no value: delete
  void put(std::string key, std::string value) { writes.emplace_back(std::move(key), std::move(value)); }
  void erase(std::string key) { writes.emplace_back(std::move(key), std::nullopt); }
};

// Called inside a change, before it is committed, with the UIDs concerned (append, copy and move: the new ones). Must
// not call the store.
using AtCommit = std::function<void(std::span<const imap::Uid> uids, StateBatch& batch)>;

// Unsubscribes when destroyed.
using Subscription = std::shared_ptr<void>;

}  // namespace store

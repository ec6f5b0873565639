// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "server/login_gate.h"

#include <algorithm>
#include <utility>

namespace server {

std::shared_ptr<LoginGate::Visit> LoginGate::enter(const std::string& address) {
  if (count_[address] >= limits_.of_an_address) evict_oldest(&address);
  if (visits_.size() >= limits_.in_all) evict_oldest(nullptr);
  auto visit = std::make_shared<Visit>(*this, address);
  visit->place_ = visits_.insert(visits_.end(), visit.get());
  visit->inside_ = true;
  ++count_[address];
  return visit;
}

void LoginGate::evict_oldest(const std::string* address) {
  const auto is_of_it = [&](const Visit* visit) { return address == nullptr || visit->address_ == *address; };
  auto oldest = std::ranges::find_if(visits_, [&](const Visit* visit) { return visit->silent_ && is_of_it(visit); });
  if (oldest == visits_.end()) oldest = std::ranges::find_if(visits_, is_of_it);
  if (oldest == visits_.end()) return;
  auto* const visit = *oldest;
  const auto end = visit->on_eviction;
  visit->leave();
  if (end) end();
}

void LoginGate::Visit::leave() {
  if (!std::exchange(inside_, false)) return;
  gate_.visits_.erase(place_);
  if (const auto count = gate_.count_.find(address_); --count->second == 0) gate_.count_.erase(count);
}

void LoginGate::Visit::logged_in() {
  gate_.failures_.erase(address_);
  leave();
}

std::chrono::milliseconds LoginGate::Visit::wrong_password() {
  const auto now = std::chrono::steady_clock::now();
  gate_.forget_old(now);
  auto& failures = gate_.failures_[address_];
  failures.last = now;
  auto delay = gate_.limits_.first_delay;
  for (unsigned i = 0; i < failures.count && delay < gate_.limits_.longest_delay; ++i) delay *= 2;
  ++failures.count;
  return std::min(delay, gate_.limits_.longest_delay);
}

void LoginGate::forget_old(std::chrono::steady_clock::time_point now) {
  std::erase_if(failures_, [&](const auto& entry) { return now - entry.second.last >= limits_.memory; });
  if (failures_.size() < limits_.remembered) return;
  failures_.erase(std::ranges::min_element(failures_, {}, [](const auto& entry) { return entry.second.last; }));
}

}  // namespace server

// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// AlertBoard: what the users of all sessions must know while it lasts. Each session tells it once, in its next answers.
// Belongs to the sessions' io thread, and outlives them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace server {

class AlertBoard {
 public:
  // All that one source has to say now: a key and a sentence each. What had the same key before is no news, however its
  // sentence has changed.
  void set(const std::string& source, const std::vector<std::pair<std::string, std::string>>& alerts) {
    auto& before = alerts_[source];
    std::map<std::string, Alert> now;
    for (const auto& [key, text] : alerts) {
      const auto at = before.find(key);
      now[key] = {at == before.end() ? ++last_ : at->second.number, text};
    }
    before = std::move(now);
  }

  // Those that have come since the alert `seen`, the oldest first; `seen` is the last one's then.
  std::vector<std::string> since(std::uint64_t& seen) const {
    std::map<std::uint64_t, std::string> out;
    for (const auto& [source, alerts] : alerts_)
      for (const auto& [key, alert] : alerts)
        if (alert.number > seen) out.emplace(alert.number, alert.text);
    seen = last_;
    std::vector<std::string> texts;
    for (auto& [number, text] : out) texts.push_back(std::move(text));
    return texts;
  }

 private:
  struct Alert {
    std::uint64_t number = 0;
    std::string text;
  };
  std::map<std::string, std::map<std::string, Alert>> alerts_;  // by source and key
  std::uint64_t last_ = 0;
};

}  // namespace server

// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Where commands say what they have to say: the terminal; or kept, for one of several accounts.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "sync/command/command.h"

namespace mirror {

class TerminalOutput final : public CommandOutput {
 public:
  explicit TerminalOutput(bool quiet);
  ~TerminalOutput() override { clear(); }

  void say(const std::string& text) override;
  void complain(const std::string& text) override;
  void show_progress(const std::string& text) override;

 private:
  void clear();
  bool quiet_, shows_, shown_ = false;
};

class KeptOutput final : public CommandOutput {
 public:
  void say(const std::string& text) override { lines_.emplace_back(false, text); }
  void complain(const std::string& text) override { lines_.emplace_back(true, text); }
  void show_progress(const std::string&) override {}

  // Each line begins with the prefix.
  void give_to(CommandOutput& output, const std::string& prefix) const;
  const std::vector<std::pair<bool, std::string>>& lines() const { return lines_; }  // a complaint?

 private:
  std::vector<std::pair<bool, std::string>> lines_;
};

}  // namespace mirror

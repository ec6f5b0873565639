// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Where commands say what they have to say: the terminal; or kept, for one of several accounts.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "sync/command/command.h"

namespace mirror {

// A terminal whose locale is not UTF-8 is shown '?' for what is not ASCII; one that cannot go back to the beginning of
// a line (TERM=dumb) is shown no progress.
class TerminalOutput final : public CommandOutput {
 public:
  explicit TerminalOutput(bool quiet);
  ~TerminalOutput() override { clear(); }
  TerminalOutput(const TerminalOutput&) = delete;
  TerminalOutput& operator=(const TerminalOutput&) = delete;

  void say(const std::string& text) override;
  void complain(const std::string& text) override;
  void say_beside(const std::string& text) override;
  void show_progress(const ProgressReport& report) override;

 private:
  void clear();
  bool quiet_, shows_, shown_ = false;
  ProgressLine line_;
};

class KeptOutput final : public CommandOutput {
 public:
  explicit KeptOutput(std::function<void(const ProgressReport&)> progress = {}) : progress_(std::move(progress)) {}
  void say(const std::string& text) override { lines_.emplace_back(false, text); }
  void complain(const std::string& text) override { lines_.emplace_back(true, text); }
  void say_beside(const std::string& text) override;  // at once
  void show_progress(const ProgressReport& report) override {
    if (progress_) progress_(report);
  }

  // Each line begins with the prefix.
  void give_to(CommandOutput& output, const std::string& prefix) const;
  const std::vector<std::pair<bool, std::string>>& lines() const { return lines_; }  // a complaint?

 private:
  std::function<void(const ProgressReport&)> progress_;
  std::vector<std::pair<bool, std::string>> lines_;
};

// Text of strangers as this process's terminal, or whatever a descriptor is, should get it.
std::string shown_on(int descriptor, const std::string& text);

}  // namespace mirror

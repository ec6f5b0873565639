// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// PassResult: what a pass has done, for the journal, the log and a person.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <system_error>
#include <vector>

#include "proto/base/result.h"
#include "sync/client/metered_stream.h"
#include "sync/progress.h"

namespace mirror {

struct PassResult {
  bool good = false;                 // both sides are the same as far as is known
  std::optional<base::Refusal> end;  // why the pass could not go on, where it could not
  Counts counts;
  Traffic traffic;
  std::vector<std::string> problems;
  std::vector<std::string> told;        // what was made right by itself
  std::vector<std::string> notes;       // what the mode forbids, said once
  std::uint64_t held = 0, waiting = 0;  // removals: until a person allows them; for a while
  std::vector<HeldRemovals> held_in;    // where
  std::set<std::string> touched;        // mailboxes
  Arrivals arrivals;                    // where somebody wants to hear of them
  bool is_first = false;                // that fetches: mail that was long there
  bool whole = true;                    // else it was about single mailboxes
  double seconds = 0;

  void take(Progress&& progress);
  int exit_code() const;        // 0; 1; kHeldExit; or as sysexits.h
  std::string summary() const;  // one line for a person
};

constexpr const char* kInSync = "in sync";  // how the summary of a good pass begins

// Removals are held until a person says what is to become of them.
constexpr int kHeldExit = 4;

int exit_code_of(base::Reason reason);
base::Reason reason_of(const std::error_code& code);

}  // namespace mirror

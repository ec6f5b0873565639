// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Directions: which way mail may go in a pass: as the modes say, and at first only from there to here, until a person
// has said that mail may be sent.
#pragma once

#include <string>

#include "sync/config/config.h"
#include "sync/journal/journal.h"
#include "sync/mode.h"
#include "sync/progress.h"

namespace mirror {

class Directions {
 public:
  explicit Directions(const Config& config) : config_(config) {}

  // Nothing was ever agreed, or only what was fetched. A state of an earlier version is none such; one that was lost
  // is.
  static bool is_first(Journal& journal);
  // A person is to be asked before anything is sent.
  bool asks(Journal& journal) const { return config_.first_sync == FirstSync::Ask && is_first(journal); }

  // Before a pass. Where other things are permitted than in the last one, each mailbox is listed whole.
  struct Pass {
    bool consent = false;  // a person has said that what is only here may be sent
    bool whole = true;     // else it is about single mailboxes
  };
  void begin(Journal& journal, Pass pass);
  Permits permits(const MailboxPath& mailbox) const;
  // Without a pass: what no pass may do, whatever a person agrees to; by modes, and by first-sync = fetch or send.
  void begin_look(Journal& journal);
  // After a pass. What was not sent is a problem as long as nobody has said that it is not to be.
  void end(Journal& journal, Progress& progress, bool& good, const std::string& server);

 private:
  Mode mode(const MailboxPath& mailbox) const;
  std::string text() const;
  const Config& config_;
  bool first_ = false, was_first_ = false, whole_ = true;
};

}  // namespace mirror

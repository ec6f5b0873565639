// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/account/pass_result.h"

#include <sysexits.h>

#include <cstdio>

#include "proto/base/files.h"

namespace mirror {

namespace {

std::string amount(std::uint64_t n, const char* one, const char* many) {
  return std::to_string(n) + ' ' + (n == 1 ? one : many);
}

std::string octets(std::uint64_t n) {
  char text[32];
  if (n < 10'000)
    std::snprintf(text, sizeof text, "%llu B", static_cast<unsigned long long>(n));
  else if (n < 10'000'000)
    std::snprintf(text, sizeof text, "%.1f kB", static_cast<double>(n) / 1e3);
  else
    std::snprintf(text, sizeof text, "%.1f MB", static_cast<double>(n) / 1e6);
  return text;
}

}  // namespace

base::Reason reason_of(const std::error_code& code) {
  return base::is_disk_full(code) ? base::Reason::NoSpace : base::Reason::Failed;
}

int exit_code_of(base::Reason reason) {
  switch (reason) {
    case base::Reason::Configuration: return EX_CONFIG;
    case base::Reason::Authentication: return EX_NOPERM;
    case base::Reason::NotPermitted: return EX_PROTOCOL;
    case base::Reason::Unsupported: return EX_UNAVAILABLE;
    case base::Reason::NoSpace: return EX_CANTCREAT;
    case base::Reason::Corrupt: return EX_DATAERR;
    default: return EX_TEMPFAIL;
  }
}

void PassResult::take(Progress&& progress) {
  counts = progress.counts;
  problems = std::move(progress.problems);
  told.insert(told.end(), progress.told.begin(), progress.told.end());  // behind what the beginning has told
  notes = std::move(progress.notes);
  held = progress.held;
  waiting = progress.waiting;
  held_in = std::move(progress.held_in);
  touched = std::move(progress.touched);
  arrivals = std::move(progress.arrivals);
}

int PassResult::exit_code() const {
  if (end) return exit_code_of(end->reason);
  if (held > 0) return kHeldExit;
  return good ? 0 : 1;
}

std::string PassResult::summary() const {
  std::string out = end ? "stopped: " + end->text : good ? kInSync : "not all is in sync";
  const auto say = [&](std::uint64_t n, const char* one, const char* many, const char* where) {
    if (n > 0) out += ", " + amount(n, one, many) + where;
  };
  if (!end && !counts.any() && held == 0) out += ", nothing to do";
  say(counts.copied_to_local, "message", "messages", " fetched");
  say(counts.copied_to_remote, "message", "messages", " sent");
  say(counts.moved_local, "message", "messages", " moved here");
  say(counts.moved_remote, "message", "messages", " moved or copied there");
  say(counts.paired, "message", "messages", " found on both sides");
  say(counts.flagged_local, "flag change", "flag changes", " taken over");
  say(counts.flagged_remote, "flag change", "flag changes", " pushed");
  say(counts.expunged_local, "message", "messages", " expunged here");
  say(counts.expunged_remote, "message", "messages", " expunged there");
  say(held, "removal", "removals", " held");
  say(waiting, "removal", "removals", " waiting");
  say(counts.created_local, "mailbox", "mailboxes", " made here");
  say(counts.created_remote, "mailbox", "mailboxes", " made there");
  say(counts.renamed_local, "mailbox", "mailboxes", " renamed here");
  say(counts.renamed_remote, "mailbox", "mailboxes", " renamed there");
  say(counts.deleted_local, "mailbox", "mailboxes", " deleted here");
  say(counts.deleted_remote, "mailbox", "mailboxes", " deleted there");
  char time[32];
  std::snprintf(time, sizeof time, "%.2f s", seconds);
  return out + " (" + amount(counts.mailboxes, "mailbox", "mailboxes") + ", " + time + ", " + octets(traffic.sent) +
         " out, " + octets(traffic.received) + " in)";
}

}  // namespace mirror

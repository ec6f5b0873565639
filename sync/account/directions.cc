// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/account/directions.h"

#include <algorithm>

namespace mirror {

namespace {

constexpr const char* kFirstNote = "first-sync";  // "pending", "done"; empty: no pass yet, or one of an earlier version
constexpr const char* kDirectionsNote = "directions";
constexpr const char* kSaidNote = "said-withheld";
constexpr std::size_t kMostSaid = 20'000;

void note(Journal& journal, const char* name, const std::string& text) {
  if (journal.note(name) != text) journal.put_note(name, text);
}

// Takes out what was said before.
void say_once(Journal& journal, std::vector<std::string>& notes) {
  if (notes.empty()) return;
  auto said = journal.note(kSaidNote);
  std::erase_if(notes, [&](const std::string& one) { return said.find('\n' + one + '\n') != std::string::npos; });
  if (notes.empty()) return;
  if (said.empty() || said.size() > kMostSaid) said = "\n";
  for (const auto& one : notes) said += one + '\n';
  journal.put_note(kSaidNote, said);
}

// `lists/*`: what is below it.
bool is_meant(const std::string& pattern, const MailboxPath& mailbox) {
  const auto name = mailbox.shown();
  if (pattern.ends_with("/*")) return name.starts_with(pattern.substr(0, pattern.size() - 1));
  return name == pattern;
}

}  // namespace

bool Directions::is_first(Journal& journal) {
  const auto said = journal.note(kFirstNote);
  if (!said.empty()) return said == "pending";
  return std::ranges::none_of(
      journal.mailboxes(), [](const MailboxRecord& one) { return one.local.uid_validity || one.remote.uid_validity; });
}

Mode Directions::mode(const MailboxPath& mailbox) const {
  const auto at = std::ranges::find_if(config_.modes, [&](const auto& one) { return is_meant(one.first, mailbox); });
  return at == config_.modes.end() ? config_.mode : at->second;
}

// All that the permits depend on.
std::string Directions::text() const {
  std::string out = name_of(config_.mode);
  for (const auto& [mailbox, mode] : config_.modes) out += '\n' + mailbox + '\n' + name_of(mode);
  if (first_) out += config_.first_sync == FirstSync::Send ? "\nfirst: send" : "\nfirst: fetch";
  if (out.find("mirror") != std::string::npos && config_.fuse_here.off) out += "\nno fuse";
  return out;
}

void Directions::begin(Journal& journal, Pass pass) {
  const bool is_first = was_first_ = Directions::is_first(journal);
  first_ = config_.first_sync != FirstSync::Both && !pass.consent && is_first;
  whole_ = pass.whole;
  const auto before = journal.note(kDirectionsNote), now = text();
  if (now != (before.empty() ? name_of(Mode::Both) : before)) journal.look_at_all();
  note(journal, kDirectionsNote, now);
  note(journal, kFirstNote, first_ || (is_first && !whole_) ? "pending" : "done");
}

void Directions::begin_look(Journal& journal) {
  first_ = (config_.first_sync == FirstSync::Fetch || config_.first_sync == FirstSync::Send) && is_first(journal);
}

Permits Directions::permits(const MailboxPath& mailbox) const {
  auto out = Permits::of(mode(mailbox));
  if (!first_) return out;
  out.remove_here = out.put_back = false;
  if (config_.first_sync == FirstSync::Send)
    out.add_here = false;
  else
    out.there = false;
  return out;
}

void Directions::end(Journal& journal, Progress& progress, bool& good, const std::string& server) {
  if (progress.strangers && was_first_) return note(journal, kFirstNote, "pending");  // nothing was done
  if (first_ && config_.first_sync == FirstSync::Ask) {
    const bool complete = progress.notes.empty();  // there was nothing to send
    progress.notes.clear();
    if (good && complete && whole_) {
      first_ = false;
      note(journal, kDirectionsNote, text());
      note(journal, kFirstNote, "done");
      return;
    }
    good = false;
    progress.problems.push_back("this was the first time, and mail was only fetched: what is here and not on " +
                                server +
                                " was not sent. `postern plan` shows what would be sent, `postern sync --yes` sends "
                                "it, and `first-sync = fetch` in the configuration leaves it so");
    return;
  }
  say_once(journal, progress.notes);
}

}  // namespace mirror

// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// The files of expunged messages, behind the commit: each goes into the folder of removed mail, or is unlinked.
//
// Where there is no room to keep them: what a client has expunged is unlinked, since its user may have made room by it,
// and the log says so; what a pass has removed stays where it is, hidden, until it can be kept.
#include <unordered_map>

#include "store/mailbox/behind/write_behind.h"
#include "store/maildir/maildir.h"

namespace store {

RemovalLine WriteBehind::removal_line(const DoomedFile& file) const {
  RemovalLine out;
  auto note = file.note.empty() ? std::nullopt : decode_removal_note(file.note);
  if (!note) return out;
  const auto name = parse_maildir_name(std::string_view(file.path).substr(4));
  out.file = RemovedMail::file_of(state_.id, file.of);
  out.raw = name.file_size && name.file_size == name.wire_size;
  out.mailbox = state_.name().utf8();
  out.note = std::move(*note);
  return out;
}

void WriteBehind::Chores::note_kept() {
  std::vector<RemovalLine> lines;
  for (const auto& unlink : unlinks)
    if (!unlink.line.file.empty()) lines.push_back(unlink.line);
  if (lines.empty()) return;
  try {
    core->removed->note(lines);
  } catch (const std::exception& error) {
    give_up_keeping(error);
  }
}

void WriteBehind::Chores::give_up_keeping(const std::exception& why) {
  core->options.log.warning("messages that were removed cannot be kept", {{"why", why.what()}});
  complaint = why.what();
  for (auto& unlink : unlinks) {
    if (unlink.line.file.empty()) continue;
    if (unlink.line.note.by == "client")
      unlink.line = {};
    else
      unlink.waits = true;
  }
}

void WriteBehind::Chores::do_unlink(Unlink& unlink, const std::filesystem::path& path) {
  if (unlink.waits) {
    unlink.outcome = Outcome::Blocked;
    return;
  }
  unlink.outcome = attempt([&] {
    if (unlink.line.file.empty()) return base::unlink_if_exists(path);
    try {
      return core->removed->take(path, unlink.line);
    } catch (const std::exception& error) {
      give_up_keeping(error);
      if (unlink.waits) throw;
      return base::unlink_if_exists(path);
    }
  });
}

void WriteBehind::Chores::do_unlinks(const Foreground& foreground, std::size_t done) {
  note_kept();
  for (auto& unlink : unlinks) {
    if (done++ >= kLeast && foreground.is_busy()) break;
    do_unlink(unlink, directory / unlink.file.path);
  }
  look_for_astray();
}

// Files that somebody else has renamed meanwhile are found by their bases.
void WriteBehind::Chores::look_for_astray() {
  std::unordered_map<std::string, Unlink*> astray;
  for (auto& unlink : unlinks)
    if (unlink.outcome == Outcome::Gone)
      astray.emplace(parse_maildir_name(std::string_view(unlink.file.path).substr(4)).base, &unlink);
  if (astray.empty()) return;
  const auto looked = attempt([&] {
    for (const char* part : {"new", "cur"}) {
      std::vector<std::pair<std::filesystem::path, Unlink*>> found;
      for_each_name(directory / part, [&](std::string_view name) {
        const auto at = astray.find(std::string(parse_maildir_name(name).base));
        if (at != astray.end()) found.emplace_back(directory / part / name, at->second);
      });
      for (const auto& [path, unlink] : found) do_unlink(*unlink, path);
    }
    return true;
  });
  if (looked == Outcome::Done) return;
  for (auto& [base, unlink] : astray)
    if (unlink->outcome == Outcome::Gone) unlink->outcome = looked;
}

}  // namespace store

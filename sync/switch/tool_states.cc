// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/switch/tool_states.h"

#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <string>
#include <system_error>

#include "proto/base/files.h"
#include "store/mailbox_files.h"
#include "sync/replica.h"
#include "sync/switch/mbsync_state.h"
#include "sync/switch/named_files.h"
#include "sync/switch/offlineimap_state.h"

namespace mirror {

namespace {

namespace fs = std::filesystem;

ToolState state_of(const char* tool, const fs::path& file) {
  ToolState out;
  out.tool = tool;
  out.file = file.string();
  return out;
}

std::int64_t time_of(const fs::path& file) {
  struct stat status{};
  return ::stat(file.c_str(), &status) == 0 ? status.st_mtim.tv_sec : 0;
}

// When the tool ran last, and from when on a changed file may be another one.
struct Ran {
  std::int64_t last = 0, trusts_files_until = 0;
};

// Sets `here` of pairs that have the tool's UIDs there; leaves out those of which it is not known whether they are
// here. Where all files have come after the tool ran last, what is missing may be missing in the backup that they are
// from.
template <class Entries, class Uids>
std::vector<ToolPair> pairs_with_files(const Entries& entries, const NamedFiles& files, Ran ran, Uids uids) {
  std::vector<ToolPair> out;
  const bool put_back = files.all_made_since(ran.last);
  for (const auto& entry : entries) {
    const auto [near, far] = uids(entry);
    const auto is = files.state_of(near.value);
    if (is == NamedFiles::Is::Unknown) continue;
    ToolPair pair{std::nullopt, far, entry.flags, put_back};
    if (is == NamedFiles::Is::Here) {
      pair.here = files.message(near.value);
      pair.doubtful = files.changed_since(near.value, ran.trusts_files_until);
    }
    out.push_back(std::move(pair));
  }
  return out;
}

class FoundStates final : public ToolStates {
 public:
  FoundStates(store::MailStore& mail_store, StoreNames names, SwitchFrom from, fs::path used)
      : store_(mail_store), names_(std::move(names)), from_(std::move(from)), used_(std::move(used)) {}

  std::optional<ToolState> read(const MailboxPath& path) override {
    try {
      return read_if_unused(path);
    } catch (const std::system_error& error) {
      throw MailboxFailure(
          base::Reason::Failed,
          std::string("what another synchroniser has left cannot be read, and nothing was touched; make "
                      "it readable, or move it away: ") +
              error.what());
    }
  }

  void set_used(const MailboxPath& path) override {
    base::make_directories(used_.parent_path());
    const auto file = base::open_append(used_);
    base::write_all(file.get(), line_of(path));
    base::sync_data(file.get());
  }

 private:
  std::optional<ToolState> read_if_unused(const MailboxPath& path) const {
    if (was_used(path)) return std::nullopt;
    const auto name = path.to_name(names_.delimiter, names_.reference);
    if (!name) return std::nullopt;
    const auto mailbox = store_.open_mailbox(*name);
    if (!mailbox) return std::nullopt;
    const auto files = store::files_of(**mailbox);
    if (files.directory.empty()) return std::nullopt;
    if (from_.tool == SwitchFrom::Tool::OfflineImap) return read_offlineimap(path, files);
    return read_mbsync(path, files);
  }

  static std::string line_of(const MailboxPath& path) { return path.shown() + '\n'; }

  bool was_used(const MailboxPath& path) const {
    const auto text = base::read_file_if_exists(used_);
    return text && ('\n' + *text).find('\n' + line_of(path)) != std::string::npos;
  }

  // mbsync writes '!' where a name has a '/', and names as the server spells them.
  std::vector<fs::path> mbsync_files(const MailboxPath& path, const fs::path& directory) const {
    std::vector<fs::path> out;
    if (from_.tool == SwitchFrom::Tool::Mbsync && !from_.path.empty())
      for (auto name : {imap::MailboxName(path.shown()).modified_utf7(), path.shown()}) {
        std::ranges::replace(name, '/', '!');
        auto file = from_.path;
        for (auto at = file.find('*'); at != std::string::npos; at = file.find('*', at + name.size()))
          file.replace(at, 1, name);
        out.emplace_back(file);
      }
    out.push_back(directory / ".mbsyncstate");
    return out;
  }

  std::optional<ToolState> read_mbsync(const MailboxPath& path, const store::MailboxFiles& files) const {
    for (const auto& file : mbsync_files(path, files.directory)) {
      const auto text = base::read_file_if_exists(file);
      if (!text) continue;
      auto out = state_of("mbsync", file);
      const auto state = parse_mbsync_state(*text);
      if (!state) return out.damage = "it is damaged: " + state.error().text, out;
      out.there = state->far;
      out.damage = why_not_here(files.directory, state->near);
      if (!out.damage.empty()) return out;
      const NamedFiles named(files, NamedFiles::Of::Mbsync);
      const auto ran = time_of(file);
      out.pairs = pairs_with_files(state->entries, named, {ran, ran},
                                   [](const auto& entry) { return std::pair(entry.near, entry.far); });
      // A run that was cut off, or is under way.
      out.proves_removals = !fs::exists(file.string() + ".journal");
      if (is_older_than(files.directory, *state)) {
        out.proves_removals = false;
        out.remark =
            "the mail here is older than what mbsync knew of it (a backup may have been put back): what is "
            "missing on one side is not taken for removed";
      }
      return out;
    }
    return std::nullopt;
  }

  // META/Account-NAME/Repository-NAME stands for two directories in META. The status has what both sides had, and the
  // other one tells of which UIDVALIDITY on the server.
  std::optional<ToolState> read_offlineimap(const MailboxPath& path, const store::MailboxFiles& files) const {
    const fs::path account = fs::path(from_.path).parent_path(), meta = account.parent_path();
    const auto repository = meta / fs::path(from_.path).filename() / "FolderValidity";
    for (auto name : {imap::MailboxName(path.shown()).modified_utf7(), path.shown()}) {
      std::ranges::replace(name, '/', '.');
      for (const auto* kind : {"LocalStatus-sqlite", "LocalStatus"}) {
        const auto file = account / kind / name;
        if (!fs::exists(file)) continue;
        auto out = state_of("OfflineIMAP", file);
        const auto entries = kind == std::string_view("LocalStatus") ? parse_offlineimap_status(base::read_file(file))
                                                                     : read_offlineimap_database(file);
        const auto validity = base::read_file_if_exists(repository / name);
        if (!entries) return out.damage = "it is damaged: " + entries.error().text, out;
        if (!validity) return out.damage = (repository / name).string() + " is not there", out;
        out.there = imap::UidValidity(static_cast<std::uint32_t>(std::strtoul(validity->c_str(), nullptr, 10)));
        const NamedFiles named(files, NamedFiles::Of::OfflineImap);
        out.pairs = pairs_with_files(*entries, named, {time_of(file), std::numeric_limits<std::int64_t>::max()},
                                     [](const auto& entry) { return std::pair(entry.uid, entry.uid); });
        return out;
      }
    }
    return std::nullopt;
  }

  // Whether the state has UIDs that .uidvalidity, whose second line is the highest that was given, has not given yet.
  static bool is_older_than(const fs::path& directory, const MbsyncState& state) {
    const auto text = base::read_file_if_exists(directory / ".uidvalidity");
    const auto line = text ? text->find('\n') : std::string::npos;
    if (line == std::string::npos) return false;
    const auto highest = std::strtoul(text->c_str() + line + 1, nullptr, 10);
    return highest > 0 && std::ranges::any_of(state.entries, [&](const auto& one) { return one.near.value > highest; });
  }

  static std::string why_not_here(const fs::path& directory, imap::UidValidity near) {
    const auto text = base::read_file_if_exists(directory / ".uidvalidity");
    if (!text) return "its file .uidvalidity is not beside the mail (AltMap is not understood)";
    if (!text->starts_with(std::to_string(near.value) + '\n'))
      return "it is about another mailbox here (its UIDVALIDITY " + std::to_string(near.value) +
             " is not that of .uidvalidity)";
    return {};
  }

  store::MailStore& store_;
  StoreNames names_;
  SwitchFrom from_;
  fs::path used_;
};

}  // namespace

std::unique_ptr<ToolStates> make_tool_states(store::MailStore& mail_store, StoreNames names, SwitchFrom from,
                                             std::filesystem::path used) {
  return std::make_unique<FoundStates>(mail_store, std::move(names), std::move(from), std::move(used));
}

}  // namespace mirror

// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/switch/named_files.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <string>
#include <unordered_map>
#include <vector>

namespace mirror {

namespace {

namespace fs = std::filesystem;

struct Found {
  std::uint32_t uid = 0;
  std::string folder, name;
  std::int64_t changed = 0, made = 0;  // made 0: the file system does not tell
};

std::int64_t time_made(const fs::path& file) {
  struct statx status{};
  if (::statx(AT_FDCWD, file.c_str(), 0, STATX_BTIME, &status) < 0 || (status.stx_mask & STATX_BTIME) == 0) return 0;
  return status.stx_btime.tv_sec;
}

std::vector<Found> found_in(const fs::path& directory) {
  std::vector<Found> out;
  for (const auto* part : {"cur", "new"}) {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(directory / part, error)) {
      const auto name = entry.path().filename().string();
      const auto said = parse_tool_name(name);
      struct stat status{};
      if (!said || ::stat(entry.path().c_str(), &status) < 0) continue;
      out.push_back({said->uid, std::string(said->folder), name, status.st_ctim.tv_sec, time_made(entry.path())});
    }
    if (error) throw std::system_error(error, (directory / part).string());
  }
  return out;
}

std::string most_common_folder(const std::vector<Found>& found) {
  std::map<std::string, std::size_t> counts;
  for (const auto& one : found)
    if (!one.folder.empty()) ++counts[one.folder];
  const auto most = std::ranges::max_element(counts, {}, [](const auto& entry) { return entry.second; });
  return most == counts.end() ? std::string() : most->first;
}

// Of a file's name, what stays when its flags change.
std::string_view base_of(std::string_view name) { return name.substr(0, name.rfind(":2,")); }

}  // namespace

std::optional<ToolName> parse_tool_name(std::string_view name) {
  name = base_of(name);
  const auto at = name.find(",U=");
  if (at == std::string_view::npos) return std::nullopt;
  const auto rest = name.substr(at + 3);
  ToolName out;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), out.uid);
  if (error != std::errc() || out.uid == 0) return std::nullopt;
  constexpr std::string_view kFolder = ",FMD5=";
  if (const auto folder = name.find(kFolder); folder != std::string_view::npos) {
    out.folder = name.substr(folder + kFolder.size());
    out.folder = out.folder.substr(0, out.folder.find(','));
  }
  return out;
}

NamedFiles::NamedFiles(const store::MailboxFiles& files, Of tool) {
  const auto found = found_in(files.directory);
  const auto folder = tool == Of::OfflineImap ? most_common_folder(found) : std::string();
  std::unordered_map<std::string_view, imap::Uid> ours;
  for (const auto& [uid, name] : files.names) ours.emplace(base_of(name), uid);
  for (const auto& one : found) {
    if (tool == Of::OfflineImap && (one.folder.empty() || one.folder != folder)) continue;
    const auto at = ours.find(base_of(one.name));
    const auto [entry, is_new] = messages_.emplace(one.uid, at == ours.end() ? imap::Uid() : at->second);
    if (!is_new) entry->second = imap::Uid();
    changed_[one.uid] = std::max(changed_[one.uid], one.changed);
    oldest_ = std::min(oldest_.value_or(one.made), one.made);
  }
}

NamedFiles::Is NamedFiles::state_of(std::uint32_t uid) const {
  const auto at = messages_.find(uid);
  if (at == messages_.end()) return Is::Gone;
  return at->second ? Is::Here : Is::Unknown;
}

}  // namespace mirror

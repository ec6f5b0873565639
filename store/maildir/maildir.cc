// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "store/maildir/maildir.h"

#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>
#include <system_error>

namespace store {

namespace {

std::optional<std::uint64_t> field(std::string_view base, std::string_view key) {
  const auto at = base.find(key);
  if (at == std::string_view::npos) return std::nullopt;
  std::uint64_t value = 0;
  const auto* begin = base.data() + at + key.size();
  const auto* const end = base.data() + base.size();
  const auto result = std::from_chars(begin, end, value);
  if (result.ec != std::errc() || (result.ptr != end && *result.ptr != ',')) return std::nullopt;
  return value;
}

}  // namespace

MaildirName parse_maildir_name(std::string_view name) {
  MaildirName out;
  const auto colon = name.rfind(":2,");
  out.base = name.substr(0, colon);
  if (colon != std::string_view::npos) {
    const auto letters = name.substr(colon + 3);
    for (const char c : letters) {
      if (c >= 'a' && c <= 'z') {
        out.keyword_letters |= 1u << (c - 'a');
        continue;
      }
      bool known = false;
      for (const auto& row : imap::kFlagTable) {
        if (row.maildir_letter != c) continue;
        out.system_flags |= static_cast<std::uint8_t>(row.flag);
        known = true;
      }
      if (!known) out.unknown_letters = letters;
    }
  }
  const auto comma = out.base.find(',');
  if (comma == std::string_view::npos) return out;
  const auto fields = out.base.substr(comma);
  out.file_size = field(fields, ",S=");
  out.wire_size = field(fields, ",W=");
  if (const auto uid = field(fields, ",U="); uid && *uid > 0 && *uid < 0xFFFFFFFFu)
    out.uid = imap::Uid(static_cast<std::uint32_t>(*uid));
  return out;
}

std::string format_info(std::uint8_t system_flags, std::uint32_t keyword_letters, std::string_view unknown_letters) {
  // Maildir wants the letters in ASCII order: capitals first.
  std::string out = ":2,";
  for (char c = 'A'; c <= 'Z'; ++c) {
    bool set = false, known = false;
    for (const auto& row : imap::kFlagTable) {
      if (row.maildir_letter != c) continue;
      known = true;
      set = system_flags & static_cast<std::uint8_t>(row.flag);
    }
    if (set || (!known && unknown_letters.find(c) != std::string_view::npos)) out += c;
  }
  for (int i = 0; i < 26; ++i)
    if (keyword_letters & (1u << i)) out += static_cast<char>('a' + i);
  return out;
}

std::string make_base(std::uint64_t file_size, std::uint64_t wire_size, imap::Uid uid) {
  return base::unique_name() + ",S=" + std::to_string(file_size) + ",W=" + std::to_string(wire_size) +
         ",U=" + std::to_string(uid.value);
}

std::string base_like(const MaildirName& name, imap::Uid uid) {
  auto out = base::unique_name();
  if (name.file_size) out += ",S=" + std::to_string(*name.file_size);
  if (name.wire_size) out += ",W=" + std::to_string(*name.wire_size);
  return out + ",U=" + std::to_string(uid.value);
}

std::string strip_base(std::string_view base) { return std::string(base.substr(0, base.find(','))); }

std::uint64_t wire_octets(std::string_view file_octets, bool& after_cr) {
  if (file_octets.empty()) return 0;
  std::uint64_t size = file_octets.size();
  for (auto at = file_octets.find('\n'); at != std::string_view::npos; at = file_octets.find('\n', at + 1))
    if (!(at == 0 ? after_cr : file_octets[at - 1] == '\r')) ++size;
  after_cr = file_octets.back() == '\r';
  return size;
}

std::uint64_t count_wire_size(int fd, std::uint64_t octets) {
  char buffer[32 * 1024];
  std::uint64_t offset = 0, size = 0;
  bool after_cr = false;
  while (offset < octets) {
    const auto wanted = std::min<std::uint64_t>(sizeof buffer, octets - offset);
    const auto n = base::read_some_at(fd, offset, std::span(buffer, wanted));
    if (n == 0) break;
    offset += n;
    size += wire_octets({buffer, n}, after_cr);
  }
  return size;
}

void append_wire(std::string& out, std::string_view file_octets, bool& after_cr) {
  out.reserve(out.size() + file_octets.size() + file_octets.size() / 32 + 16);
  for (std::size_t at = 0; at < file_octets.size();) {
    const auto* found = static_cast<const char*>(std::memchr(file_octets.data() + at, '\n', file_octets.size() - at));
    const auto stop = found == nullptr ? file_octets.size() : static_cast<std::size_t>(found - file_octets.data());
    out.append(file_octets.data() + at, stop - at);
    if (stop > at) after_cr = file_octets[stop - 1] == '\r';
    if (found == nullptr) return;
    if (!after_cr) out += '\r';
    out += '\n';
    after_cr = false;
    at = stop + 1;
  }
}

bool for_each_name(const std::filesystem::path& directory, const std::function<void(std::string_view)>& f) {
  const std::unique_ptr<DIR, int (*)(DIR*)> dir(::opendir(directory.c_str()), &::closedir);
  if (!dir) {
    if (errno == ENOENT || errno == ENOTDIR) return false;
    throw std::system_error(errno, std::generic_category(), directory.string());
  }
  for (;;) {
    errno = 0;
    const auto* entry = ::readdir(dir.get());
    if (entry == nullptr) {
      if (errno != 0) throw std::system_error(errno, std::generic_category(), directory.string());
      return true;
    }
    if (entry->d_name[0] != '.') f(entry->d_name);
  }
}

}  // namespace store

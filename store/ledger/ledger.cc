// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "store/ledger/ledger.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <system_error>

#include "proto/base/clock.h"
#include "proto/base/lines.h"
#include "store/ledger/ledger_line.h"

namespace store {

namespace fs = std::filesystem;

namespace {
constexpr std::string_view kHead = "postern-ledger 1\n";
constexpr std::uint64_t kLargeEnough = 4'000'000;  // octets of a file
constexpr std::int64_t kSweepAgain = 3600;
constexpr std::uint64_t kFewestFiles = 4;  // however low the limit: so much is written before the oldest goes
}  // namespace

void Ledger::set_limits(KeepLedger limits) {
  const base::MutexLock lock(mutex_);
  grown_ = grown_ || !(limits_ == limits);
  limits_ = limits;
  keeps_ = limits.time.count() > 0 && limits.octets > 0;
}

std::vector<Ledger::NumberedFile> Ledger::files() const {
  std::vector<NumberedFile> out;
  std::error_code missing;
  for (const auto& entry : fs::directory_iterator(folder_, missing)) {
    const auto name = entry.path().filename().string();
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    const bool is_number = error == std::errc() && end == name.data() + name.size();
    std::error_code ignored;
    if (is_number && entry.is_regular_file(ignored)) out.emplace_back(number, entry.path());
  }
  std::ranges::sort(out);
  return out;
}

// The file that is written to, or the next one: where it is large enough, or somebody has removed it. The numbers tell
// the order, whatever the clock says.
void Ledger::open_for_more(std::size_t octets) {
  struct stat status{};
  const auto room = std::min(kLargeEnough, std::max<std::uint64_t>(limits_.octets / kFewestFiles, 1));
  const bool is_there = file_.get() >= 0 && ::fstat(file_.get(), &status) == 0 && status.st_nlink > 0;
  if (is_there && (size_ <= kHead.size() || size_ + octets <= room)) return;
  file_.reset();
  base::make_directories(folder_);
  if (number_ == 0)
    if (const auto all = files(); !all.empty()) number_ = all.back().first;
  for (;; ++number_) {  // a file of before this process is not written to: its last line may be torn
    if (number_ == 0) continue;
    try {
      file_ = base::create_new(folder_ / std::to_string(number_));
      break;
    } catch (const std::system_error& error) {
      if (error.code() != std::errc::file_exists) throw;
    }
  }
  size_ = 0;
  torn_ = false;
  write(kHead);
}

// A line that a full disk tears is ended before the next one.
void Ledger::write(std::string_view lines) {
  if (std::exchange(torn_, false)) write("\n");
  while (!lines.empty()) {
    const auto n = ::write(file_.get(), lines.data(), lines.size());
    if (n < 0) {
      if (errno == EINTR) continue;
      torn_ = true;
      throw std::system_error(errno, std::generic_category(), "the ledger");
    }
    size_ += static_cast<std::uint64_t>(n);
    lines.remove_prefix(static_cast<std::size_t>(n));
  }
}

void Ledger::note(std::span<const LedgerEntry> entries) {
  if (entries.empty() || !keeps_) return;
  std::string lines;
  for (const auto& entry : entries) lines += encode(entry);
  const base::MutexLock lock(mutex_);
  try {
    open_for_more(lines.size());
    write(lines);
    grown_ = true;
    said_ = false;
  } catch (const std::exception& error) {
    if (!std::exchange(said_, true))
      log_.warning("what becomes of messages is not noted for now", {{"why", error.what()}});
  }
}

void Ledger::for_each(const std::function<bool(const LedgerEntry& entry)>& f) const {
  for (const auto& [number, path] : files()) {
    const auto text = base::read_file_if_exists(path).value_or("");
    std::string_view rest = text;
    if (!rest.starts_with(kHead)) continue;  // of another version, or damaged from its first octet
    rest.remove_prefix(kHead.size());
    while (const auto line = base::take_line(rest))
      if (const auto entry = decode_ledger_line(*line); entry && !f(*entry)) return;
  }
}

void Ledger::sweep() {
  const auto now = base::unix_now();
  const base::MutexLock lock(mutex_);
  if (!grown_ && now >= swept_ && now - swept_ < kSweepAgain) return;
  grown_ = false;
  swept_ = now;
  const auto all = files();
  std::vector<std::pair<std::uint64_t, std::int64_t>> about;  // size, and when it was written to last
  std::uint64_t octets = 0;
  for (const auto& [number, path] : all) {
    struct stat status{};
    const bool is_there = ::lstat(path.c_str(), &status) == 0;
    about.emplace_back(is_there ? status.st_size : 0, is_there ? status.st_mtim.tv_sec : 0);
    octets += about.back().first;
  }
  const auto oldest = now - limits_.time.count() * 3600;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].first == number_ && file_.get() >= 0) break;  // it is being written to
    if (octets <= limits_.octets && about[i].second >= oldest) break;
    octets -= about[i].first;
    base::unlink_if_exists(all[i].second);
  }
}

}  // namespace store

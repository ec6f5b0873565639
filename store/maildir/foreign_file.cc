// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "store/maildir/foreign_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <exception>
#include <span>
#include <system_error>
#include <thread>

#include "proto/base/clock.h"

namespace store {

namespace {

constexpr std::int64_t kStillWritten = 5;  // seconds
constexpr std::size_t kManyFiles = 2000;   // from here on a thread more is worth its start
constexpr std::size_t kThreads = 4;        // at most
constexpr std::int64_t kSecond = 1'000'000'000;

std::uint64_t time_in_name(std::string_view name) {
  std::uint64_t out = 0;
  std::from_chars(name.data(), name.data() + name.size(), out);
  return out;
}

// Who owns a file and may read it need not ask.
bool can_be_read(int directory, const std::string& name, const struct stat& status) {
  if (status.st_uid == ::geteuid() && (status.st_mode & S_IRUSR) != 0) return true;
  return ::faccessat(directory, name.c_str(), R_OK, AT_EACCESS) == 0;
}

// Names are looked up in the directories that were opened: their own path is walked once.
class Reader {
 public:
  explicit Reader(const std::filesystem::path& mailbox_directory)
      : cur_(::open((mailbox_directory / "cur").c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)),
        new_(::open((mailbox_directory / "new").c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)) {}

  // False: it is gone again, or no file.
  bool read(Arrival& arrival) const {
    const int directory = (arrival.file->in_new ? new_ : cur_).get();
    const auto& name = arrival.name;
    struct stat status{};
    if (::fstatat(directory, arrival.file->name.c_str(), &status, 0) < 0) {
      if (errno == ENOENT || errno == ELOOP) return false;
      throw std::system_error(errno, std::generic_category(), arrival.file->path());
    }
    if (!S_ISREG(status.st_mode)) return false;
    arrival.closed = !can_be_read(directory, arrival.file->name, status);
    if (arrival.closed) return true;
    arrival.internal_date = status.st_mtim.tv_sec;
    auto& measured = arrival.measured;
    measured.size = static_cast<std::uint64_t>(status.st_size);
    measured.changed = changed_at(status);
    if (name.wire_size && (!name.file_size || *name.file_size == measured.size))
      arrival.wire_size = *name.wire_size;
    else
      measured.may_grow = !arrival.file->whole && is_young(measured.changed);
    return true;
  }

 private:
  base::FileDescriptor cur_, new_;
};

void read_all(const Reader& reader, std::span<Arrival> arrivals) {
  for (auto& arrival : arrivals)
    if (!reader.read(arrival)) arrival.file = nullptr;
}

void read_in_parallel(const Reader& reader, std::span<Arrival> arrivals) {
  const auto threads = std::clamp<std::size_t>(
      std::min<std::size_t>(std::thread::hardware_concurrency(), arrivals.size() / kManyFiles), 1, kThreads);
  const auto share = (arrivals.size() + threads - 1) / threads;
  std::vector<std::exception_ptr> faults(threads);
  const auto work = [&](std::size_t i) {
    const auto first = std::min(i * share, arrivals.size());
    try {
      read_all(reader, arrivals.subspan(first, std::min(share, arrivals.size() - first)));
    } catch (...) {
      faults[i] = std::current_exception();
    }
  };
  {
    std::vector<std::jthread> others;
    for (std::size_t i = 1; i < threads; ++i) others.emplace_back(work, i);
    work(0);
  }
  for (const auto& fault : faults)
    if (fault) std::rethrow_exception(fault);
}

}  // namespace

std::int64_t changed_at(const struct stat& status) { return status.st_mtim.tv_sec * kSecond + status.st_mtim.tv_nsec; }

// A time to come is no recent one: somebody has set it.
bool is_young(std::int64_t changed) {
  const auto age = base::unix_now() - changed / kSecond;
  return age < kStillWritten && age > -kStillWritten;
}

std::vector<Arrival> read_arrivals(const std::filesystem::path& mailbox_directory,
                                   const std::vector<FoundFile>& files) {
  struct Place {
    std::uint64_t time;
    std::string_view base;
    std::size_t file;
  };
  std::vector<Place> order;
  order.reserve(files.size());
  for (std::size_t i = 0; i < files.size(); ++i)
    order.push_back({time_in_name(files[i].name), parse_maildir_name(files[i].name).base, i});
  std::ranges::sort(order, [&](const Place& a, const Place& b) {
    if (a.time != b.time) return a.time < b.time;
    return a.base != b.base ? a.base < b.base : files[a.file].name < files[b.file].name;
  });
  const auto twins = std::ranges::unique(order, {}, &Place::base);
  order.erase(twins.begin(), twins.end());
  std::vector<Arrival> out(order.size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i].file = &files[order[i].file];
    out[i].name = parse_maildir_name(out[i].file->name);
  }
  read_in_parallel(Reader(mailbox_directory), out);
  std::erase_if(out, [](const Arrival& arrival) { return arrival.file == nullptr; });
  return out;
}

}  // namespace store

// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "store/maildir/foreign_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <span>
#include <system_error>

#include "proto/base/clock.h"
#include "proto/base/in_parallel.h"

namespace store {

namespace {

constexpr std::int64_t kQuiet = 30;        // seconds without a change after which a file counts as complete
constexpr std::int64_t kAbandoned = 3600;  // and so long whoever has it open
constexpr std::size_t kManyFiles = 2000;   // from here on a thread more is worth its start
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

// Where another machine may be the one that writes, a lease that is refused tells nothing.
bool is_remote(int fd) {
  constexpr std::uint32_t kNfs = 0x6969, kSmb = 0x517B, kCifs = 0xFF534D42, kSmb2 = 0xFE534D42;
  struct statfs status{};
  if (::fstatfs(fd, &status) < 0) return true;
  const auto type = static_cast<std::uint32_t>(status.f_type);
  return type == kNfs || type == kSmb || type == kCifs || type == kSmb2;
}

// Names are looked up in the directories that were opened: their own path is walked once.
class Reader {
 public:
  explicit Reader(const std::filesystem::path& mailbox_directory)
      : cur_(::open((mailbox_directory / "cur").c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)),
        new_(::open((mailbox_directory / "new").c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)) {}

  // False: it is gone again, or no file.
  bool read(Arrival& arrival, bool believe_our_names) const {
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
    arrival.measured = measured(status);
    const auto size = arrival.measured.size;
    const bool ours = name.uid && name.wire_size && name.file_size == size;
    arrival.growing = !(ours && believe_our_names) &&
                      !is_complete_at(directory, arrival.file->name, arrival.measured, arrival.file->was_closed,
                                      seconds_since(arrival.measured.changed));
    if (!arrival.growing && name.wire_size && (!name.file_size || *name.file_size == size))
      arrival.wire_size = *name.wire_size;
    return true;
  }

 private:
  base::FileDescriptor cur_, new_;
};

void read_all(const Reader& reader, std::span<Arrival> arrivals, bool believe_our_names) {
  for (auto& arrival : arrivals)
    if (!reader.read(arrival, believe_our_names)) arrival.file = nullptr;
}

void read_in_parallel(const Reader& reader, std::span<Arrival> arrivals, bool believe_our_names) {
  base::in_parallel(arrivals.size(), base::threads_for(arrivals.size(), kManyFiles),
                    [&](std::size_t, std::size_t begin, std::size_t end) {
                      read_all(reader, arrivals.subspan(begin, end - begin), believe_our_names);
                    });
}

}  // namespace

Measured measured(const struct stat& status) {
  return {static_cast<std::uint64_t>(status.st_size), status.st_mtim.tv_sec * kSecond + status.st_mtim.tv_nsec};
}

// The kernel gives a read lease on files alone that nobody has open for writing. Who opens it in the instant between
// the two calls waits for the second, and the kernel tells us so by a signal: one that nobody hears.
Writers writers_of(int fd) {
  if (::fcntl(fd, F_SETSIG, SIGURG) < 0) return Writers::Unknown;
  if (::fcntl(fd, F_SETLEASE, F_RDLCK) == 0) {
    ::fcntl(fd, F_SETLEASE, F_UNLCK);
    return is_remote(fd) ? Writers::Unknown : Writers::None;
  }
  return errno == EAGAIN && !is_remote(fd) ? Writers::Some : Writers::Unknown;
}

bool is_complete(std::uint64_t size, Writers writers, bool was_closed, std::int64_t quiet) {
  if (writers == Writers::Some) return quiet >= kAbandoned;
  if (size == 0) return quiet >= kQuiet;
  return writers == Writers::None || was_closed || quiet >= kQuiet;
}

bool is_complete_at(int directory, const std::string& name, const Measured& measured, bool was_closed,
                    std::int64_t quiet) {
  if (quiet >= kAbandoned) return true;  // whoever has it open
  const base::FileDescriptor file(::openat(directory, name.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  return is_complete(measured.size, file ? writers_of(file.get()) : Writers::Unknown, was_closed, quiet);
}

std::int64_t seconds_since(std::int64_t changed) {
  return std::max<std::int64_t>(base::unix_now() - changed / kSecond, 0);
}

std::uint32_t size_mark(std::uint64_t size) { return static_cast<std::uint32_t>(1 + size % 0xFFFFFFFF); }

std::vector<Arrival> read_arrivals(const std::filesystem::path& mailbox_directory, const std::vector<FoundFile>& files,
                                   bool believe_our_names) {
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
  read_in_parallel(Reader(mailbox_directory), out, believe_our_names);
  std::erase_if(out, [](const Arrival& arrival) { return arrival.file == nullptr; });
  return out;
}

}  // namespace store

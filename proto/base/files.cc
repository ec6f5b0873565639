// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/base/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <system_error>

#include "proto/base/clock.h"
#include "proto/base/fail_point.h"

namespace base {

bool is_disk_full(int error_number) { return error_number == ENOSPC || error_number == EDQUOT; }

bool is_disk_full(const std::error_code& code) {
  return (code.category() == std::generic_category() || code.category() == std::system_category()) &&
         is_disk_full(code.value());
}

namespace {

class NoFile final : public std::error_category {
 public:
  const char* name() const noexcept override { return "file"; }
  std::string message(int) const override { return "it is no regular file"; }
};

[[noreturn]] void fail_as_no_file(const std::filesystem::path& path) {
  static const NoFile category;
  constexpr int kAny = 1000;  // no errno
  throw std::system_error(kAny, category, path.string());
}

[[noreturn]] void fail(const std::filesystem::path& path) {
  if (errno == ENXIO) fail_as_no_file(path);  // a socket, or a pipe that nobody reads
  throw std::system_error(errno, std::generic_category(), path.string());
}

int open_retrying(const std::filesystem::path& path, int flags, mode_t mode = 0) {
  int fd = -1;
  do fd = ::open(path.c_str(), flags | O_CLOEXEC, mode);
  while (fd < 0 && errno == EINTR);
  return fd;
}

// In a file's place a pipe may lie, at which open() would wait for somebody at its other end.
int open_without_waiting(const std::filesystem::path& path, int flags, mode_t mode = 0) {
  const int fd = open_retrying(path, flags | O_NONBLOCK | O_NOCTTY, mode);
  if (fd >= 0 || errno != EWOULDBLOCK) return fd;
  return open_retrying(path, flags | O_NOCTTY, mode);  // somebody has a lease on it, and is told to give it up
}

// What has an end, and can be read from any place: a file, or nothing (/dev/null).
void require_file(int fd, const std::filesystem::path& path) {
  struct stat status{}, nothing{};
  if (::fstat(fd, &status) < 0) fail(path);
  if (S_ISREG(status.st_mode)) return;
  if (S_ISDIR(status.st_mode)) throw std::system_error(EISDIR, std::generic_category(), path.string());
  if (S_ISCHR(status.st_mode) && ::stat("/dev/null", &nothing) == 0 && status.st_rdev == nothing.st_rdev) return;
  fail_as_no_file(path);
}

std::string escape_host(std::string name) {
  std::string out;
  for (const char c : name) {
    if (c == '/')
      out += "\\057";
    else if (c == ':')
      out += "\\072";
    else if (c == ',')
      out += "\\054";  // a comma begins the fields of a name
    else
      out += c;
  }
  return out.empty() ? "localhost" : out;
}

}  // namespace

void FileDescriptor::reset() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

FileDescriptor open_read(const std::filesystem::path& path) {
  FileDescriptor fd(open_without_waiting(path, O_RDONLY));
  if (!fd) fail(path);
  return fd;
}

std::optional<FileDescriptor> open_read_if_exists(const std::filesystem::path& path) {
  FileDescriptor fd(open_without_waiting(path, O_RDONLY));
  if (fd) return fd;
  if (errno == ENOENT) return std::nullopt;
  fail(path);
}

FileDescriptor create_new(const std::filesystem::path& path, mode_t mode) {
  FailPoint::step();
  FileDescriptor fd(open_retrying(path, O_WRONLY | O_CREAT | O_EXCL, mode));
  if (!fd) fail(path);
  return fd;
}

FileDescriptor open_append(const std::filesystem::path& path, mode_t mode) {
  FailPoint::step();
  FileDescriptor fd(open_without_waiting(path, O_WRONLY | O_CREAT | O_APPEND, mode));
  if (!fd) fail(path);
  require_file(fd.get(), path);
  return fd;
}

FileDescriptor anonymous_file(const std::filesystem::path& directory) {
  FileDescriptor fd(open_retrying(directory, O_TMPFILE | O_RDWR, 0600));
  if (fd) return fd;
  const auto path = directory / ("." + unique_name());
  FileDescriptor named(open_retrying(path, O_RDWR | O_CREAT | O_EXCL, 0600));
  if (!named) fail(directory);
  ::unlink(path.c_str());
  return named;
}

void write_all(int fd, std::string_view bytes) {
  FailPoint::step();
  while (!bytes.empty()) {
    const auto n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0) {
      if (errno == EINTR) continue;
      throw std::system_error(errno, std::generic_category(), "write");
    }
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

std::size_t read_some_at(int fd, std::uint64_t offset, std::span<char> into) {
  for (;;) {
    const auto n = ::pread(fd, into.data(), into.size(), static_cast<off_t>(offset));
    if (n >= 0) return static_cast<std::size_t>(n);
    if (errno != EINTR) throw std::system_error(errno, std::generic_category(), "read");
  }
}

namespace {

std::string read_whole(int fd) {
  struct stat status{};
  std::string out;
  if (::fstat(fd, &status) == 0 && status.st_size > 0) out.resize(static_cast<std::size_t>(status.st_size));
  std::size_t have = 0;
  for (;;) {
    if (have == out.size()) out.resize(out.size() + 4096);
    const auto n = read_some_at(fd, have, std::span(out).subspan(have));
    if (n == 0) break;
    have += n;
  }
  out.resize(have);
  return out;
}

}  // namespace

std::string read_file(const std::filesystem::path& path) {
  const auto fd = open_read(path);
  require_file(fd.get(), path);
  return read_whole(fd.get());
}

std::optional<std::string> read_file_if_exists(const std::filesystem::path& path) {
  const auto fd = open_read_if_exists(path);
  if (!fd) return std::nullopt;
  require_file(fd->get(), path);
  return read_whole(fd->get());
}

void replace_file(const std::filesystem::path& path, std::string_view bytes, mode_t mode) {
  auto temporary = path;
  temporary += "." + unique_name() + ".tmp";
  try {
    const auto fd = create_new(temporary, mode);
    write_all(fd.get(), bytes);
    sync_data(fd.get());
    rename_file(temporary, path);
  } catch (const std::system_error&) {
    ::unlink(temporary.c_str());
    throw;
  }
  sync_directory(path.has_parent_path() ? path.parent_path() : ".");
}

// A hint: a file system that cannot do it does it later.
void start_writing_back(int fd, std::uint64_t offset, std::uint64_t octets) {
  ::sync_file_range(fd, static_cast<off64_t>(offset), static_cast<off64_t>(octets), SYNC_FILE_RANGE_WRITE);
}

void sync_data(int fd) {
  FailPoint::step();
  if (::fdatasync(fd) < 0) throw std::system_error(errno, std::generic_category(), "fdatasync");
}

void sync_directory(const std::filesystem::path& path) {
  FailPoint::step();
  const FileDescriptor fd(open_retrying(path, O_RDONLY | O_DIRECTORY));
  if (!fd || ::fsync(fd.get()) < 0) fail(path);
}

void rename_file(const std::filesystem::path& from, const std::filesystem::path& to) {
  FailPoint::step();
  if (::rename(from.c_str(), to.c_str()) < 0) fail(from);
}

bool rename_if_exists(const std::filesystem::path& from, const std::filesystem::path& to) {
  FailPoint::step();
  if (::rename(from.c_str(), to.c_str()) == 0) return true;
  if (errno == ENOENT) return false;
  fail(from);
}

void link_file(const std::filesystem::path& from, const std::filesystem::path& to) {
  FailPoint::step();
  if (::link(from.c_str(), to.c_str()) < 0) fail(from);
}

bool can_be_polled(int fd) {
  struct stat status{};
  if (::fstat(fd, &status) < 0) return false;
  return S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode);
}

bool unlink_if_exists(const std::filesystem::path& path) {
  FailPoint::step();
  if (::unlink(path.c_str()) == 0) return true;
  if (errno == ENOENT) return false;
  fail(path);
}

void make_directories(const std::filesystem::path& path, mode_t mode) {
  if (std::filesystem::is_directory(path)) return;
  if (path.has_parent_path() && path.parent_path() != path) make_directories(path.parent_path(), mode);
  FailPoint::step();
  if (::mkdir(path.c_str(), mode) < 0 && !(errno == EEXIST && std::filesystem::is_directory(path))) fail(path);
}

void set_modification_time(int fd, std::int64_t unix_seconds) {
  FailPoint::step();
  const timespec times[2] = {{static_cast<time_t>(unix_seconds), 0}, {static_cast<time_t>(unix_seconds), 0}};
  if (::futimens(fd, times) < 0) throw std::system_error(errno, std::generic_category(), "futimens");
}

const std::string& host_name() {
  static const std::string name = [] {
    char buffer[256] = {};
    if (::gethostname(buffer, sizeof buffer - 1) < 0) buffer[0] = 0;
    return escape_host(buffer);
  }();
  return name;
}

std::string unique_name() {
  static std::atomic<unsigned> count{0};
  const auto micros = unix_micros();
  char text[80];
  std::snprintf(text, sizeof text, "%lld.M%06lldP%dQ%u.", static_cast<long long>(micros / 1000000),
                static_cast<long long>(micros % 1000000), static_cast<int>(::getpid()), ++count);
  return text + host_name();
}

}  // namespace base

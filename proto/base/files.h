// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Files: descriptors, durable steps and unique names. Each step that changes the disk passes a fail point.
// Failures throw std::system_error with the path in its text, unless said otherwise.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace base {

// No room: the disk is full, or the user's quota is used up. Everybody who treats a full disk in a way of its own asks
// here.
bool is_disk_full(int error_number);
bool is_disk_full(const std::error_code& code);

class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    if (this != &other) {
      reset();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }
  ~FileDescriptor() { reset(); }

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  int release() { return std::exchange(fd_, -1); }
  void reset();

 private:
  int fd_ = -1;
};

FileDescriptor open_read(const std::filesystem::path& path);                           // O_RDONLY|O_CLOEXEC; throws
std::optional<FileDescriptor> open_read_if_exists(const std::filesystem::path& path);  // nullopt on ENOENT
FileDescriptor create_new(const std::filesystem::path& path, mode_t mode = 0600);      // O_EXCL|O_WRONLY
FileDescriptor open_append(const std::filesystem::path& path, mode_t mode = 0600);
FileDescriptor anonymous_file(const std::filesystem::path& directory);  // O_TMPFILE, or created and unlinked

void write_all(int fd, std::string_view bytes);
std::size_t read_some_at(int fd, std::uint64_t offset, std::span<char> into);  // 0 at the end
std::string read_file(const std::filesystem::path& path);                      // whole; throws
std::optional<std::string> read_file_if_exists(const std::filesystem::path& path);
void replace_file(const std::filesystem::path& path, std::string_view bytes,
                  mode_t mode = 0600);  // durable: temp, fsync, rename, fsync dir

void sync_data(int fd);                                                       // fdatasync
void start_writing_back(int fd, std::uint64_t offset, std::uint64_t octets);  // to the disk; does not wait for it
void sync_directory(const std::filesystem::path& path);                       // fsync of a directory
void rename_file(const std::filesystem::path& from, const std::filesystem::path& to);
bool rename_if_exists(const std::filesystem::path& from, const std::filesystem::path& to);  // false on ENOENT
void link_file(const std::filesystem::path& from, const std::filesystem::path& to);
bool unlink_if_exists(const std::filesystem::path& path);
bool can_be_polled(int fd);  // a pipe or a socket
void make_directories(const std::filesystem::path& path, mode_t mode = 0700);
void set_modification_time(int fd, std::int64_t unix_seconds);

const std::string& host_name();  // as Maildir wants it: '/' as \057, ':' as \072
std::string unique_name();       // "<secs>.M<usec>P<pid>Q<n>.<host>", unique in this and every other process

}  // namespace base

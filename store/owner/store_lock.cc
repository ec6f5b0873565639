// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "store/owner/store_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

#include "store/owner/store_place.h"

namespace store {

base::Result<StoreLock> StoreLock::take(const std::filesystem::path& root) {
  const auto directory = StoreLock::directory(root);
  base::make_directories(directory);
  if (auto good = check_place(root); !good) return std::unexpected(good.error());
  const auto path = directory / "lock";
  base::FileDescriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!file) throw std::system_error(errno, std::generic_category(), path.string());
  if (::flock(file.get(), LOCK_EX | LOCK_NB) < 0) {
    if (errno != EWOULDBLOCK) throw std::system_error(errno, std::generic_category(), path.string());
    auto owner = base::read_file_if_exists(path).value_or("");
    owner = owner.substr(0, owner.find('\n'));
    return base::refuse(base::Reason::InUse,
                        root.string() + " is in use by process " + (owner.empty() ? "(unknown)" : owner));
  }
  const auto text = std::to_string(::getpid()) + "\n";
  if (::ftruncate(file.get(), 0) < 0 || ::pwrite(file.get(), text.data(), text.size(), 0) < 0)
    throw std::system_error(errno, std::generic_category(), path.string());
  return StoreLock(std::move(file));
}

void StoreLock::wait_until_free(const std::filesystem::path& root) {
  const auto path = StoreLock::directory(root) / "lock";
  const base::FileDescriptor file(::open(path.c_str(), O_RDWR | O_CLOEXEC));
  if (!file) throw std::system_error(errno, std::generic_category(), path.string());
  while (::flock(file.get(), LOCK_EX) < 0)
    if (errno != EINTR) throw std::system_error(errno, std::generic_category(), path.string());
}

}  // namespace store

// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/base/unix_address.h"

#include <fcntl.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>

namespace base {

UnixAddress::UnixAddress(const std::filesystem::path& path) {
  address_.sun_family = AF_UNIX;
  auto text = path.native();
  const auto fail = [&](int error) { throw std::system_error(error, std::generic_category(), path.string()); };
  if (text.size() >= sizeof address_.sun_path) {
    directory_ = FileDescriptor(::open(path.parent_path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!directory_) fail(errno);
    text = "/proc/self/fd/" + std::to_string(directory_.get()) + "/" + path.filename().native();
  }
  if (text.size() >= sizeof address_.sun_path) fail(ENAMETOOLONG);
  std::memcpy(address_.sun_path, text.c_str(), text.size() + 1);
}

}  // namespace base

// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "server/daemon/control_socket.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <functional>

namespace server {

std::filesystem::path control_socket_path(const std::filesystem::path& store) {
  auto path = store / ".postern" / "socket";
  if (path.native().size() < sizeof(sockaddr_un::sun_path)) return path;
  std::uint64_t digest = 14695981039346656037ull;  // FNV-1a: the same in every process
  for (const char c : store.native()) digest = (digest ^ static_cast<unsigned char>(c)) * 1099511628211ull;
  return std::filesystem::path("/tmp") / ("postern-" + std::to_string(::getuid())) /
         (std::to_string(digest) + ".socket");
}

std::optional<base::FileDescriptor> connect_control_socket(const std::filesystem::path& path) {
  base::FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (!socket || path.native().size() >= sizeof address.sun_path) return std::nullopt;
  std::memcpy(address.sun_path, path.c_str(), path.native().size() + 1);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0) return std::nullopt;
  return socket;
}

bool send_request(int socket, const std::string& line, const std::vector<int>& descriptors) {
  iovec bytes{const_cast<char*>(line.data()), line.size()};
  alignas(cmsghdr) char control[CMSG_SPACE(2 * sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &bytes;
  message.msg_iovlen = 1;
  if (!descriptors.empty()) {
    message.msg_control = control;
    message.msg_controllen = CMSG_SPACE(descriptors.size() * sizeof(int));
    auto* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(descriptors.size() * sizeof(int));
    std::memcpy(CMSG_DATA(header), descriptors.data(), descriptors.size() * sizeof(int));
  }
  return ::sendmsg(socket, &message, MSG_NOSIGNAL) == static_cast<ssize_t>(line.size());
}

std::optional<Request> receive_request(int socket) {
  char text[256];
  iovec bytes{text, sizeof text};
  alignas(cmsghdr) char control[CMSG_SPACE(8 * sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &bytes;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  const auto n = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  if (n <= 0) return std::nullopt;
  Request out;
  for (auto* header = CMSG_FIRSTHDR(&message); header != nullptr; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    const auto count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(header) + i * sizeof(int), sizeof(int));
      out.descriptors.emplace_back(fd);
    }
  }
  out.line.assign(text, static_cast<std::size_t>(n));
  if (!out.line.ends_with('\n')) return std::nullopt;
  out.line.pop_back();
  return out;
}

bool is_same_user(int socket) {
  ucred peer{};
  socklen_t size = sizeof peer;
  return ::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid == ::getuid();
}

}  // namespace server

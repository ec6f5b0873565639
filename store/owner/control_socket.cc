// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "store/owner/control_socket.h"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include "proto/base/unix_address.h"
#include "proto/base/version.h"

namespace store {

std::filesystem::path control_socket_path(const std::filesystem::path& store) { return store / ".postern" / "socket"; }

std::optional<base::FileDescriptor> connect_control_socket(const std::filesystem::path& path) {
  base::FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket) return std::nullopt;
  try {
    const base::UnixAddress address(path);
    if (::connect(socket.get(), address.get(), base::UnixAddress::size()) < 0) return std::nullopt;
  } catch (const std::system_error&) {  // the store is not made yet
    return std::nullopt;
  }
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

std::string request_line(const std::string& verb, const std::vector<std::string>& words) {
  std::string out = std::string(base::version()) + ' ' + verb;
  if (!words.empty()) out += ' ';
  for (const auto& word : words) out += word + '\0';
  return out + '\n';
}

namespace {

constexpr std::size_t kLongestRequest = 64 * 1024;

// Descriptors come with the first octets.
ssize_t receive_some(int socket, std::string& text, std::vector<base::FileDescriptor>& descriptors) {
  char octets[4096];
  iovec bytes{octets, sizeof octets};
  alignas(cmsghdr) char control[CMSG_SPACE(8 * sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &bytes;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  const auto n = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  if (n <= 0) return n;
  for (auto* header = CMSG_FIRSTHDR(&message); header != nullptr; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    const auto count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(header) + i * sizeof(int), sizeof(int));
      descriptors.emplace_back(fd);
    }
  }
  text.append(octets, static_cast<std::size_t>(n));
  return n;
}

}  // namespace

std::optional<Request> receive_request(int socket) {
  Request out;
  std::string text;
  while (!text.ends_with('\n') && text.size() < kLongestRequest)
    if (receive_some(socket, text, out.descriptors) <= 0) return std::nullopt;
  const auto space = text.find(' ');
  if (!text.ends_with('\n') || space == std::string::npos) return std::nullopt;
  text.pop_back();
  out.version = text.substr(0, space);
  std::string_view rest = std::string_view(text).substr(space + 1);
  const auto end = std::min(rest.find(' '), rest.size());
  out.verb = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  while (!rest.empty()) {
    const auto nul = std::min(rest.find('\0'), rest.size());
    out.words.emplace_back(rest.substr(0, nul));
    rest.remove_prefix(std::min(nul + 1, rest.size()));
  }
  return out;
}

bool is_same_user(int socket) {
  ucred peer{};
  socklen_t size = sizeof peer;
  return ::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid == ::getuid();
}

}  // namespace store

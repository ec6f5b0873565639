// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// The owner's own socket, on which launchers hand over their client's descriptors. Not IMAP.
//
// A launcher sends one line, "<version> STDIO\n", with two descriptors (SCM_RIGHTS: the client's input, the client's
// output), or "<version> QUIT\n". The owner answers one octet: 'K' taken, 'V' it is of another version. Then the
// connection stays open while the session lasts: the end of either side ends the other.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "proto/base/files.h"

namespace server {

// `<store>/.postern/socket`; where that is too long for a socket's address, a name made of it in /tmp/postern-<uid>.
std::filesystem::path control_socket_path(const std::filesystem::path& store);

std::optional<base::FileDescriptor> connect_control_socket(
    const std::filesystem::path& path);  // nullopt: nobody listens

bool send_request(int socket, const std::string& line, const std::vector<int>& descriptors);
struct Request {
  std::string line;
  std::vector<base::FileDescriptor> descriptors;
};
std::optional<Request> receive_request(int socket);  // waits; nullopt: it is none
bool is_same_user(int socket);                       // SO_PEERCRED

}  // namespace server

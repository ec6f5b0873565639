// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// The owner's own socket, on which other processes of the same user ask it for something. Not IMAP.
//
// A request is one line, "<version> <verb>[ <words>]\n", the words ended by NUL each:
//   STDIO  with two descriptors (SCM_RIGHTS): the client's input and output; the owner serves it
//   RUN    words: variables (NAME=VALUE), configuration file, command, its arguments; the owner runs `postern`'s
//   command for the caller
//   QUIT   the owner leaves
// The owner answers one octet: 'K' taken, 'V' it is of another version. Then the connection stays open while the
// session or the command lasts: the end of either side ends the other. A command's answer is lines, each with one
// letter in front: 'o' for standard output, 'e' for standard error, 'b' for what goes on beside (log and wire, where
// they were asked for), 'p' progress (sync/progress_report.h), 'x' its exit code, the last.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "proto/base/files.h"

namespace store {

std::filesystem::path control_socket_path(const std::filesystem::path& store);

std::optional<base::FileDescriptor> connect_control_socket(
    const std::filesystem::path& path);  // nullopt: nobody listens

bool send_request(int socket, const std::string& line, const std::vector<int>& descriptors);
struct Request {
  std::string version, verb;
  std::vector<std::string> words;
  std::vector<base::FileDescriptor> descriptors;
};
std::string request_line(const std::string& verb, const std::vector<std::string>& words);
std::optional<Request> receive_request(int socket);  // waits; nullopt: it is none
bool is_same_user(int socket);                       // SO_PEERCRED

}  // namespace store

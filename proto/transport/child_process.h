// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// ChildProcess: a shell command that was started. Who lets go of it ends it, without waiting.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "proto/base/files.h"

namespace transport {

// What of the command's children ends with it.
enum class Group : std::uint8_t {
  Alone,    // nothing; it may read from our terminal
  Own,      // what it has started
  Session,  // the same, and it has no terminal
};

struct ChildOptions {
  std::string command;                     // for /bin/sh -c
  int input = -1, output = -1;             // its standard input and output; the caller's, who may close them afterwards
  std::optional<int> errors{};             // -1: nowhere; nullopt: where ours go
  std::vector<std::string> environment{};  // NAME=VALUE, which take the place of this process's own
  Group group = Group::Alone;
};

class ChildProcess {
 public:
  explicit ChildProcess(ChildOptions options);  // throws std::system_error
  // Its end of input should be closed before. Where it does not end within a second, SIGTERM; a second later SIGKILL.
  // This process does not end before that, where the command has a group.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  // Readable once it has ended. Holds nothing where the kernel has no such descriptors.
  base::FileDescriptor watch() const;
  // As waitpid(2) tells it; nullopt: it has not ended. What it has started goes on.
  std::optional<int> reap();
  void terminate();  // SIGTERM at once, where it is not reaped yet

 private:
  pid_t child_ = 0;
  bool group_ = false, terminated_ = false;
};

bool has_terminal();

}  // namespace transport

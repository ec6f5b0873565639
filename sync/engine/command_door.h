// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// CommandDoor: where the process that keeps two foreign servers the same takes postern's commands about them, since no
// other one may use their state meanwhile: a socket beside it.
#pragma once

#include <asio/any_io_executor.hpp>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "proto/base/files.h"
#include "proto/transport/listen.h"
#include "sync/config/config.h"

namespace mirror {

std::filesystem::path command_door_path(const Config& config);

class CommandDoor {
 public:
  // words: as run_for() takes them. Only who holds the state makes one. Throws std::system_error.
  using Run = std::function<void(base::FileDescriptor caller, std::vector<std::string> words)>;
  CommandDoor(asio::any_io_executor executor, std::filesystem::path path, Run run);
  ~CommandDoor();
  CommandDoor(const CommandDoor&) = delete;
  CommandDoor& operator=(const CommandDoor&) = delete;

 private:
  std::filesystem::path path_;
  std::shared_ptr<Run> run_;
  std::unique_ptr<transport::Acceptor> acceptor_;
};

}  // namespace mirror

// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/engine/command_door.h"

#include <unistd.h>

#include <utility>

#include "sync/engine/command_link.h"

namespace mirror {

std::filesystem::path command_door_path(const Config& config) { return config.journal_file().string() + ".socket"; }

CommandDoor::CommandDoor(asio::any_io_executor executor, std::filesystem::path path, Run run)
    : path_(std::move(path)), run_(std::make_shared<Run>(std::move(run))) {
  const std::weak_ptr<Run> weak = run_;
  const auto take = [weak](base::FileDescriptor caller, store::Request request) {
    const auto run = weak.lock();
    if (run && is_for_command(request) && take_request(caller.get(), request))
      (*run)(std::move(caller), std::move(request.words));
  };
  acceptor_ = std::make_unique<transport::Acceptor>(
      executor, transport::listen_unix(path_),
      [executor, take](base::FileDescriptor caller) { await_request(executor, std::move(caller), take); });
}

CommandDoor::~CommandDoor() {
  acceptor_ = nullptr;
  ::unlink(path_.c_str());
}

}  // namespace mirror

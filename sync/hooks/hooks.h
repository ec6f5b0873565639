// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Hooks: the commands of an account that are told what its passes have brought (options on-new, on-change, on-problem,
// notify). Of each at most one runs at once; what comes meanwhile is gathered, and told in one call afterwards. None
// holds up a pass: one that hangs, fails or says too much is ended or logged, and that is all.
#pragma once

#include <asio/awaitable.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "proto/base/log.h"
#include "sync/config/config.h"
#include "sync/hooks/hook_news.h"

namespace mirror {

class Hooks : public std::enable_shared_from_this<Hooks> {
 public:
  // spawn: runs a coroutine beside everything else. It holds these hooks.
  using Spawn = std::function<void(asio::awaitable<void>)>;
  Hooks(Spawn spawn, base::Log log) : spawn_(std::move(spawn)), log_(std::move(log)) {}

  // What a pass of this account has brought. Commands are those of this configuration from now on.
  void tell(const Config& config, const PassResult& result, const ProblemNews& problems);
  bool is_busy() const { return running_ > 0; }
  std::function<void()> on_quiet;  // none runs any more

 private:
  template <class News>
  struct Slot {
    std::optional<News> waiting;
    bool running = false;
  };
  template <class News>
  void put(Slot<News>& slot, const News& news, asio::awaitable<void> (Hooks::*run)());
  asio::awaitable<void> run_new();
  asio::awaitable<void> run_change();
  asio::awaitable<void> run_problem();
  asio::awaitable<void> run_desktop();
  asio::awaitable<void> run(const char* hook, std::string command, std::string input);
  void ended();

  Spawn spawn_;
  base::Log log_;
  HookCommands commands_;
  HookAccount account_;
  Slot<NewMail> new_;
  Slot<Change> change_;
  Slot<ProblemNews> problem_;
  struct DesktopNews {
    NewMail mail;
    ProblemNews problems;
    void add(const DesktopNews& later);
  };
  Slot<DesktopNews> desktop_;
  int running_ = 0;
};

}  // namespace mirror

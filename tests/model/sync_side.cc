// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/model/sync_side.h"

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>

namespace tests {

transport::WorkerPool& model_workers() {
  static transport::WorkerPool pool(2);
  return pool;
}

bool run_pass(mirror::PassContext& context, ModelSide& local_side, ModelSide& remote_side, const mirror::Scope& scope) {
  const auto local = local_side.connect(), remote = remote_side.connect();
  asio::io_context io;
  bool good = false;
  std::exception_ptr fault;
  asio::co_spawn(io, mirror::run_pass(context, *local, *remote, scope), [&](std::exception_ptr error, bool done) {
    fault = error;
    good = done;
  });
  io.run();
  if (fault) std::rethrow_exception(fault);
  return good;
}

}  // namespace tests

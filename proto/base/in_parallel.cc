// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/base/in_parallel.h"

#include <algorithm>
#include <exception>
#include <thread>
#include <vector>

namespace base {

namespace {
constexpr std::size_t kMostThreads = 4;
}  // namespace

std::size_t threads_for(std::size_t count, std::size_t worth_a_thread) {
  const std::size_t processors = std::thread::hardware_concurrency();
  return std::clamp<std::size_t>(std::min(processors, count / worth_a_thread), 1, kMostThreads);
}

void in_parallel(std::size_t count, std::size_t threads,
                 const std::function<void(std::size_t part, std::size_t begin, std::size_t end)>& work) {
  const auto share = (count + threads - 1) / threads;
  std::vector<std::exception_ptr> faults(threads);
  const auto run = [&](std::size_t part) {
    const auto begin = std::min(part * share, count);
    try {
      work(part, begin, std::min(begin + share, count));
    } catch (...) {
      faults[part] = std::current_exception();
    }
  };
  {
    std::vector<std::jthread> others;
    for (std::size_t part = 1; part < threads; ++part) others.emplace_back(run, part);
    run(0);
  }
  for (const auto& fault : faults)
    if (fault) std::rethrow_exception(fault);
}

}  // namespace base

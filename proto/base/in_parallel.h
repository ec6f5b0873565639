// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Work on many things that is shared out among a few threads, which end with it.
#pragma once

#include <cstddef>
#include <functional>

namespace base {

// How many threads in_parallel uses: one for each `worth_a_thread` things, no more than there are processors, or four.
std::size_t threads_for(std::size_t count, std::size_t worth_a_thread);

// Calls work(part, begin, end) for parts 0 … threads - 1 of [0, count), which follow each other, each on a thread of
// its own; the first on the caller's. Throws what the first of those that failed has thrown, once all have ended.
void in_parallel(std::size_t count, std::size_t threads,
                 const std::function<void(std::size_t part, std::size_t begin, std::size_t end)>& work);

}  // namespace base

// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// The allocator of a process that lives for days: few arenas, large blocks of their own, and what is free given back.
#pragma once

namespace base {

// Once, before there are threads. With glibc's defaults each thread that ever worked keeps an arena of its own, with
// the largest that it held: half of what an owner took.
void bound_allocator();

// Gives back what was freed and lies among what is in use, where it is worth it. Takes milliseconds: on a worker.
void give_back_free_memory();

}  // namespace base

//===- Interrupt.h - Ctrl-C ends a search, not the program -- -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_TOOLS_LOOPTREE_INTERRUPT_H
#define LOOPTREE_TOOLS_LOOPTREE_INTERRUPT_H

#include <atomic>
#include <csignal>

namespace looptree::driver {

/// While there is one, Ctrl-C sets stop(), which then stays so.
class Interruptible {
public:
  Interruptible() {
    static_assert(std::atomic<bool>::is_always_lock_free);
    std::signal(SIGINT, [](int) { interrupted = true; });
  }
  ~Interruptible() { std::signal(SIGINT, SIG_DFL); }
  Interruptible(const Interruptible &) = delete;
  Interruptible &operator=(const Interruptible &) = delete;

  const std::atomic<bool> *stop() const { return &interrupted; }

private:
  static inline std::atomic<bool> interrupted = false;
};

} // namespace looptree::driver

#endif // LOOPTREE_TOOLS_LOOPTREE_INTERRUPT_H

//===- SearchClock.h - When a search must stop -------------- -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_LIB_EXPLORER_SEARCHCLOCK_H
#define LOOPTREE_LIB_EXPLORER_SEARCHCLOCK_H

#include "looptree/Explorer/Front.h"
#include "looptree/Explorer/Network.h"

#include <chrono>

namespace looptree {

/// Holds a search against its limits and tells of its progress. For one thread.
class SearchClock {
public:
  explicit SearchClock(const SearchLimits &limits)
      : limits(limits), begin(Clock::now()), lastTold(begin) {}

  /// Asked before every evaluation. Once true, always true.
  bool mustStop(const Front &soFar);

private:
  using Clock = std::chrono::steady_clock;
  const SearchLimits &limits;
  const Clock::time_point begin;
  Clock::time_point lastTold;
  unsigned asked = 0;
  bool stopped = false;
};

/// The same for the search of a plan. Asked between the searches of sets.
class PlanClock {
public:
  explicit PlanClock(const NetworkSearch &search)
      : search(search), begin(Clock::now()) {}

  /// Once true, always true.
  bool mustStop(int64_t evaluations);
  bool hasStopped() const { return stopped; }
  void tell(const std::string &text) const {
    if (search.progress)
      search.progress(text);
  }

private:
  using Clock = std::chrono::steady_clock;
  const NetworkSearch &search;
  const Clock::time_point begin;
  bool stopped = false;
};

} // namespace looptree

#endif // LOOPTREE_LIB_EXPLORER_SEARCHCLOCK_H

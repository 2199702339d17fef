//===- SearchClock.cpp - When a search must stop --------------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SearchClock.h"

#include <sys/resource.h>

using namespace looptree;

/// The most that this process ever held.
static int64_t peakBytes() {
  rusage usage;
  return getrusage(RUSAGE_SELF, &usage) == 0 ? int64_t(usage.ru_maxrss) * 1024
                                             : 0;
}

bool SearchClock::mustStop(const Front &soFar) {
  if (stopped)
    return true;
  // Few evaluations take less than a microsecond, and some take a second.
  constexpr unsigned kSeldom = 64;
  bool isSeldom = asked++ % kSeldom == 0;
  stopped =
      (limits.stop && *limits.stop) ||
      (limits.evaluations && soFar.evaluations >= *limits.evaluations) ||
      (isSeldom && limits.memoryBytes && peakBytes() > *limits.memoryBytes);
  if (!limits.seconds && (!isSeldom || !limits.progress))
    return stopped;
  auto now = Clock::now();
  stopped |=
      limits.seconds &&
      std::chrono::duration<double>(now - begin).count() > *limits.seconds;
  if (limits.progress && now - lastTold > std::chrono::milliseconds(200)) {
    lastTold = now;
    limits.progress(soFar);
  }
  return stopped;
}

bool PlanClock::mustStop(int64_t evaluations) {
  stopped = stopped || (search.stop && *search.stop) ||
            (search.evaluations && evaluations >= *search.evaluations) ||
            (search.memoryBytes && peakBytes() > *search.memoryBytes) ||
            (search.seconds &&
             std::chrono::duration<double>(Clock::now() - begin).count() >
                 *search.seconds);
  return stopped;
}

//===- Arena.h - Buffers in one memory per level -*- C++ -* ---------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// Where the buffers of a schedule may lie when each level is one memory: those
// of branches that take turns lie over each other. The memory is as large as
// the model's capacity (docs/CostModel.md, section 4), unless buffers of
// several sizes that live in overlapping stretches of branches leave gaps. Of
// up to eight that take turns, no layout leaves less.
//
// Worked example: of `retain W { sequential { retain I { ... }, retain O {
// ... } } }` with sizes 10, 4 and 6, I and O are both at 0, W is at 6, and the
// memory takes 16.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_ANALYSIS_ARENA_H
#define LOOPTREE_ANALYSIS_ARENA_H

#include "looptree/Analysis/Schedule.h"

namespace looptree {

struct ArenaLayout {
  std::vector<int64_t> offset; ///< Per buffer; 0 for whole tensors.
  std::vector<int64_t> size;   ///< Per level.
  /// Per level: what is in use at the same time, at most; size without gaps.
  std::vector<int64_t> need;
};

/// `sizes`: of each buffer of the schedule, in the unit of the result.
ArenaLayout layOut(const Plan &plan, const Schedule &schedule,
                   std::span<const int64_t> sizes);

} // namespace looptree

#endif // LOOPTREE_ANALYSIS_ARENA_H

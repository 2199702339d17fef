//===- Minimum.h - The least that any mapping moves -*- C++ -* ------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The algorithmic minimum (docs/CostModel.md, section 5) depends on the
// workload alone: each input element that the untiled inference reaches, once,
// plus each output element, once.
//
// Worked example: of `B[16] <- A[18] <- I[20]` with two filters of 3 elements
// it is 20 + 3 + 3 + 16 = 42 elements.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_ANALYSIS_MINIMUM_H
#define LOOPTREE_ANALYSIS_MINIMUM_H

#include "looptree/Cost/CostReport.h"
#include "looptree/Workload/Network.h"

namespace looptree {

/// The sum over the network's stretches: what crosses a cut is written by one
/// and read by the other. Fails when it exceeds 64 bit.
Result<ElementsAndBits> algorithmicMinimum(const Network &network);

/// What every mapping of a workload does.
struct LeastWork {
  ElementsAndBits offChip;  ///< The algorithmic minimum.
  std::vector<int64_t> ops; ///< Per einsum: those that are needed, once each.
};
Result<LeastWork> leastWork(const Workload &workload);

} // namespace looptree

#endif // LOOPTREE_ANALYSIS_MINIMUM_H

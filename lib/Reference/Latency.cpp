//===- Latency.cpp - Cycles of branches ----------------------- -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Latency.h"

namespace looptree::reference {

std::optional<int64_t> BranchClock::cycles(const Tree &tree,
                                           const Workload &workload,
                                           const Arch &arch,
                                           NodeId branch) const {
  const Node &end = *tree.nodes[tree.nodes[branch].end].node;
  const auto *compute = std::get_if<ComputeNode>(&end.kind);
  if (!compute)
    return below;
  const auto &rate =
      arch.compute.of(workload.einsums[compute->einsum].kind).opsPerCycle;
  return rate ? ceilDivide(steps, *rate) : 0;
}

} // namespace looptree::reference

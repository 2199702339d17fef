//===- Simulate.h - The abstract machine, run literally -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The naive answer to every number: docs/CostModel.md, section 3, executed op
// by op and element by element. Slow on purpose; shares nothing with the
// closed-form analysis but the three values and the report.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_REFERENCE_SIMULATE_H
#define LOOPTREE_REFERENCE_SIMULATE_H

#include "looptree/Cost/CostReport.h"
#include "looptree/Cost/NodeCost.h"
#include "looptree/Mapping/Mapping.h"

namespace looptree {

struct SimulationOptions {
  Convention convention = Convention::Exact;
  /// Ops that one walk may visit, and elements that a tensor may have: time and
  /// memory grow with both.
  int64_t maxOps = 100'000'000;
  /// Gets the costs of the nodes, in preorder, where not null.
  std::vector<NodeCost> *nodes = nullptr;
};

/// Same contract as evaluate() of looptree/Analysis/Evaluate.h. Fails also when
/// a limit of the options is exceeded.
Result<CostReport> simulate(const Workload &workload, const Arch &arch,
                            const Mapping &mapping,
                            const SimulationOptions &options = {});

} // namespace looptree

#endif // LOOPTREE_REFERENCE_SIMULATE_H

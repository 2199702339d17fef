//===- RandomCandidate.h - Seeded random candidates ----------- -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Legal candidates for tests that compare implementations: chains and DAGs of
// one to four einsums with strides, dilation, padding, broadcast, init reads,
// reductions in any declared position, writes with offsets and coefficients;
// one to three levels; trees with loops and retains anywhere a legal tree may
// have them; pipelines and spatial loops where asked for. The same seed and
// options give the same candidate on every machine.
//
//     Candidate candidate = randomCandidate(/*seed=*/7);
//
// Nearly all candidates are complete: tensors are read only where something
// writes them, and backings stand where a legal tree needs them. The rest has
// no number for reasons that only a run finds.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_UNITTESTS_RANDOMCANDIDATE_H
#define LOOPTREE_UNITTESTS_RANDOMCANDIDATE_H

#include "looptree/Candidate/Candidate.h"
#include "looptree/Cost/NodeCost.h"

#include <cstdint>
#include <functional>

namespace looptree::test {

struct RandomOptions {
  unsigned maxEinsums = 4;
  unsigned maxLevels = 3;
  /// Ops of the workload run once; a mapping that recomputes runs more.
  int64_t maxOps = 800;
  bool partialBits = true;
  bool pipelines = false; ///< Splits of either kind.
  bool spatial = false;   ///< Fan-outs and loops over them.
  bool arrays = false;    ///< Fan-outs below all levels, looped over by leaves.
  /// LoopTreeV1 makes chains of einsums under at most one split.
  Convention convention = Convention::Exact;
};

Candidate randomCandidate(uint64_t seed, const RandomOptions &options = {});

/// Layers of a network (convolutions with padding, stride and dilation,
/// depthwise ones, residuals, biases) under one trunk of loops, with retains
/// anywhere: candidates with enough tiles to have equal ones.
Candidate randomTrunk(uint64_t seed, const RandomOptions &options = {});

/// How the ways to evaluate a candidate differ (Scratch::Way), at its own steps
/// and a few others, or "". Counts the evaluations and those that took boxes.
struct WayCounts {
  uint64_t evaluations = 0, boxes = 0;
};
std::string differenceOfWays(const Candidate &candidate, WayCounts &counts);

/// The smallest candidate found that `fails` still holds for: drops nodes,
/// einsums and accesses, lowers extents, steps and constants, as long as that
/// helps. `fails` is called with legal candidates only, many times.
Candidate shrink(Candidate candidate,
                 const std::function<bool(const Candidate &)> &fails);

/// The first field in which two reports differ, with both values, or "".
/// Energies and utilisation may differ by rounding.
std::string firstDifference(const CostReport &a, const CostReport &b);
/// The same of the costs of nodes.
std::string firstDifference(const std::vector<NodeCost> &a,
                            const std::vector<NodeCost> &b);

} // namespace looptree::test

#endif // LOOPTREE_UNITTESTS_RANDOMCANDIDATE_H

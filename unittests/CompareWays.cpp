//===- CompareWays.cpp - The ways to evaluate, compared ------- -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Random.h"
#include "RandomCandidate.h"

#include "looptree/Analysis/Evaluate.h"

using namespace looptree;

/// The extents of the loops' ranks, preorder.
static void loopExtents(const Node &node, const Workload &w,
                        std::vector<int64_t> &extents) {
  auto add = [&](EinsumId e, RankId r) {
    extents.push_back(w.einsums[e].ranks[r].extent);
  };
  if (const auto *loop = std::get_if<For>(&node.kind))
    add(loop->einsum, loop->rank);
  else if (const auto *spatial = std::get_if<SpatialFor>(&node.kind))
    add(spatial->einsum, spatial->rank);
  for (const Node &child : node.children)
    loopExtents(child, w, extents);
}

std::string test::differenceOfWays(const Candidate &c, WayCounts &counts) {
  auto plan = compile(c.workload, c.arch, c.mapping);
  if (!plan)
    return "";
  std::vector<int64_t> extents,
      steps(plan->steps().begin(), plan->steps().end());
  loopExtents(c.mapping.root, c.workload, extents);
  Random random(extents.size());
  Scratch scratch;
  CostReport report; // Used again, as in a search.
  for (int i = 0; i < 4; ++i) {
    auto error = evaluateInto(*plan, steps, scratch, report);
    ++counts.evaluations;
    if (scratch.way == Scratch::Way::Boxes) {
      ++counts.boxes;
      auto every = evaluateEveryTile(*plan, steps);
      if (!every)
        return "only boxes have a number: " + every.error().message;
      std::string how = firstDifference(*every, report);
      if (!how.empty()) {
        how += " at steps";
        for (int64_t step : steps)
          how += " " + std::to_string(step);
        return how;
      }
    }
    // What stays the same from one vector to the next is not found anew.
    for (size_t l = 0; l < steps.size(); ++l)
      if (random.chance(0.7))
        steps[l] = random.chance(0.4)
                       ? random.in(1, std::min<int64_t>(extents[l], 3))
                       : random.in(1, extents[l]);
  }
  return "";
}

//===- AlikeTiles.cpp - Tiles side by side that do the same ---------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AlikeTiles.h"

#include <algorithm>

using namespace looptree;

template <typename Fn> static void forEachAccess(const Einsum &einsum, Fn fn) {
  for (const Access &read : einsum.reads)
    fn(read);
  fn(einsum.write);
}

AlikeTiles::AlikeTiles(const Plan::Impl &plan)
    : plan(plan), isCovered(plan.nodes.size(), false), cuts(plan.nodes.size()) {
  if (plan.isV1())
    return;
  for (const EinsumPlan &info : plan.einsums) {
    // Every instance is below these loops alone, and has no buffers of its own.
    std::vector<NodeId> loops;
    for (NodeId n = plan.nodes[info.leaf].parent;
         n != kNone && plan.nodes[n].kind == PlanNode::Kind::SpatialFor;
         n = plan.nodes[n].parent)
      loops.push_back(n);
    if (loops.empty() || plan.nodes[loops.back()].spatialAbove > 0)
      continue;
    EinsumId e = plan.nodes[info.leaf].einsum;
    for (NodeId n : loops) {
      const PlanNode &loop = plan.nodes[n];
      const Level &level =
          plan.arch.levels[plan.arch.fanouts[loop.fanout].below];
      bool covered = level.multicast && level.reduce;
      // Ops that make an element are counted one by one.
      const auto &sums = info.reductionRanks;
      if (plan.tensors[plan.workload.einsums[e].write.tensor].tracksPartial)
        covered &= std::find(sums.begin(), sums.end(), loop.rank) == sums.end();
      // Other loops move nothing that this one moves.
      for (NodeId other : loops)
        covered &= other == n || plan.nodes[other].rank != loop.rank;
      forEachAccess(plan.workload.einsums[e], [&](const Access &access) {
        for (const LinearExpr &expr : access.index) {
          bool moves = false, others = false;
          for (const auto &term : expr.terms) {
            moves |= term.rank == loop.rank;
            for (NodeId other : loops)
              others |= other != n && plan.nodes[other].rank == term.rank;
          }
          covered &= !(moves && others);
        }
      });
      isCovered[n] = covered;
    }
  }
}

void AlikeTiles::setApart(EinsumId e) {
  for (NodeId n = plan.nodes[plan.einsums[e].leaf].parent;
       n != kNone && plan.nodes[n].kind == PlanNode::Kind::SpatialFor;
       n = plan.nodes[n].parent)
    isCovered[n] = false;
}

void AlikeTiles::add(NodeId loop, int64_t index, int64_t tiles) {
  if (index > 0 && index <= tiles)
    hasNewCuts |= cuts[loop].insert(index).second;
}

int64_t AlikeTiles::endOf(NodeId loop, int64_t index) const {
  auto next = cuts[loop].upper_bound(index);
  return next == cuts[loop].end() ? index + 1 : *next;
}

void AlikeTiles::cut(NodeId id, const BoxSet &ops,
                     const std::pair<int64_t, int64_t> &range, int64_t step) {
  const PlanNode &loop = plan.nodes[id];
  const Einsum &einsum = plan.workload.einsums[loop.einsum];
  auto [lo, hi] = range;
  step = std::min(step, hi - lo);
  int64_t tiles = (hi - lo + step - 1) / step;
  auto addTile = [&](int64_t index) {
    add(id, index, tiles);
    add(id, index + 1, tiles);
  };
  add(id, tiles, tiles);
  if ((hi - lo) % step != 0)
    addTile(tiles - 1);

  for (unsigned i = 0; i < ops.boxes(); ++i) {
    const Run &run = ops.box(i)[loop.rank];
    if (run.n > 1 && step % run.stride != 0) {
      for (int64_t index = 0; index < tiles; ++index)
        add(id, index, tiles);
      return;
    }
    // The tiles that the run fills as it fills those in the middle.
    int64_t first = (run.lo - lo) / step, last = (run.last() - lo) / step;
    int64_t before = run.lo - (lo + first * step);
    int64_t after = lo + (last + 1) * step - 1 - run.last();
    if (first == last || before >= run.stride)
      addTile(first);
    if (first == last || after >= run.stride)
      addTile(last);
    add(id, first, tiles);
    add(id, last + 1, tiles);
  }

  // Where an access leaves its tensor.
  auto bounds = ops.bounds();
  forEachAccess(einsum, [&](const Access &access) {
    const auto &shape = plan.workload.tensors[access.tensor].shape;
    for (size_t d = 0; d < shape.size(); ++d) {
      int64_t least = access.index[d].constant, most = least, c = 0;
      for (const auto &term : access.index[d].terms) {
        if (term.rank == loop.rank) {
          c = term.coefficient;
          continue;
        }
        least += term.coefficient * bounds[term.rank].first;
        most += term.coefficient * (bounds[term.rank].second - 1);
      }
      if (c == 0)
        continue;
      for (int64_t i = 0; i < tiles && least + c * (lo + i * step) < 0; ++i)
        addTile(i);
      for (int64_t i = tiles;
           i-- > 0 &&
           most + c * (std::min(lo + (i + 1) * step, hi) - 1) >= shape[d];)
        addTile(i);
    }
    // Only the ops that begin an element take an init.
    const auto &sums = plan.einsums[loop.einsum].reductionRanks;
    if (access.isInit &&
        std::find(sums.begin(), sums.end(), loop.rank) != sums.end() &&
        lo <= 0 && hi > 0)
      addTile(-lo / step);
  });
}

//===- BranchFronts.cpp - What branches may do below one trunk ------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "BranchFronts.h"

#include <algorithm>

using namespace looptree;

RankLengths looptree::longestVisits(const Workload &set,
                                    std::span<const For> trunk) {
  RankLengths lengths = fullLengths(set);
  for (const For &loop : trunk)
    lengths[loop.einsum][loop.rank] =
        std::min(lengths[loop.einsum][loop.rank], loop.step);
  for (EinsumId e = EinsumId(set.einsums.size()); e-- > 0 && !trunk.empty();)
    if (auto reader = onlyReaderOf(set, e))
      narrowToReader(set, e, *reader, lengths);
  return lengths;
}

static const BranchSpace &rulesOf(const TrunkSpace &space, EinsumId e) {
  static const BranchSpace anything;
  auto given = space.branches.find(e);
  return given == space.branches.end() ? anything : given->second;
}

int64_t looptree::countNests(const Workload &set, const TrunkSpace &space,
                             int64_t most) {
  int64_t count = 0;
  for (EinsumId e = 0; e < set.einsums.size() && set.einsums.size() > 1; ++e) {
    const BranchSpace &rules = rulesOf(space, e);
    std::vector<int64_t> steps;
    for (RankId r = 0; r < set.einsums[e].ranks.size(); ++r)
      if (rules.mayLoop(r))
        if (auto ways = rules.stepsOf(r, set.einsums[e].ranks[r].extent).size())
          steps.push_back(int64_t(ways));
    if (steps.size() > 31)
      return most + 1;
    // Ways to go on with the ranks left, one loop further in each time.
    auto extend = [&](auto &self, unsigned used, unsigned loops,
                      int64_t ways) -> void {
      count += ways;
      if (rules.maxLoops && loops >= *rules.maxLoops)
        return;
      for (size_t i = 0; i < steps.size() && count <= most; ++i)
        if (!(used >> i & 1))
          self(self, used | 1u << i, loops + 1,
               std::min(ways * std::min(steps[i], most), most + 1));
    };
    extend(extend, 0, 0, 1);
  }
  return count;
}

BranchFronts::BranchFronts(const Workload &set, const Arch &arch,
                           const TrunkSpace &space,
                           std::vector<std::vector<TensorId>> local,
                           Measure measure, Steps steps)
    : set(set), arch(arch), space(space), local(std::move(local)),
      measure(std::move(measure)), steps(std::move(steps)),
      tried(set.einsums.size()), measured(set.einsums.size(), 0) {
  for (std::vector<Tried> &nests : tried)
    nests.emplace_back();
}

/// All nests that go on inside of one. A loop whose step no visit exceeds is
/// none.
void BranchFronts::addNests(EinsumId e, int outer) {
  // Without a split the loops are the trunk's.
  if (set.einsums.size() == 1)
    return;
  const BranchSpace &rules = rulesOf(space, e);
  std::vector<For> loops = tried[e][size_t(outer)].nest.loops;
  if (rules.maxLoops && loops.size() >= *rules.maxLoops)
    return;
  const Einsum &einsum = set.einsums[e];
  for (RankId r = 0; r < einsum.ranks.size(); ++r) {
    if (!rules.mayLoop(r) ||
        std::any_of(loops.begin(), loops.end(),
                    [&](const For &loop) { return loop.rank == r; }))
      continue;
    for (int64_t step : steps(e, r)) {
      int index = int(tried[e].size());
      tried[e].push_back({outer, {loops, {}}, {}, {}});
      tried[e].back().nest.loops.push_back({e, r, step});
      addNests(e, index);
    }
  }
}

bool BranchFronts::measureUpTo(EinsumId e, size_t count) {
  for (; measured[e] < count; ++measured[e]) {
    Tried &now = tried[e][measured[e]];
    for (bool isRetained : {true, false}) {
      auto costs = measure(e, now.nest.loops, isRetained);
      if (!costs)
        return false;
      (isRetained ? now.retained : now.streamed) = std::move(*costs);
    }
  }
  return true;
}

std::optional<std::vector<std::vector<int64_t>>> BranchFronts::least() {
  std::vector<std::vector<int64_t>> result(local.size());
  for (EinsumId e = 0; e < local.size(); ++e) {
    if (local[e].empty())
      continue;
    if (!measureUpTo(e, 1))
      return std::nullopt;
    // Above every loop of the branch each element of a visit comes once.
    for (const TensorCost &cost : tried[e][0].retained)
      result[e].push_back(cost.offChip);
  }
  return result;
}

void BranchFronts::addChoices(EinsumId e, unsigned mask, const Tried &now,
                              size_t index, BranchNest &nest,
                              std::vector<int64_t> &values,
                              ParetoSet<BranchNest> &front) const {
  if (index == local[e].size()) {
    if (!front.covers(values))
      front.insert(values, nest);
    return;
  }
  if (!(mask >> index & 1)) {
    addChoices(e, mask, now, index + 1, nest, values, front);
    return;
  }
  TensorId t = local[e][index];
  auto with = [&](const TensorCost &cost, LevelId level) {
    int64_t bits = cost.bits;
    if (level > 0) {
      bits *= arch.levels[level].doubleBuffered ? 2 : 1;
      values[level - 1] += bits;
    }
    values.back() += cost.offChip;
    addChoices(e, mask, now, index + 1, nest, values, front);
    values.back() -= cost.offChip;
    if (level > 0)
      values[level - 1] -= bits;
  };
  with(now.streamed[index], 0);
  for (const Tried *at = &now;; at = &tried[e][size_t(at->outer)]) {
    for (LevelId level = 1; level < arch.levels.size(); ++level) {
      if (!arch.levels[level].canHold(set.tensors[t]) ||
          set.einsums.size() == 1 || !space.mayRetainInBranches(t))
        continue;
      nest.kept.push_back({t, level, unsigned(at->nest.loops.size())});
      with(at->retained[index], level);
      nest.kept.pop_back();
    }
    if (at->outer < 0)
      break;
  }
}

const ParetoSet<BranchNest> *BranchFronts::of(EinsumId e, unsigned mask) {
  auto [entry, isNew] = fronts.try_emplace({e, mask});
  if (!isNew)
    return &entry->second;
  if (tried[e].size() == 1)
    addNests(e, 0);
  if (!measureUpTo(e, tried[e].size())) {
    fronts.erase(entry);
    return nullptr;
  }
  for (const Tried &now : tried[e]) {
    BranchNest nest = now.nest;
    std::vector<int64_t> values(arch.levels.size(), 0);
    addChoices(e, mask, now, 0, nest, values, entry->second);
  }
  return &entry->second;
}

//===- LeafFronts.cpp - What single einsums may do below a tree -----------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LeafFronts.h"

#include <algorithm>

using namespace looptree;

LeafFronts::LeafFronts(const Workload &set, const Arch &arch,
                       const TrunkSpace &space, const TierGoals &columns,
                       const SplitTree &tree, std::span<const Kept> backings,
                       Measure measure, Thin thin)
    : set(set), arch(arch), space(space), columns(columns), tree(tree),
      backings(backings), measure(std::move(measure)), thin(std::move(thin)),
      used(set.einsums.size()), lengths(longestEntries(set, tree)),
      tried(set.einsums.size()), isComplete(set.einsums.size()) {
  for (EinsumId e = 0; e < set.einsums.size(); ++e) {
    const Einsum &einsum = set.einsums[e];
    for (TensorId t = 0; t < set.tensors.size(); ++t)
      if (einsum.write.tensor == t ||
          std::any_of(einsum.reads.begin(), einsum.reads.end(),
                      [&](const Access &read) { return read.tensor == t; }))
        used[e].push_back(t);
  }
}

unsigned LeafFronts::leafOf(EinsumId e) const {
  for (unsigned c = 0; c < tree.size(); ++c)
    if (tree[c].branches.empty() && tree[c].holds(e))
      return c;
  return 0;
}

/// The levels that may hold a tensor above a leaf.
std::vector<LevelId> LeafFronts::levelsAbove(TensorId t) const {
  std::vector<LevelId> levels;
  LevelId first = 0;
  for (const Kept &k : backings)
    if (k.tensor == t)
      first = k.level;
  levels.push_back(first);
  for (LevelId l = first + 1; l < arch.levels.size(); ++l)
    if (arch.levels[l].canHold(set.tensors[t]))
      levels.push_back(l);
  return levels;
}

/// Every way to retain a tensor in a leaf, inside of what holds it above.
void LeafFronts::addPlaces(unsigned chain, size_t loops, TensorId t,
                           LevelId above, size_t depth, std::vector<Kept> &kept,
                           std::vector<Choice> &choices) const {
  choices.push_back({kept, {}, {}});
  // Alone the trunk's loops are the leaf's; their retains are not chosen here.
  if (chain == 0 || (above == 0 && !space.mayRetainInBranches(t)) ||
      (above > 0 && !columns.needsLevels()))
    return;
  for (LevelId l = above + 1; l < arch.levels.size(); ++l)
    for (size_t d = depth; arch.levels[l].canHold(set.tensors[t]) && d <= loops;
         ++d) {
      kept.push_back({t, chain, unsigned(d), l, false});
      addPlaces(chain, loops, t, l, d, kept, choices);
      kept.pop_back();
    }
}

bool LeafFronts::measureNest(EinsumId e, std::vector<For> loops) {
  unsigned leaf = leafOf(e);
  SplitTree with = tree;
  with[leaf].loops.insert(with[leaf].loops.end(), loops.begin(), loops.end());
  Tried now{std::move(loops), {}};
  struct Trial {
    LevelId above;
    size_t choice;
  };
  std::vector<std::vector<Trial>> trials;
  size_t most = 0;
  for (TensorId t : used[e]) {
    auto &byLevel = now.choices.emplace_back(arch.levels.size());
    auto &list = trials.emplace_back();
    for (LevelId above : levelsAbove(t)) {
      std::vector<Kept> kept;
      addPlaces(leaf, now.loops.size(), t, above, 0, kept, byLevel[above]);
      for (size_t i = 0; i < byLevel[above].size(); ++i)
        list.push_back({above, i});
      if (!columns.needsLevels())
        break; // Held above, a tensor is of no concern to the leaf.
    }
    most = std::max(most, list.size());
  }
  for (size_t n = 0; n < most; ++n) {
    std::vector<Kept> kept(backings.begin(), backings.end());
    auto backingOf = [&](TensorId t) -> const Kept * {
      for (const Kept &k : backings)
        if (k.tensor == t)
          return &k;
      return nullptr;
    };
    for (size_t i = 0; i < trials.size(); ++i) {
      if (n >= trials[i].size())
        continue;
      TensorId t = used[e][i];
      const Trial &trial = trials[i][n];
      const Kept *backing = backingOf(t);
      if (trial.above > (backing ? backing->level : 0))
        kept.push_back(backing ? Kept{t, backing->chain, backing->depth,
                                      trial.above, false}
                               : Kept{t, 0, 0, trial.above, false});
      for (const Kept &k : now.choices[i][trial.above][trial.choice].kept)
        kept.push_back(k);
    }
    auto report = measure(with, kept);
    if (!report)
      return false;
    for (size_t i = 0; i < trials.size(); ++i) {
      if (n >= trials[i].size())
        continue;
      const Trial &trial = trials[i][n];
      Choice &choice = now.choices[i][trial.above][trial.choice];
      choice.columns = columns.columnsOf(*report, used[e][i]);
      for (const Kept &k : choice.kept)
        for (const BufferRow &row : report->buffers)
          if (row.tensor == k.tensor && row.level == k.level) {
            choice.bits.push_back(
                row.bits * (arch.levels[k.level].doubleBuffered ? 2 : 1));
            break;
          }
    }
  }
  tried[e].push_back(std::move(now));
  return true;
}

std::optional<std::vector<int64_t>> LeafFronts::least(EinsumId e, TensorId t) {
  auto [known, isNew] = leastOf.try_emplace({e, t});
  if (!isNew)
    return known->second;
  auto fail = [&] {
    leastOf.erase(known);
    return std::nullopt;
  };
  std::vector<Kept> kept(backings.begin(), backings.end());
  auto streamed = measure(tree, kept);
  if (!streamed)
    return fail();
  std::vector<int64_t> result = columns.columnsOf(*streamed, t, e);
  std::vector<int64_t> best(result.size(), 0);
  // Above every loop of the branch each element of an entry moves once, also
  // where rules keep the tensor off the chip and loops alone may help.
  for (LevelId l = 1; l < arch.levels.size(); ++l)
    if (arch.levels[l].canHold(set.tensors[t])) {
      kept.push_back({t, leafOf(e), 0, l, false});
      auto retained = measure(tree, kept);
      if (!retained)
        return fail();
      best = columns.columnsOf(*retained, t, e);
      break;
    }
  for (size_t c = 0; c < result.size(); ++c)
    result[c] = std::min<int64_t>(0, best[c] - result[c]);
  return known->second = std::move(result);
}

/// All nests that go on inside of one. A loop whose step no entry exceeds is
/// none.
bool LeafFronts::addNests(EinsumId e, std::vector<For> &loops) {
  unsigned leaf = leafOf(e);
  if (leaf == 0)
    return true;
  static const BranchSpace anything;
  auto given = space.branches.find(e);
  const BranchSpace &rules =
      given == space.branches.end() ? anything : given->second;
  if (rules.maxLoops && loops.size() >= *rules.maxLoops)
    return true;
  for (RankId r = 0; r < set.einsums[e].ranks.size(); ++r) {
    if (!rules.mayLoop(r) ||
        std::any_of(loops.begin(), loops.end(),
                    [&](const For &loop) { return loop.rank == r; }))
      continue;
    for (int64_t step : thin(rules.stepsOf(r, lengths[leaf][e][r]))) {
      if (tried[e].size() >= kMostNests) {
        leftOut = true;
        return true;
      }
      loops.push_back({e, r, step});
      bool good = measureNest(e, loops) && addNests(e, loops);
      loops.pop_back();
      if (!good)
        return false;
    }
  }
  return true;
}

void LeafFronts::combine(EinsumId e, const Tried &nest,
                         const std::vector<LevelId> &above, size_t index,
                         LeafNest &now, std::vector<int64_t> &values,
                         ParetoSet<LeafNest> &front) const {
  if (index == used[e].size()) {
    front.insert(values, now);
    return;
  }
  // Held above, where that is all that matters.
  const auto &choices = nest.choices[index][above[index]];
  if (choices.empty()) {
    combine(e, nest, above, index + 1, now, values, front);
    return;
  }
  const Choice &base = tried[e][0].choices[index][above[index]][0];
  size_t levels = arch.levels.size() - 1;
  for (const Choice &choice : choices) {
    std::vector<int64_t> before = values;
    size_t keptBefore = now.kept.size();
    for (size_t k = 0; k < choice.kept.size(); ++k) {
      if (columns.countsSpace(choice.kept[k].level))
        values[choice.kept[k].level - 1] += choice.bits[k];
      now.kept.push_back(choice.kept[k]);
      now.bits.push_back(choice.bits[k]);
    }
    for (size_t c = 0; c < columns.columns(); ++c)
      values[levels + c] += choice.columns[c] - base.columns[c];
    combine(e, nest, above, index + 1, now, values, front);
    now.kept.resize(keptBefore);
    now.bits.resize(keptBefore);
    values = std::move(before);
  }
}

const ParetoSet<LeafNest> *LeafFronts::of(EinsumId e,
                                          const std::vector<LevelId> &above) {
  auto [entry, isNew] = fronts.try_emplace({e, above});
  if (!isNew)
    return &entry->second;
  if (!isComplete[e]) {
    std::vector<For> loops;
    if ((tried[e].empty() && !measureNest(e, {})) || !addNests(e, loops)) {
      fronts.erase(entry);
      return nullptr;
    }
    isComplete[e] = true;
  }
  for (const Tried &nest : tried[e]) {
    LeafNest now{nest.loops, {}, {}};
    std::vector<int64_t> values(
        std::max<size_t>(1, arch.levels.size() - 1 + columns.columns()), 0);
    combine(e, nest, above, 0, now, values, entry->second);
  }
  return &entry->second;
}

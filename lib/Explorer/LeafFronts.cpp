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
                       const TrunkSpace &space, MapTier tier,
                       const TierGoals &columns, const SplitTree &tree,
                       std::span<const Kept> backings, Measure measure,
                       Thin thin, bool isCoarse, bool onlyEven)
    : set(set), arch(arch), space(space), tier(tier), columns(columns),
      tree(tree), backings(backings), measure(std::move(measure)),
      thin(std::move(thin)), isCoarse(isCoarse), onlyEven(onlyEven),
      used(set.einsums.size()), lengths(longestEntries(set, tree)),
      tried(set.einsums.size()), isComplete(set.einsums.size()) {
  for (const Chain &chain : tree)
    hasPipeline |= chain.isPipeline;
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

/// Whether a move of an element counts other bits while it is part of a sum.
bool LeafFronts::makesParts(EinsumId e, TensorId t) const {
  const Tensor &tensor = set.tensors[t];
  return set.einsums[e].write.tensor == t &&
         tensor.partialBits.value_or(tensor.bits) != tensor.bits;
}

/// Other leaves take an instance at least.
static bool isOverSpread(const CostReport &report) {
  return std::any_of(report.problems.begin(), report.problems.end(),
                     [](const Problem &problem) {
                       return !std::holds_alternative<OverCapacity>(problem);
                     });
}

bool LeafFronts::measureNest(EinsumId e, const std::vector<For> &loops,
                             const std::vector<SpatialFor> &spread) {
  unsigned leaf = leafOf(e);
  SplitTree with = tree;
  with[leaf].loops.insert(with[leaf].loops.end(), loops.begin(), loops.end());
  with[leaf].spread = spread;
  Tried now{loops, spread, 0, {}};
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
      if (!columns.needsLevels() && !makesParts(e, t))
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
    if (isOverSpread(*report))
      return true;
    now.cycles = report->computeCycles;
    for (size_t i = 0; i < trials.size(); ++i) {
      if (n >= trials[i].size())
        continue;
      const Trial &trial = trials[i][n];
      Choice &choice = now.choices[i][trial.above][trial.choice];
      choice.columns = columns.columnsOf(*report, used[e][i]);
      if (makesParts(e, used[e][i]) && trial.above > 0)
        for (const BufferRow &row : report->buffers)
          if (row.tensor == used[e][i] && row.level == trial.above)
            choice.outer = row.bits;
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
  // Spread over instances, compute may hold on to more than a buffer does.
  for (LevelId l = 1; l < arch.levels.size() && tier != MapTier::S3; ++l)
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

bool LeafFronts::isFull(EinsumId e) {
  leftOut |= tried[e].size() >= kMostNests;
  return tried[e].size() >= kMostNests;
}

/// Whether a rank may be spread without ops being looked at one by one: it
/// shares no dimension of an access with another that is, and parts of one sum
/// stay in step.
bool LeafFronts::isEven(EinsumId e, const std::vector<For> &loops,
                        const std::vector<SpatialFor> &spread, RankId rank,
                        int64_t step) const {
  const Einsum &einsum = set.einsums[e];
  bool isSummed = true, isNear = false;
  auto look = [&](const Access &access, bool isWrite) {
    for (const LinearExpr &expr : access.index) {
      auto has = [&](RankId r) {
        return std::any_of(expr.terms.begin(), expr.terms.end(),
                           [&](const auto &term) { return term.rank == r; });
      };
      if (!has(rank))
        continue;
      isSummed &= !isWrite;
      for (const SpatialFor &loop : spread)
        isNear |= has(loop.rank);
    }
  };
  for (const Access &read : einsum.reads)
    look(read, false);
  look(einsum.write, true);
  bool isWhole = einsum.ranks[rank].extent % step == 0;
  auto divides = [&](std::span<const For> list) {
    for (const For &loop : list)
      if (loop.einsum == e && loop.rank == rank)
        isWhole &=
            loop.step % step == 0 && einsum.ranks[rank].extent % loop.step == 0;
  };
  for (const Chain &chain : tree)
    divides(chain.loops);
  divides(loops);
  return !isNear && (!isSummed || isWhole);
}

/// Over each fan-out below all levels one rank or none, in the order of the
/// fan-outs.
bool LeafFronts::measureSpreads(EinsumId e, const std::vector<For> &loops,
                                std::vector<SpatialFor> &spread,
                                unsigned fanout) {
  if (fanout == arch.fanouts.size() || tier != MapTier::S3)
    return isFull(e) || measureNest(e, loops, spread);
  if (!measureSpreads(e, loops, spread, fanout + 1))
    return false;
  if (arch.fanouts[fanout].below + 1 != arch.levels.size() ||
      arch.fanouts[fanout].size == 1)
    return true;
  for (RankId r = 0; r < set.einsums[e].ranks.size(); ++r) {
    if (std::any_of(spread.begin(), spread.end(),
                    [&](const SpatialFor &loop) { return loop.rank == r; }))
      continue;
    std::vector<int64_t> steps;
    // At first only what uses most instances.
    int64_t length = shortest(loops, r, lengths[leafOf(e)][e][r]);
    int64_t size = arch.fanouts[fanout].size;
    leftOut |= isCoarse && length > 2;
    for (int64_t step = isCoarse ? (length - 1) / size + 1 : 1; step < length;
         ++step) {
      steps.push_back(step);
      if (isCoarse)
        break;
    }
    for (int64_t step : steps) {
      if (onlyEven && !isEven(e, loops, spread, r, step)) {
        leftOut = true;
        continue;
      }
      spread.push_back({e, r, step, fanout});
      bool good = measureSpreads(e, loops, spread, fanout + 1);
      spread.pop_back();
      if (!good)
        return false;
    }
  }
  return true;
}

/// A nest and all that go on inside of it. A loop whose step no entry exceeds
/// is none.
bool LeafFronts::addNests(EinsumId e, std::vector<For> &loops) {
  unsigned leaf = leafOf(e);
  std::vector<SpatialFor> spread;
  if (!measureSpreads(e, loops, spread, 0))
    return false;
  // Alone the trunk's loops are the leaf's.
  if (leaf == 0)
    return true;
  static const BranchSpace anything;
  auto given = space.branches.find(e);
  const BranchSpace &rules =
      given == space.branches.end() ? anything : given->second;
  if (rules.maxLoops && loops.size() >= *rules.maxLoops)
    return true;
  if (isCoarse && !loops.empty()) {
    leftOut = true;
    return true;
  }
  for (RankId r = 0; r < set.einsums[e].ranks.size(); ++r) {
    if (!rules.mayLoop(r) || !mayRepeat(tier, loops, r))
      continue;
    int64_t length = shortest(loops, r, lengths[leaf][e][r]);
    auto steps = rules.stepsOf(r, set.einsums[e].ranks[r].extent);
    std::erase_if(steps, [&](int64_t step) { return step >= length; });
    for (int64_t step : thin(std::move(steps))) {
      if (isFull(e))
        return true;
      loops.push_back({e, r, step});
      bool good = addNests(e, loops);
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
    if (makesParts(e, used[e][index]))
      values.back() += choice.outer;
    combine(e, nest, above, index + 1, now, values, front);
    now.kept.resize(keptBefore);
    now.bits.resize(keptBefore);
    values = std::move(before);
  }
}

const LeafFront *LeafFronts::of(EinsumId e, const std::vector<LevelId> &above) {
  auto [entry, isNew] = fronts.try_emplace({e, above});
  if (!isNew)
    return &entry->second;
  if (!isComplete[e]) {
    std::vector<For> loops;
    if (!addNests(e, loops)) {
      fronts.erase(entry);
      return nullptr;
    }
    isComplete[e] = true;
  }
  size_t levels = arch.levels.size() - 1;
  ParetoSet<LeafNest> front;
  for (const Tried &nest : tried[e]) {
    LeafNest now{nest.loops, nest.spread, {}, {}};
    std::vector<int64_t> values(
        std::max<size_t>(1, levels + columns.columns() +
                                makesParts(e, set.einsums[e].write.tensor)),
        0);
    if (columns.cycles() && !hasPipeline)
      values[levels + *columns.cycles()] = nest.cycles - tried[e][0].cycles;
    combine(e, nest, above, 0, now, values, front);
    if (tier == MapTier::S3 && hasPipeline) {
      entry->second.insert(entry->second.end(), front.items.begin(),
                           front.items.end());
      front.items.clear();
    }
  }
  entry->second.insert(entry->second.end(), front.items.begin(),
                       front.items.end());
  return &entry->second;
}

//===- TierSearch.cpp - Exact fronts over the tiers -----------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TierSearch.h"

#include "Goals.h"
#include "LeafFronts.h"
#include "SearchClock.h"
#include "looptree/Analysis/Evaluate.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <map>
#include <tuple>

using namespace looptree;

namespace {

bool isIn(unsigned id, const std::vector<unsigned> &list) {
  return std::find(list.begin(), list.end(), id) != list.end();
}

/// Values that are not negative, as integers in the same order.
std::vector<int64_t> inOrder(const std::vector<double> &values) {
  std::vector<int64_t> result;
  for (double value : values)
    result.push_back(std::bit_cast<int64_t>(value + 0.0));
  return result;
}

/// Where a tensor is kept above the branches of single einsums.
struct Option {
  std::vector<Kept> kept;
  std::vector<int64_t> bits;
  /// All that the tensor moves where branches have no loops and retains, and
  /// how much less they may move off chip.
  std::vector<int64_t> columns, savings;
  std::vector<LevelId> above; ///< The level that holds it for each einsum.
};

class TierSearcher {
public:
  TierSearcher(const Workload &set, const Arch &arch, const TrunkSpace &space,
               MapTier tier, const std::vector<Goal> &goals,
               const SearchLimits &limits, const Front &known)
      : set(set), arch(arch), space(space), tier(tier), goals(goals),
        limits(limits), columns(arch, goals, tier == MapTier::S3),
        clock(limits), isOutside(set.tensors.size()) {
    for (TensorId t = 0; t < set.tensors.size(); ++t)
      if (set.tensors[t].kind == TensorKind::Intermediate)
        intermediates.push_back(t);
    result.evaluations = known.evaluations;
    for (const FrontPoint &point : known.points)
      points.insert(inOrder(point.values), point);
  }

  Front run() {
    result.space = toString(tier);
    // An evaluation cannot be interrupted.
    if (limits.seconds)
      scratch.maxVisits = kMostVisits;
    result.bounds.assign(goals.size(), 0);
    // A few steps of each rank first, and few loops: their points close much
    // of the rest.
    for (isCoarse = leastOps() > kManyOps; !stopped; isCoarse = false) {
      hasLeftOut = false;
      bool goesOn = true;
      for (unsigned count = 0; goesOn && !isDone(); ++count) {
        goesOn = false;
        forEachShape(
            set, arch, space, tier,
            [&](SplitTree &shape) {
              tree = shape;
              goesOn |= extendChain(0, count);
              return !isDone();
            },
            [&] { return stopped |= clock.mustStop(result); });
      }
      if (!isCoarse || !hasLeftOut)
        break;
    }
    finish();
    return std::move(result);
  }

private:
  /// All instances at work all the time.
  int64_t leastCycles(const CostReport &report) const {
    double cycles = 0;
    for (EinsumId e = 0; e < set.einsums.size(); ++e)
      if (auto rate = arch.compute.of(set.einsums[e].kind).opsPerCycle)
        cycles += double(report.ops[e]) / rate->toDouble();
    return int64_t(cycles / double(arch.computeInstances()) * (1 - 1e-9));
  }

  double leastOps() const {
    double sum = 0;
    for (const Einsum &einsum : set.einsums) {
      double ops = 1;
      for (const Rank &rank : einsum.ranks)
        ops *= double(rank.extent);
      sum += ops;
    }
    return sum;
  }

  static int64_t opsOf(const CostReport &report) {
    int64_t sum = 0;
    for (int64_t ops : report.ops)
      sum += ops;
    return sum;
  }

  /// With one level on chip, an einsum has an element of each of its fused
  /// tensors there.
  int64_t leastCapacity(const CostReport &report) const {
    auto leastOf = [&](TensorId t) {
      const Tensor &tensor = set.tensors[t];
      bool isTouched = std::any_of(report.buffers.begin(), report.buffers.end(),
                                   [&](const BufferRow &row) {
                                     return row.tensor == t && row.level > 0 &&
                                            row.elements > 0;
                                   });
      return isIn(t, space.fused) && isTouched
                 ? std::min(tensor.bits,
                            tensor.partialBits.value_or(tensor.bits))
                 : 0;
    };
    int64_t most = 0;
    for (EinsumId e = 0; e < set.einsums.size(); ++e) {
      int64_t sum =
          report.ops[e] > 0 ? leastOf(set.einsums[e].write.tensor) : 0;
      for (TensorId t = 0; t < set.tensors.size(); ++t)
        // What several read another one may read.
        if (set.consumers(t) == std::vector<EinsumId>{e})
          sum += leastOf(t);
      most = std::max(most, sum);
    }
    return arch.levels.size() == 2 ? most : 0;
  }

  bool isDone() const {
    // The front may have the least that any mapping reaches.
    return stopped || (hasMinimum && points.covers(inOrder(result.bounds)));
  }

  std::optional<EinsumId> headOf(const Chain &chain) const {
    std::vector<EinsumId> group;
    for (EinsumId e = chain.first; e < chain.end; ++e)
      group.push_back(e);
    auto heads = headsOf(group, set);
    return heads.size() == 1 ? std::optional(heads[0]) : std::nullopt;
  }

  /// Of the splits below another one, only a sequential that is a stage.
  bool mayLackLoops(unsigned c) const {
    return !tree[c].isPipeline && tree[size_t(tree[c].parent)].isPipeline;
  }

  /// Chains whose loops and retains are chosen together; the others are
  /// branches of single einsums.
  bool isShared(unsigned c) const {
    return c == 0 || !tree[c].branches.empty();
  }

  std::vector<int64_t> thinned(std::vector<int64_t> steps) {
    constexpr size_t kFew = 6;
    if (!isCoarse || steps.size() <= kFew)
      return steps;
    hasLeftOut = true;
    std::vector<int64_t> few;
    for (size_t i = 0; i < kFew; ++i) {
      // As many small ones as large ones, by their ratios.
      double at = double(steps.front()) *
                  std::pow(double(steps.back()) / double(steps.front()),
                           double(i) / double(kFew - 1));
      auto step = std::lower_bound(steps.begin(), steps.end(),
                                   int64_t(std::llround(at)));
      if (step != steps.end() && (few.empty() || few.back() != *step))
        few.push_back(*step);
    }
    return few;
  }

  /// Gives `count` loops to the chains from `c` on. False when there is no room
  /// for so many.
  bool extendChain(unsigned c, unsigned count) {
    if (isDone())
      return true;
    while (c < tree.size() && !isShared(c))
      ++c;
    if (c == tree.size()) {
      if (count == 0)
        placeIntermediate(0);
      return count == 0;
    }
    return extendLoops(c, count);
  }

  bool extendLoops(unsigned c, unsigned count) {
    if (isDone())
      return true;
    std::vector<RankId> order;
    for (const For &loop : tree[c].loops)
      order.push_back(loop.rank);
    bool any = false;
    if (c == 0 ? space.mayBe(order) : !order.empty() || mayLackLoops(c))
      any |= extendChain(c + 1, count);
    else
      any |= count == 0; // More loops may do.
    auto head = headOf(tree[c]);
    if (count == 0 || !head)
      return any;
    static const BranchSpace anything;
    auto given = space.branches.find(*head);
    const BranchSpace &rules =
        given == space.branches.end() ? anything : given->second;
    if (c > 0 && rules.maxLoops && order.size() >= *rules.maxLoops)
      return any;
    ChainLengths lengths = longestEntries(set, tree);
    for (RankId r = 0; r < set.einsums[*head].ranks.size(); ++r) {
      if (!mayRepeat(tier, tree[c].loops, r) || (c > 0 && !rules.mayLoop(r)))
        continue;
      order.push_back(r);
      bool mayBegin = c > 0 || space.mayBegin(order);
      order.pop_back();
      if (!mayBegin)
        continue;
      int64_t length = shortest(tree[c].loops, r, lengths[c][*head][r]);
      int64_t extent = set.einsums[*head].ranks[r].extent;
      auto steps = c == 0 ? space.stepsOf(r, extent) : rules.stepsOf(r, extent);
      std::erase_if(steps, [&](int64_t step) { return step >= length; });
      for (int64_t step : thinned(std::move(steps))) {
        tree[c].loops.push_back({*head, r, step});
        any |= extendLoops(c, count - 1);
        tree[c].loops.pop_back();
      }
    }
    return any;
  }

  bool uses(EinsumId e, TensorId t) const {
    const Einsum &einsum = set.einsums[e];
    return einsum.write.tensor == t ||
           std::any_of(einsum.reads.begin(), einsum.reads.end(),
                       [&](const Access &read) { return read.tensor == t; });
  }
  bool isUsedIn(const Chain &chain, TensorId t) const {
    for (EinsumId e = chain.first; e < chain.end; ++e)
      if (uses(e, t))
        return true;
    return false;
  }
  bool isUsedOutside(const Chain &chain, TensorId t) const {
    for (EinsumId e = 0; e < set.einsums.size(); ++e)
      if (!chain.holds(e) && uses(e, t))
        return true;
    return false;
  }

  /// Fused at each place, and unfused, as far as the space allows.
  void placeIntermediate(size_t index) {
    if (isDone())
      return;
    if (index == intermediates.size()) {
      placeOthers();
      return;
    }
    TensorId t = intermediates[index];
    for (unsigned c = 0; c < tree.size() && !isIn(t, space.unfused); ++c) {
      if (!isShared(c) || isUsedOutside(tree[c], t) ||
          (c > 0 && !space.mayRetainInBranches(t)))
        continue;
      for (LevelId level = 1; level < arch.levels.size(); ++level)
        for (unsigned depth = 0; depth <= tree[c].loops.size(); ++depth)
          for (bool noReuse : {false, true}) {
            if (!mayKeep(t, c, depth, level, noReuse, 0) ||
                // That node is entered once.
                (noReuse && c == 0 && depth == 0 &&
                 mayKeep(t, c, depth, level, false, 0)))
              continue;
            backings.push_back({t, c, depth, level, noReuse});
            placeIntermediate(index + 1);
            backings.pop_back();
          }
    }
    if (!isIn(t, space.fused)) {
      isOutside[t] = true;
      placeIntermediate(index + 1);
      isOutside[t] = false;
    }
  }

  /// `above`: the level that holds the tensor further out.
  bool mayKeep(TensorId t, unsigned c, unsigned depth, LevelId level,
               bool noReuse, LevelId above) const {
    return arch.levels[level].canHold(set.tensors[t]) &&
           (above > 0 || c > 0 ||
            space.mayRetain(t, level, depth, unsigned(tree[0].loops.size()),
                            noReuse));
  }

  std::optional<CostReport> measured(const SplitTree &of,
                                     std::span<const Kept> kept) {
    if (stopped || clock.mustStop(result)) {
      stopped = true;
      return std::nullopt;
    }
    ++result.evaluations;
    std::vector<int> shape;
    for (const Chain &chain : of) {
      shape.insert(shape.end(),
                   {-2, chain.parent, int(chain.end), int(chain.isPipeline)});
      for (const For &loop : chain.loops)
        shape.push_back(int(loop.rank));
      for (const SpatialFor &loop : chain.spread)
        shape.insert(shape.end(), {-3, int(loop.rank), int(loop.fanout)});
    }
    shape.push_back(-4); // Loops end here.
    for (TensorId t = 0; t < set.tensors.size(); ++t)
      shape.push_back(isOutside[t]);
    for (const Kept &k : kept)
      shape.insert(shape.end(), {int(k.tensor), int(k.chain), int(k.depth),
                                 int(k.level), int(k.noReuse)});
    auto plan = plans.find(shape);
    if (plan == plans.end()) {
      auto compiled = compile(set, arch, mappingOf(set, of, kept, isOutside));
      if (!compiled)
        return refuse(compiled.error());
      if (plans.size() == kMaxPlans)
        plans.clear();
      plan = plans.emplace(std::move(shape), std::move(*compiled)).first;
    }
    std::vector<int64_t> steps;
    addSteps(of, 0, steps);
    auto report = evaluate(plan->second, steps, scratch);
    if (!report)
      return refuse(report.error());
    if (auto error = tooLargeToCompare(*report, goals, arch))
      return refuse(*error, true);
    return std::move(*report);
  }

  std::optional<CostReport> refuse(const Error &error, bool isLarge = false) {
    isTooLarge = isLarge || isOfSize(error);
    if (result.refused++ == 0)
      result.firstRefusal = error.message;
    return std::nullopt;
  }

  /// Jobs of the busiest pipeline, about.
  double jobsOf(const SplitTree &of) const {
    double most = 0;
    for (const Chain &chain : of) {
      double jobs = 1;
      for (const Chain *at = &chain; chain.isPipeline;
           at = &of[size_t(at->parent)]) {
        for (const For &loop : at->loops)
          jobs *= std::ceil(
              double(set.einsums[loop.einsum].ranks[loop.rank].extent) /
              double(loop.step));
        if (at->parent < 0)
          break;
      }
      most = std::max(most, chain.isPipeline ? jobs : 0);
    }
    return most;
  }

  /// With loops and fused intermediates given: all other tensors, and where
  /// those are on chip further in.
  void placeOthers() {
    free.clear();
    for (TensorId t = 0; t < set.tensors.size(); ++t) {
      if (set.tensors[t].kind != TensorKind::Intermediate)
        isOutside[t] = true;
      if (isOutside[t] || columns.needsLevels())
        free.push_back(t);
    }
    if (limits.seconds && jobsOf(tree) > kMostJobs) {
      unproven = true;
      return;
    }
    auto bare = measured(tree, backings);
    if (!bare) {
      unproven |= isTooLarge;
      return;
    }
    LeastCosts costs = looptree::leastOf(*bare);
    rest = {costs.recomputeOps, costs.computeCycles, costs.computePj};
    bareCycles = costs.computeCycles;
    hasPipeline = std::any_of(tree.begin(), tree.end(),
                              [](auto &chain) { return chain.isPipeline; });
    if (tier == MapTier::S3)
      rest.computeCycles = leastCycles(*bare);
    if (!hasMinimum) {
      hasMinimum = true;
      LeastCosts any = leastWithoutRecompute(set, *bare, arch);
      for (size_t i = 0; i < goals.size(); ++i)
        result.bounds[i] =
            leastValue(goals[i], any, leastCapacity(*bare), arch);
    }
    kept = backings;
    bits.clear();
    for (const Kept &k : backings)
      bits.push_back(bitsOf(*bare, k.tensor));
    std::vector<int64_t> none(columns.columns(), 0);
    if (isHopeless(none))
      return;
    LeafFronts leafFronts(
        set, arch, space, tier, columns, tree, backings,
        [this](const SplitTree &of, std::span<const Kept> kept) {
          return measured(of, kept);
        },
        [this](std::vector<int64_t> steps) {
          return thinned(std::move(steps));
        },
        isCoarse, limits.seconds && opsOf(*bare) > kManyOps);
    leaves = &leafFronts;
    place.assign(tree.size(), 0);
    unsigned next = 0;
    auto number = [&](auto &self, unsigned c) -> void {
      place[c] = next++;
      for (unsigned branch : tree[c].branches)
        self(self, branch);
    };
    number(number, 0);
    bool good = measureOptions() && choose(0, leastRest[0]);
    hasLeftOut |= leaves->hasLeftOut();
    unproven |= !good || (leaves->hasLeftOut() && !isCoarse);
  }

  /// Whether it ever holds parts of sums depends on the branches.
  int64_t leastBits(const BufferRow &row) const {
    const Tensor &tensor = set.tensors[row.tensor];
    int64_t part = tensor.kind == TensorKind::Input
                       ? tensor.bits
                       : tensor.partialBits.value_or(tensor.bits);
    return std::min(row.bits, row.elements * std::min(tensor.bits, part));
  }

  /// Of fused intermediates, which have one buffer each here.
  int64_t bitsOf(const CostReport &report, TensorId t) const {
    for (const BufferRow &row : report.buffers)
      if (row.tensor == t && row.level > 0)
        return leastBits(row);
    return 0;
  }

  /// A tensor's buffers in the order of the tree. Those that have a parent
  /// count twice where a level is double-buffered.
  void addBits(const CostReport &report, Option &option) const {
    if (option.kept.empty())
      return;
    std::vector<int64_t> rows;
    for (const BufferRow &row : report.buffers)
      if (row.tensor == option.kept[0].tensor && row.level > 0)
        rows.push_back(leastBits(row));
    // The backing of a fused intermediate stands above the others.
    rows.erase(rows.begin(), rows.end() - long(option.kept.size()));
    std::sort(option.kept.begin(), option.kept.end(),
              [&](const Kept &a, const Kept &b) {
                return std::tuple(place[a.chain], a.depth, a.level) <
                       std::tuple(place[b.chain], b.depth, b.level);
              });
    for (size_t i = 0; i < rows.size(); ++i)
      option.bits.push_back(
          rows[i] * (arch.levels[option.kept[i].level].doubleBuffered ? 2 : 1));
  }

  /// A chain in which a tensor may be kept, below which depth and level.
  struct Open {
    unsigned chain;
    size_t depth;
    LevelId level;
  };

  void addOptions(TensorId t, std::vector<Open> open, size_t index,
                  std::vector<Kept> now, std::vector<LevelId> above,
                  std::vector<Option> &list) {
    if (index == open.size()) {
      bool hasRule = !space.mayRetainInBranches(t);
      bool isOnTrunk = !now.empty() && now[0].chain == 0;
      if (isOutside[t] && hasRule && !isOnTrunk && !space.mayBeOffChip(t))
        return;
      list.push_back({std::move(now), {}, {}, {}, std::move(above)});
      return;
    }
    auto [c, depth, level] = open[index];
    const Chain &chain = tree[c];
    // What is kept no further in this chain.
    std::vector<Open> next = open;
    for (unsigned branch : chain.branches) {
      if (!tree[branch].branches.empty() && isUsedIn(tree[branch], t))
        next.push_back({branch, 0, level});
      if (tree[branch].branches.empty())
        above[tree[branch].first] = level;
    }
    if (chain.branches.empty())
      above[chain.first] = level;
    addOptions(t, std::move(next), index + 1, now, above, list);
    bool isFurtherIn = level > 0;
    if ((isFurtherIn && !columns.needsLevels()) ||
        (!isFurtherIn && c > 0 && !space.mayRetainInBranches(t)))
      return;
    for (LevelId l = level + 1; l < arch.levels.size(); ++l)
      for (size_t d = depth; d <= chain.loops.size(); ++d)
        for (bool noReuse : {false, true}) {
          if (!mayKeep(t, c, unsigned(d), l, noReuse, level))
            continue;
          // Emptied at every entry a buffer moves no less. Only directly above
          // a `sequential` may it take less space.
          bool mayHelp = d == chain.loops.size() && !chain.isPipeline &&
                         !chain.branches.empty() && (c > 0 || d > 0);
          if (noReuse && !mayHelp &&
              mayKeep(t, c, unsigned(d), l, false, level))
            continue;
          auto further = now;
          further.push_back({t, c, unsigned(d), l, noReuse});
          auto inner = open;
          inner[index] = {c, d, l};
          addOptions(t, std::move(inner), index, std::move(further), above,
                     list);
        }
  }

  /// One evaluation measures one option of every tensor at once.
  bool measureOptions() {
    options.assign(free.size(), {});
    leastRest.assign(free.size() + 1,
                     std::vector<int64_t>(columns.columns(), 0));
    size_t most = 0;
    for (size_t i = 0; i < free.size(); ++i) {
      Open root{0, 0, 0};
      for (const Kept &k : backings)
        if (k.tensor == free[i])
          root = {k.chain, k.depth, k.level};
      addOptions(free[i], {root}, 0, {},
                 std::vector<LevelId>(set.einsums.size(), 0), options[i]);
      most = std::max(most, options[i].size());
    }
    for (size_t n = 0; n < most; ++n) {
      std::vector<Kept> now(backings);
      for (const auto &list : options)
        if (n < list.size())
          now.insert(now.end(), list[n].kept.begin(), list[n].kept.end());
      auto report = measured(tree, now);
      if (!report)
        return false;
      for (size_t i = 0; i < free.size(); ++i)
        if (n < options[i].size()) {
          options[i][n].columns = columns.columnsOf(*report, free[i]);
          addBits(*report, options[i][n]);
        }
    }
    for (size_t i = 0; i < free.size(); ++i) {
      if (!addSavings(free[i], options[i]))
        return false;
      // Cheapest first, so that good points come early.
      std::sort(options[i].begin(), options[i].end(),
                [](const Option &a, const Option &b) {
                  return a.columns != b.columns ? a.columns < b.columns
                                                : a.bits < b.bits;
                });
    }
    for (size_t i = free.size(); i-- > 0;)
      for (size_t c = 0; c < columns.columns(); ++c) {
        int64_t least = std::numeric_limits<int64_t>::max();
        for (const Option &option : options[i])
          least = std::min(least, leastOf(option, c));
        leastRest[i][c] =
            leastRest[i + 1][c] + (options[i].empty() ? 0 : least);
      }
    return true;
  }

  /// Where no chain holds a tensor its branches do the best that they can.
  bool addSavings(TensorId t, std::vector<Option> &list) {
    for (Option &option : list) {
      option.savings.assign(columns.columns(), 0);
      for (EinsumId e = 0; e < set.einsums.size(); ++e) {
        if (!uses(e, t) || option.above[e] > 0)
          continue;
        auto least = leaves->least(e, t);
        if (!least)
          return false;
        for (size_t c = 0; c < option.savings.size(); ++c)
          option.savings[c] += (*least)[c];
      }
    }
    return true;
  }

  /// What is sure before branches are chosen.
  int64_t leastOf(const Option &option, size_t column) const {
    return columns.isOffChip(column)
               ? option.columns[column] + option.savings[column]
               : 0;
  }

  /// Whether nothing with at least this and what is kept is valid and new.
  bool isHopeless(const std::vector<int64_t> &moved) const {
    auto capacities = leastCapacities(set, arch, tree, kept, bits);
    for (LevelId level = 1; level < arch.levels.size(); ++level)
      if (arch.levels[level].capacityBits &&
          capacities[level] > *arch.levels[level].capacityBits)
        return true;
    auto least = columns.leastValues(moved, capacities, rest);
    for (size_t i = 0; i < least.size(); ++i)
      least[i] = std::max(least[i], result.bounds[i]);
    return points.covers(inOrder(least));
  }

  /// Options of the tensors from `index` on. False when something could not be
  /// measured.
  bool choose(size_t index, std::vector<int64_t> moved) {
    if (stopped || isHopeless(moved))
      return !stopped;
    if (index == options.size())
      return nest();
    for (const Option &option : options[index]) {
      auto with = moved;
      for (size_t c = 0; c < with.size(); ++c)
        with[c] +=
            leastOf(option, c) - leastRest[index][c] + leastRest[index + 1][c];
      kept.insert(kept.end(), option.kept.begin(), option.kept.end());
      bits.insert(bits.end(), option.bits.begin(), option.bits.end());
      chosen.push_back(&option);
      bool good = choose(index + 1, std::move(with));
      chosen.pop_back();
      kept.resize(kept.size() - option.kept.size());
      bits.resize(kept.size());
      if (!good)
        return false;
    }
    return true;
  }

  /// With all options chosen: the branches.
  bool nest() {
    std::vector<int64_t> moved(columns.columns(), 0);
    for (const Option *option : chosen)
      for (size_t c = 0; c < moved.size(); ++c)
        moved[c] += option->columns[c];
    if (columns.cycles() && !hasPipeline)
      moved[*columns.cycles()] = bareCycles;
    std::vector<const LeafFront *> fronts;
    leastLeaf.assign(set.einsums.size() + 1,
                     std::vector<int64_t>(columns.columns(), 0));
    for (EinsumId e = 0; e < set.einsums.size(); ++e) {
      std::vector<LevelId> above;
      for (TensorId t : leaves->tensorsOf(e)) {
        LevelId level = 0;
        for (const Kept &k : backings)
          if (k.tensor == t)
            level = k.level;
        for (size_t i = 0; i < options.size(); ++i)
          if (free[i] == t)
            level = chosen[i]->above[e];
        above.push_back(level);
      }
      const LeafFront *front = leaves->of(e, above);
      if (!front)
        return false;
      fronts.push_back(front);
    }
    size_t levels = arch.levels.size() - 1;
    for (EinsumId e = EinsumId(set.einsums.size()); e-- > 0;)
      for (size_t c = 0; c < moved.size(); ++c) {
        int64_t least = std::numeric_limits<int64_t>::max();
        for (const auto &item : *fronts[e])
          least = std::min(least, item.values[levels + c]);
        leastLeaf[e][c] = leastLeaf[e + 1][c] + least;
      }
    for (size_t c = 0; c < moved.size(); ++c)
      moved[c] += leastLeaf[0][c];
    SplitTree whole = tree;
    return nestLeaf(0, fronts, whole, std::move(moved));
  }

  bool nestLeaf(EinsumId e, const std::vector<const LeafFront *> &fronts,
                SplitTree &whole, std::vector<int64_t> moved) {
    if (stopped || isHopeless(moved))
      return !stopped;
    if (e == set.einsums.size())
      return evaluateWhole(whole);
    Chain &leaf = *std::find_if(whole.begin(), whole.end(), [&](Chain &chain) {
      return chain.branches.empty() && chain.holds(e);
    });
    size_t levels = arch.levels.size() - 1;
    for (const auto &item : *fronts[e]) {
      auto with = moved;
      for (size_t c = 0; c < with.size(); ++c)
        with[c] +=
            item.values[levels + c] - leastLeaf[e][c] + leastLeaf[e + 1][c];
      const LeafNest &now = item.payload;
      if (leaf.parent >= 0)
        leaf.loops = now.loops;
      leaf.spread = now.spread;
      kept.insert(kept.end(), now.kept.begin(), now.kept.end());
      bits.insert(bits.end(), now.bits.begin(), now.bits.end());
      bool good = nestLeaf(e + 1, fronts, whole, std::move(with));
      kept.resize(kept.size() - now.kept.size());
      bits.resize(kept.size());
      if (!good)
        return false;
    }
    return true;
  }

  bool evaluateWhole(const SplitTree &whole) {
    auto report = measured(whole, kept);
    if (!report)
      return false;
    if (!report->valid())
      return true;
    FrontPoint point;
    for (const Goal &goal : goals)
      point.values.push_back(valueOf(*report, goal));
    auto values = inOrder(point.values);
    if (points.covers(values))
      return true;
    point.mapping = mappingOf(set, whole, kept, isOutside);
    point.report = std::move(*report);
    points.insert(std::move(values), std::move(point));
    if (limits.progress)
      takePoints();
    return true;
  }

  void takePoints() {
    result.points.clear();
    for (const auto &item : points.items)
      result.points.push_back(item.payload);
  }

  void finish() {
    takePoints();
    conclude(result, !stopped && !unproven);
  }

  const Workload &set;
  const Arch &arch;
  const TrunkSpace &space;
  const MapTier tier;
  const std::vector<Goal> &goals;
  const SearchLimits &limits;
  const TierGoals columns;
  SearchClock clock;

  std::vector<TensorId> intermediates;
  bool isCoarse = false, hasLeftOut = false; ///< Steps are, in this pass.
  SplitTree tree;
  std::vector<unsigned> place; ///< Of each chain in preorder.
  std::vector<Kept> backings;  ///< Of the fused intermediates.
  std::vector<bool> isOutside; ///< Backed at the outermost level.
  /// By trees without steps.
  std::map<std::vector<int>, Plan> plans;
  static constexpr int64_t kManyOps = 20'000;
  static constexpr double kMostJobs = 16'384; ///< With a limit of time.
  static constexpr size_t kMaxPlans = 4096;   ///< Bounds the memory they take.
  Scratch scratch;

  bool hasPipeline = false;
  int64_t bareCycles = 0; ///< Of the tree as it is, on single instances.
  TierGoals::Rest rest;   ///< With the loops and backings given.
  LeafFronts *leaves = nullptr;
  std::vector<TensorId> free;               ///< Those that have options.
  std::vector<std::vector<Option>> options; ///< Of each.
  std::vector<const Option *> chosen;
  std::vector<Kept> kept; ///< All that is chosen, with its bits.
  std::vector<int64_t> bits;
  /// Columns of the tensors, and of the branches, from here on.
  std::vector<std::vector<int64_t>> leastRest, leastLeaf;

  bool isTooLarge = false; ///< Why the last refusal.
  bool stopped = false, unproven = false, hasMinimum = false;
  ParetoSet<FrontPoint> points;
  Front result;
};

} // namespace

Front looptree::searchTier(const Workload &set, const Arch &arch,
                           const TrunkSpace &space, MapTier tier,
                           const std::vector<Goal> &goals,
                           const SearchLimits &limits, const Front &known) {
  return TierSearcher(set, arch, space, tier, goals, limits, known).run();
}

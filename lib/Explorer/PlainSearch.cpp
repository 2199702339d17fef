//===- PlainSearch.cpp - S1 of plain sets in closed form ------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PlainSearch.h"

#include "Goals.h"
#include "ParetoSet.h"
#include "PlainBranch.h"
#include "PlainTrunk.h"
#include "SearchClock.h"
#include "TrunkTree.h"
#include "looptree/Analysis/Evaluate.h"

#include <algorithm>
#include <cmath>
#include <deque>

using namespace looptree;

namespace {

/// Where the tensors of one candidate are, and its branches.
struct Found {
  size_t trunk = 0;
  std::vector<int64_t> steps;  ///< Per loop.
  std::vector<int> options;    ///< Per tensor: of the trunk's, -1 local.
  std::vector<unsigned> masks; ///< Per einsum: local operands.
  std::vector<BranchPoint> nests;
};

class PlainSearcher {
public:
  PlainSearcher(const Workload &set, const Arch &arch, const TrunkSpace &space,
                const std::vector<Goal> &goals, const SearchLimits &limits,
                PlainSet plain)
      : set(set), arch(arch), space(space), goals(goals), limits(limits),
        clock(limits), plain(std::move(plain)),
        copies(arch.levels[1].doubleBuffered ? 2 : 1),
        branches(set, this->plain, copies) {}

  std::optional<Front> run() {
    for (size_t r = 0; r < head().ranks.size(); ++r)
      steps.push_back(set.einsums.size() > 1
                          ? space.stepsOf(RankId(r), head().ranks[r].extent)
                          : std::vector<int64_t>());
    std::vector<std::vector<unsigned>> orders;
    std::vector<unsigned> order;
    addOrders(order, orders);
    auto all = trunksOf(plain, set, orders, [&](TensorId t, bool isOutside) {
      const auto &barred = isOutside ? space.fused : space.unfused;
      return std::find(barred.begin(), barred.end(), t) == barred.end();
    });
    if (!all)
      return std::nullopt;
    trunks = std::move(*all);
    // Few loops first: their points close much of the rest.
    std::sort(trunks.begin(), trunks.end(),
              [](const PlainTrunk &a, const PlainTrunk &b) {
                return a.order.size() != b.order.size()
                           ? a.order.size() < b.order.size()
                           : a.order < b.order;
              });
    for (size_t i = 0; i < trunks.size(); ++i) {
      Box box{i, {}};
      for (unsigned rank : trunks[i].order)
        box.range.push_back({0, steps[rank].size() - 1});
      boxes.push_back(std::move(box));
    }
    front.space = "S1";
    front.bounds.assign(goals.size(), 0);
    for (size_t i = 0; i < goals.size(); ++i)
      if (goals[i].kind == Goal::Kind::OffChipBits)
        front.bounds[i] = double(leastOffChip());
    while (!boxes.empty()) {
      stopped = clock.mustStop(front);
      if (stopped)
        break;
      Box box = std::move(boxes.front());
      boxes.pop_front();
      refine(box);
    }
    return finish();
  }

private:
  struct Box {
    size_t trunk;
    /// Of positions in `steps`, both ends included; per loop.
    std::vector<std::pair<size_t, size_t>> range;
  };
  /// One way to place the tensors of one branch.
  struct Way {
    int64_t everywhere = 0, offChip = 0, scale = 1;
    int64_t least = 0; ///< Off chip, with that of the local tensors.
    unsigned mask = 0;
    std::vector<std::pair<TensorId, int>> options;
  };

  const Einsum &head() const { return set.einsums.back(); }
  void addOrders(std::vector<unsigned> &order,
                 std::vector<std::vector<unsigned>> &orders) const {
    if (!space.mayBegin(order))
      return;
    if (space.mayBe(order))
      orders.push_back(order);
    for (unsigned r = 0; r < steps.size(); ++r) {
      if (steps[r].empty() ||
          std::find(order.begin(), order.end(), r) != order.end())
        continue;
      order.push_back(r);
      addOrders(order, orders);
      order.pop_back();
    }
  }

  std::vector<int64_t> valuesOf(int64_t capacity, int64_t offChip) const {
    std::vector<int64_t> values;
    for (const Goal &goal : goals)
      values.push_back(goal.kind == Goal::Kind::OffChipBits ? offChip
                                                            : capacity);
    return values;
  }
  bool isBeaten(int64_t capacity, int64_t offChip) const {
    if (arch.levels[1].capacityBits && capacity > *arch.levels[1].capacityBits)
      return true;
    return points.covers(valuesOf(capacity, offChip));
  }

  void refine(const Box &box) {
    bool isOne = true;
    for (auto [from, to] : box.range)
      isOne &= from == to;
    if (!isOne) {
      if (!look(box, false))
        return;
      // Early on, points that close much of the rest.
      if (isWide(box)) {
        Box middle = box;
        for (auto &range : middle.range)
          range.first = range.second =
              range.first + (range.second - range.first) / 4;
        look(middle, true);
      }
      split(box);
      return;
    }
    look(box, true);
  }

  bool isWide(const Box &box) const {
    for (size_t i = 0; i < box.range.size(); ++i) {
      const auto &list = steps[trunks[box.trunk].order[i]];
      if (list[box.range[i].second] > 16 * list[box.range[i].first])
        return true;
    }
    return false;
  }

  void split(const Box &box) {
    size_t widest = 0;
    double most = 0;
    for (size_t i = 0; i < box.range.size(); ++i) {
      const auto &list = steps[trunks[box.trunk].order[i]];
      double ratio =
          double(list[box.range[i].second]) / double(list[box.range[i].first]);
      if (ratio > most) {
        most = ratio;
        widest = i;
      }
    }
    const auto &list = steps[trunks[box.trunk].order[widest]];
    auto [from, to] = box.range[widest];
    double middle = std::sqrt(double(list[from]) * double(list[to]));
    size_t cut = from;
    // Tiles of one value are a case of their own.
    while (list[from] > 1 && cut + 1 < to && double(list[cut + 1]) <= middle)
      ++cut;
    Box half = box;
    half.range[widest].second = cut;
    boxes.push_back(half);
    half.range[widest] = {cut + 1, to};
    boxes.push_back(std::move(half));
  }

  /// Whether something in a box may be new to the front; what is new at a
  /// single point of steps is added to it.
  bool look(const Box &box, bool isExact) {
    trunk = &trunks[box.trunk];
    exact = isExact;
    isNew = false;
    low.assign(head().ranks.size(), 0);
    high = low;
    for (size_t i = 0; i < box.range.size(); ++i) {
      unsigned rank = trunk->order[i];
      low[rank] = steps[rank][box.range[i].first];
      high[rank] = steps[rank][box.range[i].second];
    }
    front.evaluations += isExact;
    solo = {};
    if (trunk->solo)
      solo = {trunk->order, trunk->solo};
    current.trunk = box.trunk;
    current.steps.clear();
    for (unsigned rank : trunk->order)
      current.steps.push_back(low[rank]);
    current.options.assign(set.tensors.size(), -1);
    current.masks.assign(set.einsums.size(), 0);
    current.nests.assign(set.einsums.size(), {});
    shared.clear();
    own.assign(set.einsums.size(), {});
    base.assign(set.einsums.size(), 0);
    int64_t everywhere = 0;
    for (TensorId t = 0; t < set.tensors.size(); ++t) {
      const auto &users = plain.tensors[t].users;
      if (!trunk->isOutside[t])
        occupy(t, trunk->fused[t], 1, everywhere);
      else if (users.size() == 1)
        own[users[0]].push_back(t);
      else
        shared.push_back(t);
    }
    if (isBeaten(everywhere + *std::max_element(base.begin(), base.end()), 0))
      return false;
    placeShared(0, everywhere, 0);
    return isNew;
  }

  void occupy(TensorId t, const PlainPlace &place, int64_t count,
              int64_t &everywhere) {
    int64_t bits = times(count, set.tensors[t].bits);
    for (int64_t extent : plain.tensors[t].extents)
      bits = times(bits, extent);
    for (RankId r = 0; r < head().ranks.size(); ++r)
      if (plain.tensors[t].headRanks >> r & 1)
        bits =
            times(bits, place.sized >> r & 1 ? low[r] : head().ranks[r].extent);
    if (!place.dies) {
      everywhere = plus(everywhere, bits);
      return;
    }
    for (EinsumId e = plain.tensors[t].users.front();
         e <= plain.tensors[t].users.back(); ++e)
      base[e] = plus(base[e], bits);
  }

  int64_t tilesOf(RankMask loops) const {
    int64_t tiles = 1;
    for (RankId r = 0; r < head().ranks.size(); ++r)
      if (loops >> r & 1)
        tiles = times(tiles, (head().ranks[r].extent - 1) / high[r] + 1);
    return tiles;
  }

  int64_t offChipOf(TensorId t, const PlainPlace &place) const {
    int64_t passes = tilesOf(place.repeats);
    // The head's result is read back but for its first pass; what another
    // einsum writes is whole after its first.
    if (head().write.tensor == t)
      passes = times(2, passes) - 1;
    return times(times(plain.tensors[t].elements, set.tensors[t].bits), passes);
  }

  unsigned operandOf(EinsumId e, TensorId t) const {
    const auto &operands = plain.einsums[e].operands;
    for (unsigned i = 0; i < operands.size(); ++i)
      if (operands[i].tensor == t)
        return 1u << i;
    return 0;
  }

  bool isDone() const { return isNew && !exact; }

  void placeShared(size_t index, int64_t everywhere, int64_t offChip) {
    if (index == shared.size()) {
      // Loops further in than all that branches share on chip do nothing that
      // loops of their own would not.
      if (set.einsums.size() > 1 && deepestShared() < int(trunk->order.size()))
        return;
      findWays();
      chooseWay(0, everywhere, offChip);
      return;
    }
    TensorId t = shared[index];
    for (size_t i = 0; i < trunk->options[t].size() && !isDone(); ++i) {
      const PlainPlace &place = trunk->options[t][i];
      auto before = base;
      int64_t all = everywhere;
      occupy(t, place, copies, all);
      current.options[t] = int(i);
      placeShared(index + 1, all, plus(offChip, offChipOf(t, place)));
      base = std::move(before);
    }
    current.options[t] = -1;
    if (isDone())
      return;
    for (EinsumId e : plain.tensors[t].users)
      current.masks[e] |= operandOf(e, t);
    placeShared(index + 1, everywhere, offChip);
    for (EinsumId e : plain.tensors[t].users)
      current.masks[e] &= ~operandOf(e, t);
  }

  /// Loops above the innermost buffer on the trunk of a tensor that several
  /// branches use.
  int deepestShared() const {
    int deepest = 0;
    for (TensorId t = 0; t < set.tensors.size(); ++t)
      if (!trunk->isOutside[t])
        deepest = std::max(deepest, trunk->fused[t].depth);
    for (TensorId t : shared)
      if (int option = current.options[t]; option >= 0)
        deepest = std::max(deepest, trunk->options[t][size_t(option)].depth);
    return deepest;
  }

  /// All ways to place each branch's own tensors.
  void findWays() {
    ways.assign(set.einsums.size(), {});
    tiles.assign(set.einsums.size(), {});
    for (EinsumId e = 0; e < set.einsums.size(); ++e) {
      const PlainEinsum &einsum = plain.einsums[e];
      tiles[e].assign(einsum.extents.size(), {});
      RankMask tiled = 0;
      for (size_t r = 0; r < tiles[e].size(); ++r) {
        int by = einsum.headRank[r];
        int64_t extent = einsum.extents[r];
        bool isTiled =
            extent > 1 && by >= 0 && (trunk->loops >> unsigned(by) & 1);
        if (isTiled)
          tiled |= RankMask(1) << by;
        tiles[e][r] = {extent, isTiled ? low[size_t(by)] : extent,
                       isTiled ? high[size_t(by)] : extent, isTiled};
      }
      Way way;
      way.mask = current.masks[e];
      addWays(e, 0, tilesOf(trunk->runs[e] & ~tiled), way);
    }
  }

  void addWays(EinsumId e, size_t index, int64_t scale, Way &way) {
    if (index == own[e].size()) {
      way.scale = scale;
      way.least =
          plus(way.offChip,
               times(scale, branches.least(e, way.mask, tiles[e], soloOf(e))));
      ways[e].push_back(way);
      return;
    }
    TensorId t = own[e][index];
    for (size_t i = 0; i < trunk->options[t].size(); ++i) {
      const PlainPlace &place = trunk->options[t][i];
      Way with = way;
      with.offChip = plus(with.offChip, offChipOf(t, place));
      occupy(t, place, copies, with.everywhere);
      with.options.push_back({t, int(i)});
      addWays(e, index + 1, scale, with);
    }
    Way with = way;
    with.mask |= operandOf(e, t);
    with.options.push_back({t, -1});
    addWays(e, index + 1, scale, with);
  }

  void chooseWay(EinsumId e, int64_t everywhere, int64_t offChip) {
    if (isDone())
      return;
    if (e == set.einsums.size()) {
      merge(everywhere, offChip);
      return;
    }
    int64_t rest = 0;
    for (EinsumId other = e + 1; other < set.einsums.size(); ++other)
      rest = plus(rest, leastOf(other));
    int64_t taken = *std::max_element(base.begin(), base.end());
    for (const Way &way : ways[e]) {
      int64_t space = plus(everywhere, way.everywhere);
      if (isBeaten(space + taken, plus(plus(offChip, way.least), rest)))
        continue;
      chosen.resize(e);
      chosen.push_back(&way);
      chooseWay(e + 1, space, plus(offChip, way.offChip));
    }
  }

  int64_t leastOf(EinsumId e) const {
    int64_t least = kPlenty;
    for (const Way &way : ways[e])
      least = std::min(least, way.least);
    return least;
  }

  const SoloLoops &soloOf(EinsumId e) const {
    static const SoloLoops none;
    return e + 1 == set.einsums.size() ? solo : none;
  }

  /// With all tensors placed: the branches share what the trunk leaves, so each
  /// takes the best nest that the largest of them leaves room for.
  void merge(int64_t everywhere, int64_t offChip) {
    if (!mergeCurves(everywhere, offChip, false))
      return;
    if (exact)
      mergeCurves(everywhere, offChip, true);
    else
      isNew = true;
  }

  /// Whether something may be new to the front; adds it if the curves are
  /// exact.
  bool mergeCurves(int64_t everywhere, int64_t offChip, bool isExact) {
    size_t n = chosen.size();
    int64_t space = *std::max_element(base.begin(), base.end());
    int64_t least = offChip;
    for (EinsumId e = 0; e < n; ++e)
      least = plus(least, chosen[e]->least - chosen[e]->offChip);
    // One branch after the other, as far as what is known of the others leaves
    // something new to the front.
    curves.clear();
    for (EinsumId e = 0; e < n; ++e) {
      int64_t scale = chosen[e]->scale;
      int64_t others = least - (chosen[e]->least - chosen[e]->offChip);
      curves.push_back(branches.curve(
          e, chosen[e]->mask, tiles[e], soloOf(e), isExact,
          [&](int64_t bits, int64_t moved) {
            return isBeaten(everywhere + std::max(space, base[e] + bits),
                            plus(others, times(scale, moved)));
          }));
      if (curves[e].empty())
        return false;
      space = std::max(space, base[e] + curves[e].front().bits);
      least = plus(others, times(scale, curves[e].back().offChip));
    }
    position.assign(n, 0);
    bool any = false;
    for (;;) {
      if (isBeaten(everywhere + space, least))
        return any;
      int64_t sum = offChip, next = kPlenty;
      for (size_t e = 0; e < n; ++e) {
        const BranchCurve &curve = curves[e];
        size_t &at = position[e];
        while (at + 1 < curve.size() && base[e] + curve[at + 1].bits <= space)
          ++at;
        if (at + 1 < curve.size())
          next = std::min(next, base[e] + curve[at + 1].bits);
        sum = plus(sum, times(chosen[e]->scale, curve[at].offChip));
      }
      if (!isBeaten(everywhere + space, sum)) {
        any = true;
        if (!isExact)
          return true;
        keep(everywhere + space, sum);
      }
      if (next == kPlenty)
        return any;
      space = next;
    }
  }

  void keep(int64_t capacity, int64_t offChip) {
    Found found = current;
    for (size_t e = 0; e < chosen.size(); ++e) {
      found.masks[e] = chosen[e]->mask;
      found.nests[e] = curves[e][position[e]];
      for (auto [t, option] : chosen[e]->options)
        found.options[t] = option;
    }
    if (!points.insert(valuesOf(capacity, offChip), std::move(found)) ||
        !limits.progress)
      return;
    front.points.clear();
    for (const auto &item : points.items)
      front.points.push_back(
          {{item.values.begin(), item.values.end()}, {}, {}});
  }

  Mapping mappingOf(const Found &found) {
    const PlainTrunk &trunk = trunks[found.trunk];
    std::vector<For> loops;
    for (size_t i = 0; i < trunk.order.size(); ++i)
      loops.push_back(
          {EinsumId(set.einsums.size() - 1), trunk.order[i], found.steps[i]});
    std::vector<TrunkPlace> places(set.tensors.size());
    for (TensorId t = 0; t < set.tensors.size(); ++t) {
      const PlainPlace *place = nullptr;
      if (!trunk.isOutside[t])
        place = &trunk.fused[t];
      else if (found.options[t] >= 0)
        place = &trunk.options[t][size_t(found.options[t])];
      if (place)
        places[t] = {place->depth, 1, place->noReuse};
    }
    std::vector<BranchNest> nests;
    for (EinsumId e = 0; e < set.einsums.size(); ++e) {
      BranchNest nest = branches.nestOf(e, found.masks[e], found.nests[e]);
      // Loops over what the trunk's tiles leave one value of.
      for (size_t i = nest.loops.size(); i-- > 0;) {
        int by = plain.einsums[e].headRank[nest.loops[i].rank];
        bool isWhole = false;
        for (size_t j = 0; j < trunk.order.size(); ++j)
          isWhole |=
              int(trunk.order[j]) == by && nest.loops[i].step >= found.steps[j];
        if (!isWhole)
          continue;
        nest.loops.erase(nest.loops.begin() + long(i));
        for (BranchNest::Kept &kept : nest.kept)
          kept.depth -= kept.depth > i;
      }
      nests.push_back(std::move(nest));
    }
    Mapping mapping = trunkMapping(set, loops, places, trunk.isOutside);
    addBranches(mapping, nests);
    return mapping;
  }

  Front finish() {
    front.points.clear();
    for (auto &item : points.items) {
      Mapping mapping = mappingOf(item.payload);
      auto report = evaluate(set, arch, mapping);
      ++front.evaluations;
      std::optional<Error> error = report
                                       ? tooLargeToCompare(*report, goals, arch)
                                       : std::optional(report.error());
      std::vector<double> values;
      if (!error && report->valid())
        for (const Goal &goal : goals)
          values.push_back(valueOf(*report, goal));
      if (!std::equal(values.begin(), values.end(), item.values.begin(),
                      item.values.end())) {
        // Too large a count, or the closed form would be wrong.
        stopped = true;
        if (front.refused++ == 0)
          front.firstRefusal = error ? error->message
                                     : "the closed form of a set without "
                                       "overlaps differs from its evaluation";
        continue;
      }
      front.points.push_back(
          {std::move(values), std::move(mapping), std::move(*report)});
    }
    if (stopped)
      front.status = Front::Status::Limit;
    else if (front.points.empty())
      front.status = Front::Status::Infeasible;
    return std::move(front);
  }

  int64_t leastOffChip() const {
    int64_t bits = 0;
    for (TensorId t = 0; t < set.tensors.size(); ++t)
      if (set.tensors[t].kind != TensorKind::Intermediate)
        bits =
            plus(bits, times(plain.tensors[t].elements, set.tensors[t].bits));
    return bits;
  }

  const Workload &set;
  const Arch &arch;
  const TrunkSpace &space;
  const std::vector<Goal> &goals;
  const SearchLimits &limits;
  SearchClock clock;
  PlainSet plain;
  int64_t copies;
  PlainBranches branches;
  std::vector<std::vector<int64_t>> steps; ///< Per rank of the head.
  std::vector<PlainTrunk> trunks;
  std::deque<Box> boxes;
  ParetoSet<Found> points;
  Front front;
  bool stopped = false;

  // Of the box that is looked at.
  const PlainTrunk *trunk = nullptr;
  bool exact = false, isNew = false;
  std::vector<int64_t> low, high;            ///< Steps, per rank of the head.
  std::vector<TensorId> shared;              ///< Not fused, with several users.
  std::vector<std::vector<TensorId>> own;    ///< Per einsum, with that one.
  std::vector<int64_t> base;                 ///< Bits, per branch.
  std::vector<std::vector<RankTiles>> tiles; ///< Per einsum and rank.
  SoloLoops solo;
  std::vector<std::vector<Way>> ways; ///< Per einsum.
  std::vector<const Way *> chosen;
  std::vector<BranchCurve> curves; ///< Of these,
  std::vector<size_t> position;    ///< and where on them.
  Found current;
};

} // namespace

std::optional<Front> looptree::searchPlain(const Workload &set,
                                           const Arch &arch,
                                           const TrunkSpace &space,
                                           const std::vector<Goal> &goals,
                                           const SearchLimits &limits) {
  // Trunks without a loop of another one must be in the space, too.
  if (arch.levels.size() != 2 || !space.branches.empty() ||
      !space.retain.empty() || !space.first.empty() || space.orders ||
      (set.einsums.size() > 1 && !space.sequential))
    return std::nullopt;
  // A set of one einsum has its loops on the trunk.
  if (set.einsums.size() == 1 &&
      (space.maxLoops || space.ranks || !space.steps.empty()))
    return std::nullopt;
  for (const Goal &goal : goals)
    if (goal.kind != Goal::Kind::OffChipBits &&
        (goal.kind != Goal::Kind::CapacityBits || goal.level != 1))
      return std::nullopt;
  for (const Tensor &tensor : set.tensors)
    if (!arch.levels[1].canHold(tensor))
      return std::nullopt;
  auto plain = plainSetOf(set);
  if (!plain)
    return std::nullopt;
  return PlainSearcher(set, arch, space, goals, limits, std::move(*plain))
      .run();
}

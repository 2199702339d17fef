//===- PlainSearch.cpp - S1 of plain sets in closed form ------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PlainSearch.h"

#include "Goals.h"
#include "PlainBranch.h"
#include "PlainTrunk.h"
#include "SearchClock.h"
#include "TrunkTree.h"
#include "looptree/Analysis/Evaluate.h"

#include <algorithm>
#include <cmath>

using namespace looptree;

namespace {

constexpr int kLocal = -1;

/// Where the tensors of one candidate are, and its branches.
struct Found {
  size_t trunk = 0;
  std::vector<int64_t> steps;  ///< Per loop.
  std::vector<int> options;    ///< Per tensor: of the trunk's, kLocal if none.
  std::vector<unsigned> masks; ///< Per einsum: local operands.
  std::vector<BranchPoint> nests;
  bool isKnown = false; ///< From elsewhere, and no candidate of this set.
};

class PlainSearcher {
public:
  PlainSearcher(const Workload &set, const Arch &arch, const TrunkSpace &space,
                const std::vector<Goal> &goals, const SearchLimits &limits,
                PlainSet plain, std::span<const StairStep> known)
      : set(set), arch(arch), space(space), goals(goals), limits(limits),
        clock(limits), plain(std::move(plain)),
        copies(arch.levels[1].doubleBuffered ? 2 : 1),
        branches(set, this->plain, copies) {
    for (const Goal &goal : goals)
      (goal.kind == Goal::Kind::OffChipBits ? asksOffChip : asksCapacity) =
          true;
    for (const StairStep &step : known) {
      Found found;
      found.isKnown = true;
      points.insert(step, std::move(found));
    }
  }

  std::optional<Front> run() {
    own.resize(set.einsums.size());
    for (size_t r = 0; r < head().ranks.size(); ++r)
      steps.push_back(set.einsums.size() > 1
                          ? space.stepsOf(RankId(r), head().ranks[r].extent)
                          : std::vector<int64_t>());
    for (size_t r = 0; r < steps.size(); ++r) {
      counts.emplace_back();
      for (int64_t step : steps[r])
        counts[r].push_back((head().ranks[r].extent - 1) / step + 1);
    }
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
    findTwins();
    for (TensorId t = 0; t < set.tensors.size(); ++t)
      if (plain.tensors[t].users.size() == 1)
        own[plain.tensors[t].users[0]].push_back(t);
    for (size_t i = 0; i < trunks.size(); ++i) {
      Box box{i, {}};
      for (unsigned rank : trunks[i].order)
        box.range.push_back({0, steps[rank].size() - 1});
      add(std::move(box));
    }
    front.space = set.einsums.size() == 1 ? "S1" : "S1 without idle loops";
    front.bounds.assign(goals.size(), 0);
    for (size_t i = 0; i < goals.size(); ++i)
      if (goals[i].kind == Goal::Kind::OffChipBits)
        front.bounds[i] = double(leastOffChip());
    // Wide boxes come level by level and add points all over; the others one
    // after the other, down to single steps, with these points known.
    size_t done = 0;
    for (; done < wide.size() && !(stopped = clock.mustStop(front)); ++done)
      refine(Box(wide[done]));
    wide.erase(wide.begin(), wide.begin() + long(done));
    std::reverse(narrow.begin(), narrow.end());
    while (!stopped && !narrow.empty())
      if (!(stopped = clock.mustStop(front))) {
        Box box = std::move(narrow.back());
        narrow.pop_back();
        refine(box);
      }
    if (stopped)
      boundOpenBoxes();
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
    uint64_t twins = ~uint64_t(0); ///< That have its options.
    size_t options = 0; ///< Number in base "options of the trunk's, or local".
  };
  /// Twins (PlainTrunk.h) of one trunk among those before it, a bit for each.
  struct Twins {
    uint64_t all = 0, shared = 0;
    std::vector<std::vector<uint64_t>> has, deepest; ///< Per tensor and option.
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

  /// A trunk's places need no look where one before it has them all, too.
  void findTwins() {
    constexpr size_t kMost = 64;
    for (size_t i = 0; i < trunks.size(); ++i) {
      Twins &mine = twins.emplace_back();
      for (const auto &options : trunks[i].options) {
        mine.has.emplace_back(options.size());
        mine.deepest.emplace_back(options.size());
      }
      size_t count = 0;
      for (size_t j = 0; j < i && count < kMost; ++j) {
        auto twin = twinOf(trunks[i], trunks[j], plain);
        if (!twin)
          continue;
        uint64_t bit = uint64_t(1) << count++;
        mine.all |= bit;
        mine.shared |= twin->isShared ? bit : 0;
        for (TensorId t = 0; t < set.tensors.size(); ++t)
          for (size_t k = 0; k < twin->has[t].size(); ++k) {
            mine.has[t][k] |= twin->has[t][k] ? bit : 0;
            mine.deepest[t][k] |= twin->isDeepest[t][k] ? bit : 0;
          }
      }
    }
  }

  StairStep asked(int64_t capacity, int64_t offChip) const {
    return {asksCapacity ? capacity : 0, asksOffChip ? offChip : 0};
  }
  std::vector<double> valuesOf(StairStep step) const {
    std::vector<double> values;
    for (const Goal &goal : goals)
      values.push_back(double(
          goal.kind == Goal::Kind::OffChipBits ? step.offChip : step.capacity));
    return values;
  }
  bool isBeaten(int64_t capacity, int64_t offChip) const {
    if (arch.levels[1].capacityBits && capacity > *arch.levels[1].capacityBits)
      return true;
    return points.covers(asked(capacity, offChip));
  }

  void refine(const Box &box) {
    bool isOne = true;
    for (auto [from, to] : box.range)
      isOne &= from == to;
    if (isOne || look(box, false)) {
      // Early on, points that close much of the rest.
      if (isOne || isWide(box)) {
        Box middle = box;
        for (size_t i = 0; i < box.range.size(); ++i) {
          auto &[from, to] = middle.range[i];
          if (from < to)
            from = to = cutOf(box, i) + 1;
        }
        look(middle, true);
      }
      if (!isOne)
        split(box);
    }
  }

  void add(Box box) { (isWide(box) ? wide : narrow).push_back(std::move(box)); }

  bool isWide(const Box &box) const {
    for (size_t i = 0; i < box.range.size(); ++i) {
      const auto &list = steps[trunks[box.trunk].order[i]];
      if (list[box.range[i].second] > 4 * list[box.range[i].first])
        return true;
    }
    return false;
  }

  /// The last step of the first half of a range that has several: where the
  /// number of tiles changes, if it does.
  size_t cutOf(const Box &box, size_t loop) const {
    unsigned rank = trunks[box.trunk].order[loop];
    const auto &list = steps[rank];
    const auto &count = counts[rank];
    auto [from, to] = box.range[loop];
    double middle = std::sqrt(double(list[from]) * double(list[to]));
    if (count[from] == count[to]) {
      // The least step of a count is the one that is most often best.
      if (from == 0 || count[from - 1] != count[from])
        return from;
      size_t above =
          size_t(std::upper_bound(list.begin() + long(from),
                                  list.begin() + long(to), int64_t(middle)) -
                 list.begin());
      return std::max(above, from + 1) - 1;
    }
    size_t cut = from;
    while (count[cut] == count[cut + 1])
      ++cut;
    // Tiles of one value are a case of their own.
    if (list[from] > 1)
      for (size_t at = cut + 1; at < to && double(list[at]) <= middle; ++at)
        if (count[at] != count[at + 1])
          cut = at;
    return cut;
  }

  /// Halves the widest range, where the number of tiles changes as long as some
  /// range has several numbers: steps that make as many tiles differ in little.
  void split(const Box &box) {
    size_t widest = 0;
    double most = 0;
    bool hasCounts = false;
    for (size_t i = 0; i < box.range.size(); ++i) {
      unsigned rank = trunks[box.trunk].order[i];
      auto [from, to] = box.range[i];
      if (from == to)
        continue;
      bool isOne = counts[rank][from] == counts[rank][to];
      double ratio = double(steps[rank][to]) / double(steps[rank][from]);
      if (hasCounts ? isOne || ratio <= most : isOne && ratio <= most)
        continue;
      hasCounts |= !isOne;
      most = ratio;
      widest = i;
    }
    size_t cut = cutOf(box, widest);
    Box low = box, high = box;
    low.range[widest].second = cut;
    high.range[widest].first = cut + 1;
    // The last one is looked at first: small steps.
    add(std::move(high));
    add(std::move(low));
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
    current.options.assign(set.tensors.size(), kLocal);
    current.masks.assign(set.einsums.size(), 0);
    current.nests.assign(set.einsums.size(), {});
    shared.clear();
    base.assign(set.einsums.size(), 0);
    int64_t everywhere = 0;
    for (TensorId t = 0; t < set.tensors.size(); ++t) {
      if (!trunk->isOutside[t])
        occupy(t, trunk->fused[t], 1, everywhere);
      else if (plain.tensors[t].users.size() > 1)
        shared.push_back(t);
    }
    if (isBeaten(everywhere + *std::max_element(base.begin(), base.end()), 0))
      return false;
    const Twins &others = twins[box.trunk];
    placeShared(0, everywhere, 0, others.all, others.shared);
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

  bool isDone() const { return isNew && !exact && !isBounding; }

  /// `alive`: twins that have all places so far; `deep`: those of the twins
  /// that are not idle with them.
  void placeShared(size_t index, int64_t everywhere, int64_t offChip,
                   uint64_t alive, uint64_t deep) {
    if (index == shared.size()) {
      // The innermost loop is idle.
      if (set.einsums.size() > 1 && deepestShared() < int(trunk->order.size()))
        return;
      findWays();
      chooseWay(0, everywhere, offChip, alive & deep);
      return;
    }
    TensorId t = shared[index];
    const Twins &others = twins[current.trunk];
    for (size_t i = 0; i < trunk->options[t].size() && !isDone(); ++i) {
      const PlainPlace &place = trunk->options[t][i];
      auto before = base;
      int64_t all = everywhere;
      occupy(t, place, copies, all);
      current.options[t] = int(i);
      placeShared(index + 1, all, plus(offChip, offChipOf(t, place)),
                  alive & others.has[t][i], deep | others.deepest[t][i]);
      base = std::move(before);
    }
    current.options[t] = kLocal;
    if (isDone())
      return;
    for (EinsumId e : plain.tensors[t].users)
      current.masks[e] |= operandOf(e, t);
    placeShared(index + 1, everywhere, offChip, alive, deep);
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
    ways.resize(set.einsums.size());
    tiles.resize(set.einsums.size());
    for (EinsumId e = 0; e < set.einsums.size(); ++e) {
      const PlainEinsum &einsum = plain.einsums[e];
      ways[e].clear();
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
    size_t count = trunk->options[t].size();
    Way with = way;
    with.options = way.options * (count + 1) + count;
    with.mask |= operandOf(e, t);
    addWays(e, index + 1, scale, with);
    for (size_t i = 0; i < count; ++i) {
      const PlainPlace &place = trunk->options[t][i];
      with = way;
      with.options = way.options * (count + 1) + i;
      with.offChip = plus(with.offChip, offChipOf(t, place));
      with.twins &= twins[current.trunk].has[t][i];
      occupy(t, place, copies, with.everywhere);
      addWays(e, index + 1, scale, with);
    }
  }

  void chooseWay(EinsumId e, int64_t everywhere, int64_t offChip,
                 uint64_t alive) {
    if (isDone())
      return;
    if (e == set.einsums.size()) {
      if (!alive)
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
      chooseWay(e + 1, space, plus(offChip, way.offChip), alive & way.twins);
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
    if (isBounding) {
      corner.capacity = std::min(corner.capacity, everywhere + space);
      corner.offChip = std::min(corner.offChip, least);
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
      size_t options = chosen[e]->options;
      for (size_t i = own[e].size(); i-- > 0;) {
        TensorId t = own[e][i];
        size_t count = trunk->options[t].size();
        size_t option = options % (count + 1);
        found.options[t] = option == count ? kLocal : int(option);
        options /= count + 1;
      }
    }
    if (!points.insert(asked(capacity, offChip), std::move(found)) ||
        !limits.progress)
      return;
    front.points.clear();
    for (const StairStep &step : points.steps)
      front.points.push_back({valuesOf(step), {}, {}});
  }

  /// What open boxes may hold, and what was found.
  void boundOpenBoxes() {
    isBounding = true;
    corner = {kPlenty, kPlenty};
    for (const auto *boxes : {&wide, &narrow})
      for (const Box &box : *boxes)
        look(box, false);
    for (const StairStep &step : points.steps) {
      corner.capacity = std::min(corner.capacity, step.capacity);
      corner.offChip = std::min(corner.offChip, step.offChip);
    }
    std::vector<double> least = valuesOf(corner);
    for (size_t i = 0; i < least.size(); ++i)
      front.bounds[i] = std::max(front.bounds[i], least[i]);
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
    for (size_t i = 0; i < points.steps.size(); ++i) {
      if (points.payloads[i].isKnown)
        continue;
      Mapping mapping = mappingOf(points.payloads[i]);
      auto report = evaluate(set, arch, mapping);
      ++front.evaluations;
      std::optional<Error> error = report
                                       ? tooLargeToCompare(*report, goals, arch)
                                       : std::optional(report.error());
      std::vector<double> values;
      if (!error && report->valid())
        for (const Goal &goal : goals)
          values.push_back(valueOf(*report, goal));
      if (values != valuesOf(points.steps[i])) {
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
    conclude(front, !stopped);
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
  std::vector<std::vector<int64_t>> steps;  ///< Per rank of the head.
  std::vector<std::vector<int64_t>> counts; ///< Of tiles, for each of these.
  std::vector<PlainTrunk> trunks;
  std::vector<Twins> twins;               ///< Per trunk.
  std::vector<std::vector<TensorId>> own; ///< Per einsum, used by no other.
  std::vector<Box> wide, narrow;          ///< That are still to be looked at.
  Stairs<Found> points;
  Front front;
  bool asksCapacity = false, asksOffChip = false;
  bool stopped = false;

  // Of the box that is looked at.
  const PlainTrunk *trunk = nullptr;
  bool exact = false, isNew = false;
  bool isBounding = false; ///< What is found lowers `corner`.
  StairStep corner{0, 0};
  std::vector<int64_t> low, high;            ///< Steps, per rank of the head.
  std::vector<TensorId> shared;              ///< Not fused, with several users.
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
                                           const SearchLimits &limits,
                                           std::span<const StairStep> known) {
  // Trunks without a loop of another one must be in the space, too.
  if (arch.levels.size() != 2 || !space.branches.empty() ||
      !space.retain.empty() || !space.first.empty() || space.orders ||
      (set.einsums.size() > 1 && !space.sequential))
    return std::nullopt;
  // A set of one einsum has its loops on the trunk.
  if (set.einsums.size() == 1 &&
      (space.maxLoops || space.ranks || !space.steps.empty()))
    return std::nullopt;
  // Trunks and nests without steps are compared before any clock is asked, as
  // many as there are ways to place each tensor.
  constexpr size_t kMostEinsums = 8, kMostReads = 8;
  if (set.einsums.size() > kMostEinsums)
    return std::nullopt;
  for (const Einsum &einsum : set.einsums)
    if (einsum.reads.size() > kMostReads)
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
  return PlainSearcher(set, arch, space, goals, limits, std::move(*plain),
                       known)
      .run();
}

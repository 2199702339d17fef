//===- Fold.cpp - Evaluating equal tiles once ----------------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Fold.h"

#include "AccessSets.h"

#include <algorithm>
#include <numeric>

using namespace looptree;

namespace {

/// Folding pays only for loops of more tiles than this.
constexpr int64_t kMinTiles = 12;
/// Bits of the mask that says which folds are inside.
constexpr unsigned kMaxFolds = 64;

/// Everything that moves with one rank, and how far per step of it.
class AxisClass {
public:
  AxisClass(const Plan::Impl &plan) : plan(plan) {
    for (const Einsum &einsum : plan.workload.einsums)
      ranks.emplace_back(einsum.ranks.size());
    for (const Tensor &tensor : plan.workload.tensors)
      dims.emplace_back(tensor.shape.size());
  }

  /// Grows the class from a rank; false when two axes of one einsum or one
  /// tensor would move, or one would move in two ways.
  bool grow(EinsumId e, RankId r) {
    if (!setRank(e, r, {1, 1}))
      return false;
    while (!work.empty()) {
      auto [isRank, owner, axis] = work.back();
      work.pop_back();
      if (!(isRank ? spreadFromRank(owner, axis) : spreadFromDim(owner, axis)))
        return false;
    }
    return true;
  }

  /// Movement of an axis per step of the rank the class grew from, 0 for none.
  std::vector<std::vector<Rational>> ranks, dims;
  /// Sum over einsums of how far an access looks beyond its rank's place, in
  /// steps of the rank the class grew from, rounded up.
  int64_t reach = 0;

private:
  struct Item {
    bool isRank;
    unsigned owner, axis;
  };

  static Rational times(Rational a, int64_t num, int64_t den) {
    int64_t g1 = std::gcd(a.num, den), g2 = std::gcd(num, a.den);
    return {(a.num / g1) * (num / g2), (a.den / g2) * (den / g1)};
  }

  bool setRank(EinsumId e, RankId r, Rational scale) {
    return set(ranks[e], r, scale, {true, e, r});
  }
  bool setDim(TensorId t, unsigned d, Rational scale) {
    return set(dims[t], d, scale, {false, t, d});
  }
  bool set(std::vector<Rational> &axes, unsigned axis, Rational scale,
           Item item) {
    if (axes[axis].num != 0)
      return axes[axis] == scale;
    for (const Rational &other : axes)
      if (other.num != 0)
        return false;
    if (scale.num > (1 << 20) || scale.den > (1 << 20))
      return false;
    axes[axis] = scale;
    work.push_back(item);
    return true;
  }

  template <typename Fn>
  static bool forEachAccess(const Einsum &einsum, Fn fn) {
    for (const Access &read : einsum.reads)
      if (!fn(read))
        return false;
    return fn(einsum.write);
  }

  bool spreadFromRank(EinsumId e, RankId r) {
    return forEachAccess(plan.workload.einsums[e], [&](const Access &access) {
      for (unsigned d = 0; d < access.index.size(); ++d)
        for (const auto &term : access.index[d].terms)
          if (term.rank == r &&
              !setDim(access.tensor, d,
                      times(ranks[e][r], term.coefficient, 1)))
            return false;
      return true;
    });
  }

  bool spreadFromDim(TensorId t, unsigned d) {
    for (EinsumId e = 0; e < plan.workload.einsums.size(); ++e) {
      int64_t farthest = 0;
      bool spread =
          forEachAccess(plan.workload.einsums[e], [&](const Access &access) {
            return access.tensor != t || spreadInto(e, access, d, farthest);
          });
      if (!spread)
        return false;
      reach += farthest;
    }
    return true;
  }

  /// The term with the longest reach moves with the dimension; the others, and
  /// the constant, look around it.
  bool spreadInto(EinsumId e, const Access &access, unsigned d,
                  int64_t &farthest) {
    const LinearExpr &expr = access.index[d];
    const auto &all = plan.workload.einsums[e].ranks;
    const LinearExpr::Term *main = nullptr;
    for (const auto &term : expr.terms)
      if (!main || term.coefficient * all[term.rank].extent >
                       main->coefficient * all[main->rank].extent)
        main = &term;
    if (!main)
      return false;
    int64_t around = std::abs(expr.constant) + main->coefficient - 1;
    for (const auto &term : expr.terms)
      if (&term != main)
        around += term.coefficient * (all[term.rank].extent - 1);
    Rational scale = dims[access.tensor][d];
    farthest =
        std::max(farthest, (around * scale.den + scale.num - 1) / scale.num);
    return setRank(e, main->rank, times(scale, 1, main->coefficient));
  }

  const Plan::Impl &plan;
  std::vector<Item> work;
};

class Chooser {
public:
  Chooser(const Plan::Impl &plan, std::span<const int64_t> steps)
      : plan(plan), steps(steps), folding(unfoldedWorkload(plan)) {}

  Folding run() {
    // The original counts the first tile of a loop unlike the others.
    if (plan.isV1())
      return std::move(folding);
    for (const PlanNode &node : plan.nodes)
      if (node.kind == PlanNode::Kind::For && folding.folds < kMaxFolds &&
          folding.ranks[node.einsum][node.rank].fold == kNone)
        tryFold(node);
    return std::move(folding);
  }

private:
  void tryFold(const PlanNode &loop) {
    int64_t extent = plan.workload.einsums[loop.einsum].ranks[loop.rank].extent;
    if (extent / steps[loop.loop] < kMinTiles)
      return;
    AxisClass axes(plan);
    if (!axes.grow(loop.einsum, loop.rank))
      return;

    // The zone is a whole number of tiles of every loop that it divides.
    int64_t unit = 1;
    auto include = [&](const Rational &scale, int64_t multiple) {
      // unit * num / den must be a multiple of `multiple`.
      int64_t need = scale.den * multiple;
      need /= std::gcd(need, scale.num);
      unit = std::lcm(unit, need);
      return unit <= extent;
    };
    for (const auto *owner : {&axes.ranks, &axes.dims})
      for (const auto &scales : *owner)
        for (const Rational &scale : scales)
          if (scale.num != 0 && !include(scale, 1))
            return;
    for (NodeId n = 0; n < plan.nodes.size(); ++n) {
      const PlanNode &node = plan.nodes[n];
      // Tiles side by side are not taken together.
      if (node.kind == PlanNode::Kind::SpatialFor &&
          axes.ranks[node.einsum][node.rank].num != 0 &&
          !isInsideClass(n, axes))
        return;
      if (node.kind == PlanNode::Kind::For &&
          axes.ranks[node.einsum][node.rank].num != 0 &&
          !isInsideClass(n, axes) &&
          !include(axes.ranks[node.einsum][node.rank], steps[node.loop]))
        return;
    }

    int64_t guard =
        (axes.reach + unit - 1) / unit + int64_t(plan.einsums.size()) + 2;
    int64_t units = extent / unit;
    int64_t copies = units - 2 * guard;
    if (copies < 3)
      return;
    // Every axis keeps `guard` units on either side of the zone.
    auto fits = [&](const Rational &scale, int64_t length) {
      int64_t perUnit = unit * scale.num / scale.den;
      return length - (copies - 1) * perUnit >= (2 * guard - 1) * perUnit;
    };
    for (EinsumId e = 0; e < axes.ranks.size(); ++e)
      for (RankId r = 0; r < axes.ranks[e].size(); ++r)
        if (axes.ranks[e][r].num != 0 &&
            (folding.ranks[e][r].fold != kNone ||
             !fits(axes.ranks[e][r], plan.workload.einsums[e].ranks[r].extent)))
          return;
    for (TensorId t = 0; t < axes.dims.size(); ++t)
      for (unsigned d = 0; d < axes.dims[t].size(); ++d)
        if (axes.dims[t][d].num != 0 &&
            (folding.dims[t][d].fold != kNone ||
             !fits(axes.dims[t][d], plan.workload.tensors[t].shape[d])))
          return;

    auto mark = [&](FoldedAxis &axis, const Rational &scale) {
      if (scale.num == 0)
        return;
      axis.fold = folding.folds;
      axis.unit = unit * scale.num / scale.den;
      axis.zone = guard * axis.unit;
      axis.copies = copies;
      axis.reach =
          (axes.reach * scale.num + scale.den - 1) / scale.den + axis.unit;
    };
    for (EinsumId e = 0; e < axes.ranks.size(); ++e)
      for (RankId r = 0; r < axes.ranks[e].size(); ++r)
        mark(folding.ranks[e][r], axes.ranks[e][r]);
    for (TensorId t = 0; t < axes.dims.size(); ++t)
      for (unsigned d = 0; d < axes.dims[t].size(); ++d)
        mark(folding.dims[t][d], axes.dims[t][d]);
    ++folding.folds;
  }

  bool isInsideClass(NodeId n, const AxisClass &axes) const {
    for (NodeId up = plan.nodes[n].parent; up != kNone;
         up = plan.nodes[up].parent) {
      const PlanNode &node = plan.nodes[up];
      if (node.kind == PlanNode::Kind::For &&
          axes.ranks[node.einsum][node.rank].num != 0)
        return true;
    }
    return false;
  }

  const Plan::Impl &plan;
  std::span<const int64_t> steps;
  Folding folding;
};

} // namespace

Folding looptree::unfoldedWorkload(const Plan::Impl &plan) {
  Folding folding;
  for (const Einsum &einsum : plan.workload.einsums)
    folding.ranks.emplace_back(einsum.ranks.size());
  for (const Tensor &tensor : plan.workload.tensors)
    folding.dims.emplace_back(tensor.shape.size());
  return folding;
}

Folding looptree::chooseFolding(const Plan::Impl &plan,
                                std::span<const int64_t> steps) {
  return Chooser(plan, steps).run();
}

Plan::Impl looptree::foldPlan(const Plan::Impl &plan, const Folding &folding) {
  Plan::Impl folded = plan;
  for (EinsumId e = 0; e < folded.einsums.size(); ++e) {
    Einsum &einsum = folded.workload.einsums[e];
    for (RankId r = 0; r < einsum.ranks.size(); ++r) {
      const FoldedAxis &axis = folding.ranks[e][r];
      if (axis.fold != kNone)
        einsum.ranks[r].extent -= (axis.copies - 1) * axis.unit;
    }
    folded.einsums[e].allOps = allOps(einsum);
  }
  for (TensorId t = 0; t < folded.tensors.size(); ++t)
    for (unsigned d = 0; d < folding.dims[t].size(); ++d) {
      const FoldedAxis &axis = folding.dims[t][d];
      if (axis.fold != kNone)
        folded.workload.tensors[t].shape[d] -= (axis.copies - 1) * axis.unit;
    }
  return folded;
}

std::optional<BoxSet> looptree::unfold(const BoxSet &set,
                                       const std::vector<FoldedAxis> &axes,
                                       uint64_t inside) {
  BoxSet result = set;
  for (unsigned d = 0; d < axes.size(); ++d) {
    const FoldedAxis &axis = axes[d];
    if (axis.fold == kNone || (inside >> axis.fold & 1))
      continue;
    int64_t removed = (axis.copies - 1) * axis.unit;
    for (unsigned i = 0; i < result.boxes(); ++i) {
      Run &run = result.box(i)[d];
      int64_t from = axis.zone - axis.unit, to = axis.zone + 2 * axis.unit;
      if (run.last() < from)
        continue;
      if (run.lo >= to) {
        run.lo += removed;
        continue;
      }
      if (axis.unit % run.stride != 0 || run.n == 1 ||
          run.lo - run.stride >= from || run.last() + run.stride < to)
        return std::nullopt;
      run.n += removed / run.stride;
    }
  }
  return result;
}

//===- TileModel.cpp - A quick estimate of a trunk's cost -----------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TileModel.h"

#include <algorithm>
#include <numeric>

using namespace looptree;

static int64_t floorDiv(int64_t a, int64_t b) {
  return a >= 0 ? a / b : -((-a + b - 1) / b);
}
static int64_t ceilDiv(int64_t a, int64_t b) { return -floorDiv(-a, b); }

static unsigned below(unsigned depth) { return (1u << depth) - 1; }

static Interval hull(const Interval &a, const Interval &b) {
  if (a.width() == 0)
    return b;
  if (b.width() == 0)
    return a;
  return {std::min(a.lo, b.lo), std::max(a.hi, b.hi)};
}

TileModel::TileModel(const Workload &set) : workload(set) {
  size_t count = 0;
  for (const Einsum &einsum : workload.einsums) {
    rankBegin.push_back(count);
    count += einsum.ranks.size();
  }
  for (const Tensor &tensor : workload.tensors) {
    dimBegin.push_back(count);
    count += tensor.shape.size();
  }
  axes.resize(count + 1);
  touched.resize(workload.tensors.size());
  asked.resize(workload.tensors.size());
  active.resize(workload.einsums.size());
}

void TileModel::infer(std::span<const TrunkLoop> trunk,
                      std::vector<int> &positions) {
  loops.clear();
  std::fill(touched.begin(), touched.end(), 0);
  std::fill(asked.begin(), asked.end(), 0);
  EinsumId head = EinsumId(workload.einsums.size() - 1);
  for (EinsumId e = head + 1; e-- > 0;) {
    const Einsum &einsum = workload.einsums[e];
    TensorId written = einsum.write.tensor;
    const Tensor &tensor = workload.tensors[written];
    if (e == head || !touched[written]) {
      for (RankId r = 0; r < einsum.ranks.size(); ++r) {
        Axis axis;
        axis.open = {0, einsum.ranks[r].extent - 1};
        axis.middle = axis.first = axis.open;
        axes[rankBegin[e] + r] = axis;
      }
      active[e] = 0;
      if (e == head)
        for (const TrunkLoop &loop : trunk) {
          Axis &axis = axes[rankBegin[e] + loop.rank];
          int64_t extent = axis.open.hi + 1;
          int64_t tiles = ceilDiv(extent, loop.step);
          int64_t lo = tiles / 2 * loop.step;
          axis.middle = {lo, std::min(lo + loop.step, extent) - 1};
          axis.first = {0, std::min(loop.step, extent) - 1};
          axis.shift = loop.step;
          axis.loops = 1u << loops.size();
          active[e] |= axis.loops;
          loops.push_back({tiles});
        }
      // An output that was read too is made whole, whoever asks.
    } else {
      int &position = positions[written];
      if (tensor.kind == TensorKind::Output)
        position = 0;
      else if (position == kWithoutRecompute)
        position = depthWithoutRecompute(written);
      inferProducer(e, position);
    }
    if (tensor.kind == TensorKind::Output)
      need(e, einsum.write);
    for (const Access &read : einsum.reads)
      need(e, read);
  }
}

unsigned TileModel::movingLoops(TensorId t) const {
  unsigned mask = 0;
  for (const Axis &axis : dimAxes(t))
    mask |= axis.loops;
  return mask;
}

/// A buffer below `depth` loops sees neighbouring tiles of a loop one after the
/// other when no loop between the two moves its window.
bool TileModel::keptAlong(unsigned loop, unsigned depth,
                          unsigned moving) const {
  return loop >= depth || (moving & below(depth) & ~below(loop + 1)) == 0;
}

/// Loops that do not move the window but make it run through again.
unsigned TileModel::repeatedLoops(TensorId t, unsigned depth,
                                  unsigned moving) const {
  unsigned mask = 0;
  for (unsigned i = 0; i < depth; ++i)
    if (!(moving >> i & 1) && (asked[t] >> i & 1) &&
        !keptAlong(i, depth, moving))
      mask |= 1u << i;
  return mask;
}

double TileModel::tilesOf(unsigned mask) const {
  double product = 1;
  for (unsigned i = 0; i < loops.size(); ++i)
    if (mask >> i & 1)
      product *= double(loops[i].tiles);
  return product;
}

double TileModel::total(const Axis &axis, bool kept) const {
  double tiles = tilesOf(axis.loops), open = double(axis.count(axis.open));
  double tile = double(axis.count(axis.middle));
  if (axis.loops == 0)
    return tile;
  int64_t overlap = axis.middle.width() - axis.shift;
  if (kept || overlap <= 0)
    return std::min(open, tiles * tile);
  // Together the tiles cover everything, though the first may be larger.
  double shared = (tiles - 1) * double(ceilDiv(overlap, axis.stride));
  return std::max(open, std::min(tiles * tile, open + shared));
}

int TileModel::depthWithoutRecompute(TensorId t) const {
  unsigned moving = movingLoops(t);
  for (unsigned depth = unsigned(loops.size()); depth > 0; --depth) {
    bool remade = repeatedLoops(t, depth, moving) != 0;
    for (const Axis &axis : dimAxes(t))
      for (unsigned i = 0; i < loops.size(); ++i)
        remade |= (axis.loops >> i & 1) && axis.middle.width() > axis.shift &&
                  !keptAlong(i, depth, moving);
    if (!remade)
      return int(depth);
  }
  return 0;
}

void TileModel::inferProducer(EinsumId e, int position) {
  const Einsum &einsum = workload.einsums[e];
  TensorId t = einsum.write.tensor;
  unsigned moving = movingLoops(t), depth = unsigned(position);
  active[e] = moving | repeatedLoops(t, depth, moving);

  for (RankId r = 0; r < einsum.ranks.size(); ++r) {
    Axis axis;
    axis.open = {0, einsum.ranks[r].extent - 1};
    axis.middle = axis.first = axis.open;
    axes[rankBegin[e] + r] = axis;
  }
  for (size_t d = 0; d < einsum.write.index.size(); ++d) {
    const LinearExpr &expr = einsum.write.index[d];
    Axis made = axes[dimBegin[t] + d];
    bool kept = true;
    for (unsigned i = 0; i < loops.size(); ++i)
      if (made.loops >> i & 1)
        kept &= keptAlong(i, depth, moving);
    if (kept && made.loops && made.middle.width() > made.shift)
      made.middle.lo = made.middle.hi - made.shift + 1;
    // The ranks of one dimension, each with the others anywhere.
    for (const auto &term : expr.terms) {
      int64_t others = expr.constant;
      for (const auto &other : expr.terms)
        if (&other != &term)
          others += other.coefficient * (einsum.ranks[other.rank].extent - 1);
      Axis &axis = axes[rankBegin[e] + term.rank];
      auto invert = [&](const Interval &interval) -> Interval {
        return {std::max(axis.open.lo,
                         ceilDiv(interval.lo - others, term.coefficient)),
                std::min(axis.open.hi, floorDiv(interval.hi - expr.constant,
                                                term.coefficient))};
      };
      axis.middle = invert(made.middle);
      axis.first = invert(made.first);
      axis.open = invert(made.open);
      axis.stride = std::max<int64_t>(1, made.stride / term.coefficient);
      if (axis.middle.width() < axis.open.width()) {
        axis.loops = made.loops;
        axis.shift = std::max<int64_t>(1, made.shift / term.coefficient);
      }
    }
  }
}

Axis TileModel::accessAxis(EinsumId e, const LinearExpr &expr,
                           int64_t extent) const {
  Axis result;
  result.middle = result.first = result.open = {expr.constant, expr.constant};
  bool alone = true;
  for (const auto &term : expr.terms) {
    const Axis &rank = axes[rankBegin[e] + term.rank];
    if (rank.open.width() == 0)
      continue;
    auto add = [&](Interval &to, const Interval &from) {
      to.lo += term.coefficient * from.lo;
      to.hi += term.coefficient * from.hi;
    };
    add(result.middle, rank.middle);
    add(result.first, rank.first);
    add(result.open, rank.open);
    if (rank.open.width() > 1) {
      int64_t stride = term.coefficient * rank.stride;
      result.stride = alone ? stride : std::gcd(result.stride, stride);
      alone = false;
    }
    result.loops |= rank.loops;
    result.shift = std::max(result.shift, term.coefficient * rank.shift);
  }
  for (Interval *interval : {&result.middle, &result.first, &result.open}) {
    interval->lo = std::max<int64_t>(interval->lo, 0);
    interval->hi = std::min(interval->hi, extent - 1);
  }
  return result;
}

void TileModel::accessAxes(EinsumId e, const Access &access,
                           std::vector<Axis> &result) const {
  result.clear();
  const Tensor &tensor = workload.tensors[access.tensor];
  for (size_t d = 0; d < access.index.size(); ++d)
    result.push_back(accessAxis(e, access.index[d], tensor.shape[d]));
}

void TileModel::need(EinsumId e, const Access &access) {
  TensorId t = access.tensor;
  const Tensor &tensor = workload.tensors[t];
  for (size_t d = 0; d < access.index.size(); ++d) {
    Axis axis = accessAxis(e, access.index[d], tensor.shape[d]);
    Axis &sum = axes[dimBegin[t] + d];
    if (!touched[t]) {
      sum = axis;
      continue;
    }
    sum.middle = hull(sum.middle, axis.middle);
    sum.first = hull(sum.first, axis.first);
    sum.open = hull(sum.open, axis.open);
    sum.stride = std::gcd(sum.stride, axis.stride);
    // A reader that takes all of it in every tile takes all of it.
    if (!axis.loops || !sum.loops) {
      if (sum.middle.width() == sum.open.width())
        sum.loops = 0, sum.shift = 0;
      else
        sum.loops |= axis.loops, sum.shift = std::max(sum.shift, axis.shift);
    } else {
      sum.loops |= axis.loops;
      sum.shift = std::max(sum.shift, axis.shift);
    }
  }
  touched[t] = 1;
  asked[t] |= active[e];
}

double TileModel::ops(EinsumId e) const {
  double product = 1;
  unsigned moving = 0;
  for (const Axis &axis : rankAxes(e)) {
    product *= total(axis, false);
    moving |= axis.loops;
  }
  return product * tilesOf(active[e] & ~moving);
}

double TileModel::window(TensorId t, unsigned depth) const {
  double product = 1;
  for (const Axis &axis : dimAxes(t))
    product *=
        double(axis.loops & below(depth)
                   ? std::max(axis.count(axis.first), axis.count(axis.middle))
                   : axis.count(axis.open));
  return product;
}

double TileModel::fills(TensorId t, unsigned depth) const {
  unsigned moving = movingLoops(t);
  double product = 1;
  for (const Axis &axis : dimAxes(t)) {
    if (!(axis.loops & below(depth))) {
      product *= double(axis.count(axis.open));
      continue;
    }
    bool kept = true;
    for (unsigned i = 0; i < depth; ++i)
      if (axis.loops >> i & 1)
        kept &= keptAlong(i, depth, moving);
    product *= total(axis, kept);
  }
  return product * tilesOf(repeatedLoops(t, depth, moving));
}

bool TileModel::carries(TensorId t) const {
  unsigned depth = unsigned(loops.size());
  unsigned moving = movingLoops(t);
  for (unsigned i = 0; i < depth; ++i) {
    if (!keptAlong(i, depth, moving))
      continue;
    if (!(moving >> i & 1))
      return true;
    for (const Axis &axis : dimAxes(t))
      if ((axis.loops >> i & 1) && axis.middle.width() > axis.shift)
        return true;
  }
  return false;
}

double TileModel::visits(EinsumId e) const { return tilesOf(active[e]); }

double TileModel::streamed(EinsumId e, std::span<const Axis> box) const {
  double product = 1;
  unsigned moving = 0;
  for (const Axis &axis : box) {
    product *= total(axis, false);
    moving |= axis.loops;
  }
  return product * tilesOf(active[e] & ~moving);
}

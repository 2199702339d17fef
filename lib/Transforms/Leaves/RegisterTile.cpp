//===- RegisterTile.cpp - How much of a leaf stands in registers ---------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RegisterTile.h"

#include "llvm/Support/MathExtras.h"

#include <numeric>

using namespace mlir;
using namespace looptree;
using namespace looptree::leaves;

/// More vectors, or points, than this gain nothing: the other factor then has
/// too few for the elements that it loads.
static constexpr int64_t kMostVectors = 8, kMostPoints = 16;
/// A loop of unknown extent counts as long.
static constexpr int64_t kLong = 64;

int64_t leaves::lanesFor(int64_t width) { return llvm::PowerOf2Ceil(width); }

static int64_t lanesOf(const Leaf &leaf, const Registers &registers) {
  auto bitsOf = [](Value value) {
    return int64_t(cast<MemRefType>(value.getType()).getElementTypeBitWidth());
  };
  int64_t bits = bitsOf(leaf.output.value);
  for (const LeafOperand &input : leaf.inputs)
    if (input.isUsed && input.isMemRef())
      bits = std::max(bits, bitsOf(input.value));
  return std::max<int64_t>(registers.bits / bits, 1);
}

static SmallVector<Span> vectorSpans(int64_t extent, int64_t lanes,
                                     int64_t count) {
  int64_t step = lanes * count;
  SmallVector<int64_t> full(count, lanes);
  if (ShapedType::isDynamic(extent))
    return {{0, extent, step, full}, {extent, extent, 1, {}}};
  SmallVector<Span> spans;
  int64_t whole = extent - extent % step;
  if (whole > 0)
    spans.push_back({0, whole, step, full});
  if (whole < extent) {
    SmallVector<int64_t> widths((extent - whole) / lanes, lanes);
    if (int64_t last = extent % lanes)
      widths.push_back(last);
    spans.push_back({whole, extent, extent - whole, widths});
  }
  return spans;
}

/// As equal as can be, so that no extent leaves a small rest.
static SmallVector<Span> pointSpans(int64_t extent, int64_t most) {
  if (ShapedType::isDynamic(extent)) {
    if (most == 1)
      return {{0, extent, 1, {}}};
    return {{0, extent, most, {}}, {extent, extent, 1, {}}};
  }
  int64_t steps = llvm::divideCeil(extent, most);
  int64_t larger = llvm::divideCeil(extent, steps);
  int64_t split = (extent - steps * (larger - 1)) * larger;
  SmallVector<Span> spans{{0, split, larger, {}}};
  if (split < extent)
    spans.push_back({split, extent, larger - 1, {}});
  return spans;
}

static double stepsOf(const Span &span) {
  if (ShapedType::isDynamic(span.end))
    return ShapedType::isDynamic(span.begin) ? 0 : double(kLong) / span.step;
  return double(span.end - span.begin) / span.step;
}

/// Operations on vectors for each load.
static double reuse(const Leaf &leaf, const RegisterTile &tile) {
  double loads = 0, operations = 0;
  for (const Span &vectors : tile.vectors)
    for (const Span &points : tile.points) {
      double times = stepsOf(vectors) * stepsOf(points);
      double count = std::max<double>(vectors.widths.size(), 1);
      operations += times * count * points.step;
      for (const LeafOperand &input : leaf.inputs) {
        if (!input.isUsed || !input.isMemRef())
          continue;
        double inTile = 1;
        if (tile.along && input.varies(*tile.along))
          inTile *= input.access(*tile.along) == Access::Strided
                        ? std::accumulate(vectors.widths.begin(),
                                          vectors.widths.end(), 1.0)
                        : count;
        if (tile.across && input.varies(*tile.across))
          inTile *= points.step;
        loads += times * inTile;
      }
    }
  return operations / std::max(loads, 1.0);
}

/// Whether an input that moves along `loop` stands still along all parallel
/// loops outside of the tile.
static bool choosesStationary(const Leaf &leaf, const RegisterTile &tile,
                              unsigned loop) {
  return llvm::any_of(leaf.inputs, [&](const LeafOperand &input) {
    return input.isUsed && input.varies(loop) &&
           llvm::none_of(leaf.parallel, [&](unsigned other) {
             return other != tile.along && other != tile.across &&
                    leaf.extents[other] != 1 && input.varies(other);
           });
  });
}

RegisterTile leaves::chooseTile(const Leaf &leaf, const Registers &registers) {
  RegisterTile best;
  int64_t lanes = lanesOf(leaf, registers), mostVectors = 1;
  if (leaf.contiguous && leaf.extents[*leaf.contiguous] != 1) {
    best.along = leaf.contiguous;
    int64_t extent = leaf.extents[*best.along];
    mostVectors =
        ShapedType::isDynamic(extent)
            ? kMostVectors
            : std::min<int64_t>(llvm::divideCeil(extent, lanes), kMostVectors);
  }
  auto vectorsOf = [&](int64_t count) -> SmallVector<Span> {
    if (!best.along)
      return {{0, 1, 1, {}}};
    return vectorSpans(leaf.extents[*best.along], lanes, count);
  };
  best.points = {{0, 1, 1, {}}};
  best.vectors = vectorsOf(std::min<int64_t>(mostVectors, 4));
  if (leaf.reductions.empty())
    return best;

  // A loop whose extent is not known may be short: the last resort.
  SmallVector<unsigned> candidates;
  for (bool isDynamic : {false, true})
    for (unsigned loop : leaf.parallel)
      if (ShapedType::isDynamic(leaf.extents[loop]) == isDynamic)
        candidates.push_back(loop);
  double bestReuse = reuse(leaf, best);
  for (unsigned across : candidates) {
    if (across == best.along || leaf.extents[across] == 1)
      continue;
    if (best.across && ShapedType::isDynamic(leaf.extents[across]))
      break;
    for (int64_t vectors = mostVectors; vectors > 0; --vectors) {
      // Beside the results stand a vector of each and one element.
      int64_t room = (registers.count - vectors - 1) / vectors;
      for (int64_t points = std::min(room, kMostPoints); points > 0; --points) {
        RegisterTile tile = best;
        tile.across = across;
        tile.vectors = vectorsOf(vectors);
        tile.points = pointSpans(leaf.extents[across], points);
        double tileReuse = reuse(leaf, tile);
        if (tileReuse > bestReuse) {
          bestReuse = tileReuse;
          best = tile;
        }
      }
    }
  }
  for (std::optional<unsigned> loop : {best.across, best.along})
    if (loop && choosesStationary(leaf, best, *loop))
      best.outermost = loop;
  return best;
}

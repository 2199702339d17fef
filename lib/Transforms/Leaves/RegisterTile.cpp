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

static int64_t sum(ArrayRef<int64_t> widths) {
  return std::accumulate(widths.begin(), widths.end(), int64_t(0));
}

/// What it takes to get an input's lanes for all vectors of a step.
static double loadsOf(const LeafOperand &input, unsigned along,
                      ArrayRef<int64_t> widths) {
  switch (input.access(along)) {
  case Access::Uniform:
    return 1;
  case Access::Contiguous:
    return widths.size();
  case Access::Spaced:
    return double(widths.size()) * (2 * input.spacing(along) - 1);
  case Access::Strided:
    return 3 * sum(widths); // Each is loaded and inserted.
  }
  llvm_unreachable("every access is one of these");
}

/// Results per unit of work: of two loads, or one operation on vectors.
static double rate(const Leaf &leaf, const RegisterTile &tile) {
  double results = 0, work = 0;
  for (const Span &vectors : tile.vectors)
    for (const Span &points : tile.points) {
      double times = stepsOf(vectors) * stepsOf(points), loads = 0;
      bool isScalar = vectors.widths.empty();
      results += times * points.step * (isScalar ? 1 : sum(vectors.widths));
      for (const LeafOperand &input : leaf.inputs)
        if (input.isUsed && input.isMemRef())
          loads +=
              (isScalar ? 1 : loadsOf(input, *tile.along, vectors.widths)) *
              (tile.across && input.varies(*tile.across) ? points.step : 1);
      double operations =
          points.step * (isScalar ? 1 : double(vectors.widths.size()));
      work += times * (operations + loads / 2);
    }
  return results / work;
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

/// Vectors, or scalars, along one loop, and no loop across.
static RegisterTile tileAlong(const Leaf &leaf, std::optional<unsigned> along,
                              int64_t lanes, int64_t count) {
  RegisterTile tile;
  tile.along = along;
  tile.points = {{0, 1, 1, {}}};
  if (along)
    tile.vectors = vectorSpans(leaf.extents[*along], lanes, count);
  else
    tile.vectors = {{0, 1, 1, {}}};
  return tile;
}

/// The best tile whose vectors run along `along`.
static RegisterTile chooseAcross(const Leaf &leaf, const Registers &registers,
                                 std::optional<unsigned> along, int64_t lanes,
                                 int64_t mostVectors) {
  // A loop whose extent is not known may be short: the last resort.
  SmallVector<unsigned> candidates;
  for (bool isDynamic : {false, true})
    for (unsigned loop : leaf.parallel)
      if (ShapedType::isDynamic(leaf.extents[loop]) == isDynamic)
        candidates.push_back(loop);
  RegisterTile best =
      tileAlong(leaf, along, lanes, std::min<int64_t>(mostVectors, 4));
  double bestRate = rate(leaf, best);
  for (unsigned across : candidates) {
    if (across == along || leaf.extents[across] == 1)
      continue;
    if (best.across && ShapedType::isDynamic(leaf.extents[across]))
      break;
    for (int64_t vectors = mostVectors; vectors > 0; --vectors) {
      // Beside the results stand a vector of each, one element, and what the
      // scheduler of a backend loads early.
      int64_t room =
          (registers.count - registers.count / 8 - vectors - 1) / vectors;
      for (int64_t points = std::min(room, kMostPoints); points > 0; --points) {
        RegisterTile tile = tileAlong(leaf, along, lanes, vectors);
        tile.across = across;
        tile.points = pointSpans(leaf.extents[across], points);
        if (double tileRate = rate(leaf, tile); tileRate > bestRate) {
          bestRate = tileRate;
          best = tile;
        }
      }
    }
  }
  return best;
}

RegisterTile leaves::chooseTile(const Leaf &leaf, const Registers &registers) {
  int64_t lanes = lanesOf(leaf, registers);
  auto mostVectors = [&](unsigned loop) {
    int64_t extent = leaf.extents[loop];
    return ShapedType::isDynamic(extent)
               ? kMostVectors
               : std::min<int64_t>(llvm::divideCeil(extent, lanes),
                                   kMostVectors);
  };
  bool isContiguous = leaf.contiguous && leaf.extents[*leaf.contiguous] != 1;
  if (leaf.reductions.empty()) {
    if (!isContiguous)
      return tileAlong(leaf, std::nullopt, lanes, 1);
    return tileAlong(leaf, leaf.contiguous, lanes,
                     std::min<int64_t>(mostVectors(*leaf.contiguous), 4));
  }
  RegisterTile best;
  if (isContiguous) {
    best = chooseAcross(leaf, registers, leaf.contiguous, lanes,
                        mostVectors(*leaf.contiguous));
  } else {
    best = chooseAcross(leaf, registers, std::nullopt, lanes, 1);
    for (unsigned along : leaf.parallel) {
      int64_t extent = leaf.extents[along];
      if (ShapedType::isDynamic(extent) || extent == 1 ||
          !leaf.output.varies(along))
        continue;
      RegisterTile tile =
          chooseAcross(leaf, registers, along, lanes, mostVectors(along));
      if (rate(leaf, tile) > rate(leaf, best))
        best = tile;
    }
  }
  for (std::optional<unsigned> loop : {best.across, best.along})
    if (loop && choosesStationary(leaf, best, *loop))
      best.outermost = loop;
  return best;
}

//===- RegisterTile.h - How much of a leaf stands in registers -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A register tile is a few vectors along one parallel loop times a few points
// along another: as many results as there is room for, so that each element
// that is loaded takes part in many operations. The vectors run along the loop
// along which the output is contiguous; where there is none (the first column
// of a result with channels first) and sums are long, along one that gives the
// least work.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_LIB_TRANSFORMS_LEAVES_REGISTERTILE_H
#define LOOPTREE_LIB_TRANSFORMS_LEAVES_REGISTERTILE_H

#include "Leaf.h"

namespace looptree::leaves {

/// What the machine has.
struct Registers {
  int64_t bits = 512; ///< Of a vector.
  int64_t count = 32;
};

/// Equal steps over part of a loop.
struct Span {
  /// kDynamic: where the span before ends.
  int64_t begin = 0;
  /// kDynamic: as many whole steps as the loop's extent has.
  int64_t end = 0;
  int64_t step = 1;
  /// Along the vectors: the elements of each vector of a step. One of fewer
  /// than the lanes of its type is masked. Empty: scalars.
  llvm::SmallVector<int64_t> widths;
};

struct RegisterTile {
  std::optional<unsigned> along;  ///< Loop of the vectors; none: scalars.
  std::optional<unsigned> across; ///< The other loop; none: one point.
  llvm::SmallVector<Span> vectors, points; ///< Of these loops.
  /// The one of the two, if any, that goes around all other loops: it chooses
  /// the part of an operand, a filter, which everything else reads again.
  std::optional<unsigned> outermost;
};

/// Lanes of the vector type for `width` elements.
int64_t lanesFor(int64_t width);

RegisterTile chooseTile(const Leaf &leaf, const Registers &registers);

} // namespace looptree::leaves

#endif // LOOPTREE_LIB_TRANSFORMS_LEAVES_REGISTERTILE_H

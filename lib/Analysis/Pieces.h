//===- Pieces.h - Boxes of ops cut at tensor borders --------- -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A box of ops near a border reads partly outside a tensor. Cut into boxes,
// every read of each is inside or outside as a whole.
//
// Worked example: 8 columns of a 3-wide padded convolution are column 0 with
// taps 1..2, columns 1..6 with all taps, column 7 with taps 0..1, and the two
// ops that read the padding.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_ANALYSIS_PIECES_H
#define LOOPTREE_ANALYSIS_PIECES_H

#include "BoxSet.h"
#include "looptree/Workload/Workload.h"

namespace looptree {

struct Piece {
  std::vector<Run> ops;
  std::vector<bool> isOutside; ///< Per read of the einsum.
};

/// Cuts a box of ops for all reads but inits, or for the given read alone.
std::vector<Piece> cutAtBorders(std::span<const Run> ops, const Einsum &einsum,
                                const Workload &workload,
                                unsigned onlyRead = ~0u);

} // namespace looptree

#endif // LOOPTREE_ANALYSIS_PIECES_H

//===- OperandChanges.h - What compute holds ----------------- -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Compute holds one element per access and einsum. Walking a set of ops in
// lexicographic order of the ranks, an access is served each time its element
// differs from the one held; ops whose element lies outside the tensor leave
// it alone. The count is found without walking: along a rank whose every value
// sees the same pattern of elements inside and outside the shape, the pattern
// is counted once and joined to itself.
//
// Worked example: B4 = A5 * W2 (p outer, r inner). A[p + r] walks
// 0 1 1 2 2 3 3 4: five elements are fetched.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_ANALYSIS_OPERANDCHANGES_H
#define LOOPTREE_ANALYSIS_OPERANDCHANGES_H

#include "BoxSet.h"
#include "looptree/Workload/Workload.h"

namespace looptree {

/// The walk of one access over a set of ops.
struct OperandWalk {
  /// Times the element changes, the first one included; 0 when no op touches
  /// the tensor.
  int64_t changes = 0;
  Coords first, last; ///< Coordinates, when changes > 0.
};

/// The caller guarantees that |ops| fits in 64 bit.
OperandWalk walkOperand(const BoxSet &ops, const Access &access,
                        const Tensor &tensor);

/// Some instances that run the same ops, counted from the corners of their
/// tiles, after holding the same element.
struct WalkerClass {
  const BoxSet *ops;
  std::optional<Coords> held; ///< None: nothing.
};

struct SharedWalk {
  /// Steps at which at least one class takes another element.
  int64_t changes = 0;
  /// Per class: the element held at the end.
  std::vector<std::optional<Coords>> last;
};

/// The walk of classes in lock step, all with the same element at the same op:
/// step by step, what one takes serves all.
SharedWalk walkTogether(std::span<const WalkerClass> classes,
                        const Access &access, const Tensor &tensor);

} // namespace looptree

#endif // LOOPTREE_ANALYSIS_OPERANDCHANGES_H

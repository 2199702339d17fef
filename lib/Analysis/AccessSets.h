//===- AccessSets.h - Between ops and elements --------------- -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Between ops and elements: the elements that a set of ops touches through an
// access, and the ops that write a set of elements.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_ANALYSIS_ACCESSSETS_H
#define LOOPTREE_ANALYSIS_ACCESSSETS_H

#include "BoxSet.h"
#include "looptree/Workload/Workload.h"

namespace looptree {

/// All ops of an einsum.
BoxSet allOps(const Einsum &einsum);

/// Ranks that the einsum's write does not use: every op along them adds to the
/// same element.
std::vector<RankId> reductionRanks(const Einsum &einsum);

/// The ops of `ops` at which every one of `ranks` has the given value.
BoxSet opsAt(const BoxSet &ops, std::span<const RankId> ranks, int64_t value);

/// The elements inside `tensor` that `ops` touch through `access`. An init
/// read must be given only the ops that take it (see opsAt).
BoxSet elementsOf(const BoxSet &ops, const Access &access,
                  const Tensor &tensor);

/// Appends the product of one set of one dimension per dimension.
void appendProduct(const std::vector<BoxSet> &factors, BoxSet &out);

/// All ops of `einsum` that write one of `elements`.
BoxSet opsWriting(const BoxSet &elements, const Einsum &einsum);

} // namespace looptree

#endif // LOOPTREE_ANALYSIS_ACCESSSETS_H

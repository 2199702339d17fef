//===- RankLengths.h - How far visits reach ---------------------*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a visit runs of each rank, from above: its loops' steps, and of a
// producer what its one reader takes.
//
// Worked example: `for p step 4` over B[p] = A[p + r] with r = 3 lets A's
// producer run 6 values of the rank that A has.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_EXPLORER_RANKLENGTHS_H
#define LOOPTREE_EXPLORER_RANKLENGTHS_H

#include "looptree/Workload/Workload.h"

#include <optional>
#include <vector>

namespace looptree {

/// Upper bounds of what one visit runs, per einsum and rank.
using RankLengths = std::vector<std::vector<int64_t>>;

/// Where nothing is tiled.
RankLengths fullLengths(const Workload &set);

/// The einsum that alone reads what another one makes, in one access, where
/// that is no output. Several reads may be apart from each other, with a box
/// around them.
std::optional<EinsumId> onlyReaderOf(const Workload &set, EinsumId producer);

/// Lets a producer make no more than its only reader takes.
void narrowToReader(const Workload &set, EinsumId producer, EinsumId reader,
                    RankLengths &lengths);

} // namespace looptree

#endif // LOOPTREE_EXPLORER_RANKLENGTHS_H

//===- SplitTree.h - Trees of splits with loops above each ---- -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The mappings of the tiers S1 to S3 of docs/Explorer.md: a chain of loops,
// then a split into runs of consecutive einsums, each a chain again, down to
// single einsums. Where tensors are kept is said apart from that.
//
// Worked example, two stages of which the second holds two einsums:
//
//     chain 0, einsums 0..2: for p of e2 step 4; pipeline of chains 1 and 2
//     chain 1, einsum 0
//     chain 2, einsums 1..2: for q of e2 step 2; sequential of 3 and 4
//     chain 3, einsum 1
//     chain 4, einsum 2
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_LIB_EXPLORER_SPLITTREE_H
#define LOOPTREE_LIB_EXPLORER_SPLITTREE_H

#include "RankLengths.h"
#include "looptree/Mapping/MapSpace.h"
#include "looptree/Mapping/Mapping.h"

#include <functional>
#include <span>

namespace looptree {

/// Loops above a split, or above the compute of one einsum.
struct Chain {
  EinsumId first = 0, end = 0;    ///< Einsums below: first to end - 1.
  int parent = -1;                ///< The chain whose split it is a branch of.
  std::vector<unsigned> branches; ///< None above a compute.
  bool isPipeline = false;
  std::vector<For> loops;         ///< Outermost first.
  std::vector<SpatialFor> spread; ///< Directly above a compute.

  bool holds(EinsumId e) const { return first <= e && e < end; }
};

/// A tensor retained on chip.
struct Kept {
  TensorId tensor = 0;
  unsigned chain = 0, depth = 0; ///< Below so many of the chain's loops.
  LevelId level = 1;
  bool noReuse = false;
};

/// Whether a chain with these loops may have one more over a rank: in S3 a rank
/// stands in a chain twice.
bool mayRepeat(MapTier tier, std::span<const For> loops, RankId rank);
/// The least step of the loops over a rank, or `length`.
int64_t shortest(std::span<const For> loops, RankId rank, int64_t length);

/// Chains, the root first, each before its branches.
using SplitTree = std::vector<Chain>;

/// Calls `use` with every shape of the tier, without loops, until it returns
/// false: flat ones first, then those with fewer branches. The tree is valid
/// during the call. `mustStop` is asked where there are shapes that no
/// architecture of so many instances runs. At most 64 einsums.
void forEachShape(const Workload &set, const Arch &arch,
                  const TrunkSpace &space, MapTier tier,
                  const std::function<bool(SplitTree &)> &use,
                  const std::function<bool()> &mustStop);

/// `isOutside`: backed at the outermost level, per tensor.
Mapping mappingOf(const Workload &set, const SplitTree &tree,
                  std::span<const Kept> kept,
                  const std::vector<bool> &isOutside);

/// The steps of a mapping's loops in preorder.
void addSteps(const SplitTree &tree, unsigned chain,
              std::vector<int64_t> &steps);

/// Upper bounds of what one entry of each chain runs of an einsum's rank:
/// [chain][einsum][rank].
using ChainLengths = std::vector<RankLengths>;
ChainLengths longestEntries(const Workload &set, const SplitTree &tree);

/// Bits that each level needs at least. A buffer directly above a `sequential`
/// counts in the branches from its first user to its last, any other one in its
/// whole chain. `bits` are those of `kept`.
std::vector<int64_t> leastCapacities(const Workload &set, const Arch &arch,
                                     const SplitTree &tree,
                                     std::span<const Kept> kept,
                                     std::span<const int64_t> bits);

} // namespace looptree

#endif // LOOPTREE_LIB_EXPLORER_SPLITTREE_H

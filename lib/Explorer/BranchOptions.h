//===- BranchOptions.h - Streaming operands past an einsum -- -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A branch runs one einsum over the box its split gives it. Operands that the
// trunk does not hold come from the outermost level during each visit: in
// pieces, past up to two loops of the branch, or element by element.
//
// Worked example: a 3x3 convolution with its input and output held by the trunk
// and its weights not: `for m step 1 { retain W; compute }` holds one filter at
// a time and reads every weight once a visit.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_EXPLORER_BRANCHOPTIONS_H
#define LOOPTREE_EXPLORER_BRANCHOPTIONS_H

#include "Costs.h"
#include "Ingredients.h"
#include "LeafMaps.h"
#include "TileModel.h"

#include <array>
#include <map>
#include <string>
#include <unordered_map>

namespace looptree {

/// Where tensors live: each has one level on chip, the outermost that holds it
/// or the one that the space says, or none.
struct Homes {
  Homes(const Workload &set, const Arch &arch, const TrunkSpace &space);
  std::vector<int> slot;         ///< Per tensor, -1 without a level.
  std::vector<LevelId> level;    ///< Per slot.
  std::vector<int64_t> capacity; ///< Bits per slot.
  std::vector<int64_t> copies;   ///< 2 where double buffered.
  LevelId levelOf(TensorId t) const { return slot[t] < 0 ? 0 : level[slot[t]]; }
  LevelId innermost() const;
};

/// Bits per slot; there are at most as many slots as roles.
using SlotBits = std::array<double, 4>;

struct BranchOption {
  std::vector<TrunkLoop> loops; ///< Over the einsum's own ranks.
  LeafMap leaf;                 ///< Below them.
  /// Operands retained below that many of the loops; the other streamed ones
  /// are read by compute from the outermost level.
  std::vector<std::pair<unsigned, unsigned>> retained;
  SlotBits bits{};
  Spent spent; ///< Moves of all operands of the einsum, and its ops.
};

/// A map of a leaf and how many instances share its work.
struct LeafChoice {
  LeafMap map;
  double sharing = 1;
};
/// A structure and the numbers of a tile.
using LeafKey = std::pair<size_t, std::vector<int64_t>>;
using KnownLeaves = std::map<LeafKey, LeafChoice>;

/// Reads in order, then the write.
const Access &operandOf(const Einsum &einsum, unsigned operand);

/// Finds the options of a branch that no other one beats in both bits and
/// price, by price. Einsums of one structure in tiles of one shape have the
/// same options, whatever set and trunk they belong to; these are found once.
class BranchOptions {
public:
  explicit BranchOptions(Ingredients with = {}) : with(with) {}

  /// The number of an einsum's structure: everything of it and its tensors that
  /// options depend on, but names.
  size_t structureNumber(const Workload &set, EinsumId einsum,
                         const Homes &homes);

  /// Bit i of `streamed` stands for operand i of the einsum, bit r of
  /// `loopable` for rank r, which loops may be over; ranks from 64 on may be
  /// where all may.
  const std::vector<BranchOption> &
  of(const TileModel &tiles, const Workload &set, EinsumId einsum,
     size_t structure, unsigned streamed, uint64_t loopable, const Homes &homes,
     const Prices &prices, const LeafMaps &leaves);

  /// The map of the leaf of an option, where prices do not depend on it.
  void addLeaf(const TileModel &tiles, const Workload &set, EinsumId einsum,
               size_t structure, unsigned streamed, const Homes &homes,
               const Prices &prices, const LeafMaps &leaves,
               BranchOption &option);

private:
  /// All that the options of an einsum depend on.
  using Key = std::vector<double>;
  struct KeyHash {
    size_t operator()(const Key &key) const;
  };
  void setKey(const TileModel &tiles, const Workload &set, EinsumId einsum,
              size_t structure, unsigned streamed, uint64_t loopable);

  Ingredients with;
  std::map<std::string, size_t> structures;
  KnownLeaves knownLeaves;
  std::unordered_map<Key, std::vector<BranchOption>, KeyHash> known;
  Key key; ///< Kept for their memory.
  std::vector<Axis> box;
};

/// Steps for a loop over `extent`: the least for every tile count of a list
/// that grows by about a third to a half, and 1.
std::vector<int64_t> stepsFor(int64_t extent, bool dense);

} // namespace looptree

#endif // LOOPTREE_EXPLORER_BRANCHOPTIONS_H

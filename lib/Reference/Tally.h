//===- Tally.h - What the last walk saw ----------------------- -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Ops run, sizes of windows and where they lie, instances used. Memory.h counts
// accesses.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_LIB_REFERENCE_TALLY_H
#define LOOPTREE_LIB_REFERENCE_TALLY_H

#include "Memory.h"

#include <map>

namespace looptree::reference {

class Tally {
public:
  Tally(const Workload &workload, const Tree &tree,
        const std::vector<OpSpace> &spaces, Convention convention);

  /// Control enters a retain with this window, before anything moves.
  void opensWindow(SlotId slot, InstanceId instance,
                   std::span<const Used> window, Memory &memory);
  /// A buffer above a pipeline holds these elements for the jobs in flight.
  void holds(SlotId slot, const std::vector<Element> &elements);
  void runs(EinsumId einsum, int64_t op) {
    ++opCounts[einsum];
    if (!seen[einsum][size_t(op)]) {
      seen[einsum][size_t(op)] = true;
      ++distinctOps[einsum];
    }
  }
  /// Iteration `index` of a spatial loop is entered.
  void spreads(NodeId loop, uint64_t index) {
    spread[loop] = std::max(spread[loop], index + 1);
  }

  int64_t ops(EinsumId einsum) const { return opCounts[einsum]; }
  int64_t distinct(EinsumId einsum) const { return distinctOps[einsum]; }
  /// The largest window, or what is held for the jobs in flight.
  int64_t size(SlotId slot) const { return sizes[slot]; }
  /// The most frequent size of a window that is not empty, 0 without any.
  int64_t steadySize(SlotId slot) const;
  int64_t footprint(SlotId slot) const { return footprints[slot]; }
  /// The highest index of a spatial loop that was entered, plus one.
  uint64_t spreadOf(NodeId loop) const { return spread[loop]; }

  /// Whether a buffer lives only from the first to the last branch that uses
  /// it, of the `sequential` directly below.
  bool isPassing(SlotId slot) const;

private:
  template <typename Elements>
  int64_t boxAround(TensorId tensor, const Elements &elements) const;
  /// Only retains stand between the slot's node and a `sequential`.
  bool isAboveSequential(SlotId slot) const;

  const Workload &w;
  const Tree &tree;
  const bool isV1;
  std::vector<int64_t> opCounts, distinctOps;           ///< Per einsum.
  std::vector<std::vector<bool>> seen;                  ///< Per einsum, op.
  std::vector<int64_t> sizes, footprints;               ///< Per slot.
  std::vector<std::map<int64_t, int64_t>> visitsBySize; ///< Per slot.
  /// Per slot: some visit needs, or leaves standing, what an earlier one left.
  std::vector<bool> isLasting;
  std::vector<uint64_t> spread; ///< Per node.
};

/// Bits of each level that the mapping needs, of one instance (§4), and a level
/// where they exceed 64 bit.
struct CapacityNeeds {
  std::vector<int64_t> bits;
  std::optional<LevelId> overflowed;
};
/// `bits` are those of each slot's buffer.
CapacityNeeds capacityPerLevel(const Arch &arch, const Tree &tree,
                               const Tally &tally,
                               const std::vector<int64_t> &bits);

/// Instances that the mapping occupies.
struct Occupied {
  std::vector<int64_t> fanouts; ///< Per dimension, on one path.
  int64_t compute = 1;
};
/// Nothing when a product exceeds 64 bit.
std::optional<Occupied> occupiedInstances(const Arch &arch, const Tree &tree,
                                          const Tally &tally);

} // namespace looptree::reference

#endif // LOOPTREE_LIB_REFERENCE_TALLY_H

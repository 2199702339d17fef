//===- Transfers.h - What moves between buffers -------------- -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Data movement (docs/CostModel.md, sections 3 and 5): walks the visits in
// order of execution, keeps the contents of every buffer as a set, and counts
// what enters and leaves.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_ANALYSIS_TRANSFERS_H
#define LOOPTREE_ANALYSIS_TRANSFERS_H

#include "Memory.h"
#include "TileShapes.h"

#include "looptree/Cost/NodeCost.h"

namespace looptree {

struct BufferUse {
  std::vector<Traffic> byEinsum; ///< Per einsum of the workload.
  int64_t peak = 0;              ///< Elements of the largest window.
  int64_t steady = 0, footprint = 0;
  bool receivesPartial = false;
  /// Lives only from the first branch of the `sequential` below it that uses
  /// it to the last.
  bool livesInBranches = false;
};

/// Bits moved by the busiest instance of a level, per kind of port.
struct LevelUse {
  int64_t readBits = 0, writeBits = 0, bits = 0;
};

struct Transfers {
  std::vector<BufferUse> buffers; ///< As Plan::Impl::buffers.
  std::vector<int64_t> ops;       ///< Executed, per einsum.
  int64_t computeCycles = 0;
  /// Of the pipeline that ends the root's chain, else 0.
  int64_t fillCycles = 0, drainCycles = 0;
  std::vector<NodeCost> nodes;     ///< Per node.
  std::vector<LevelUse> busiest;   ///< Per level.
  std::vector<int64_t> spatialUse; ///< As VisitTree::spatialUse.
  bool foldFailed = false;         ///< A condition of a fold does not hold.
  /// An einsum whose instances do not stand for others after all; nothing else
  /// has a meaning then.
  std::optional<EinsumId> apart;
};

class Recorder;

/// `unfolded` is the workload that `plan` was folded from. `recorder`, where
/// not null, is told what happens; then nothing may be folded.
Result<Transfers> countTransfers(const Plan::Impl &plan, const VisitTree &tree,
                                 const Folding &folding,
                                 const Workload &unfolded,
                                 Recorder *recorder = nullptr);

/// Of a plan as compiled: tiles together where that is exact, else tile by
/// tile.
Result<Transfers> countTransfers(const Plan::Impl &plan,
                                 std::span<const int64_t> steps);

} // namespace looptree

#endif // LOOPTREE_ANALYSIS_TRANSFERS_H

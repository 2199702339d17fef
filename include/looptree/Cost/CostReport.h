//===- CostReport.h - What a mapping costs -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The numbers of docs/CostModel.md, sections 4 to 7, with units in the names.
// The closed-form analysis and the simulator both fill this struct, and two
// reports of one candidate must be equal (energies up to rounding).
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_COST_COSTREPORT_H
#define LOOPTREE_COST_COSTREPORT_H

#include "looptree/Arch/Arch.h"
#include "looptree/Cost/Convention.h"
#include "looptree/Workload/Workload.h"

#include <string>
#include <variant>
#include <vector>

namespace looptree {

/// Counts up when a number may come out differently than before for the same
/// candidate and convention.
inline constexpr int64_t modelVersion = 1;

/// One row for each (level, tensor, einsum) with any count not 0, sorted by
/// level, tensor name, einsum name. Counts are elements.
struct AccessRow {
  LevelId level = 0;
  TensorId tensor = 0;
  EinsumId einsum = 0;
  int64_t reads = 0, writes = 0, fills = 0, drains = 0;
  int64_t readBits = 0, writeBits = 0;
  double energyPj = 0;
  friend bool operator==(const AccessRow &, const AccessRow &) = default;
};

/// One buffer: a tensor of one retain node. In preorder of the nodes, then in
/// the order of the retain's tensors. What it moves, for all einsums together:
/// the buffers of a tensor at a level add up to its AccessRows there.
struct BufferRow {
  unsigned node = 0; ///< Preorder number of the retain node, root = 0.
  LevelId level = 0;
  TensorId tensor = 0;
  int64_t elements = 0; ///< The largest |W|.
  int64_t bits = 0;
  int64_t steady = 0;    ///< The most frequent |W| over non-empty visits.
  int64_t footprint = 0; ///< Elements of the smallest addressable lattice box
                         ///< around a window, the largest over the visits.
  int64_t reads = 0, writes = 0, fills = 0, drains = 0;
  int64_t readBits = 0, writeBits = 0;
  friend bool operator==(const BufferRow &, const BufferRow &) = default;
};

struct OverCapacity {
  LevelId level = 0;
  int64_t bits = 0, excess = 0;
  friend bool operator==(const OverCapacity &, const OverCapacity &) = default;
};
struct OverFanOut {
  unsigned fanout = 0;
  int64_t instances = 0, excess = 0;
  friend bool operator==(const OverFanOut &, const OverFanOut &) = default;
};
struct OverCompute {
  int64_t excess = 0;
  friend bool operator==(const OverCompute &, const OverCompute &) = default;
};
using Problem = std::variant<OverCapacity, OverFanOut, OverCompute>;

struct ElementsAndBits {
  int64_t elements = 0, bits = 0;
  friend bool operator==(const ElementsAndBits &,
                         const ElementsAndBits &) = default;
};

struct CostReport {
  Convention convention = Convention::Exact;
  /// A mapping with problems has all its numbers, and is not valid.
  std::vector<Problem> problems;
  bool valid() const { return problems.empty(); }

  /// Per einsum: ops executed, ops executed again, ops never executed.
  std::vector<int64_t> ops, recompute, notNeeded;
  std::vector<AccessRow> accesses;
  std::vector<BufferRow> buffers;
  std::vector<int64_t> capacityBits; ///< Per level, of one instance.

  ElementsAndBits offChip; ///< Reads plus writes at the outermost level.
  ElementsAndBits algorithmicMinimum;

  int64_t computeCycles = 0;
  std::vector<int64_t> memoryCycles; ///< Per level.
  int64_t latencyCycles = 0;         ///< max(compute, every level).
  /// What bounds the latency: none means compute.
  std::optional<LevelId> boundBy;
  double utilisation = 0;
  int64_t fillCycles = 0, drainCycles = 0;

  std::vector<double> levelEnergyPj; ///< Per level.
  double computeEnergyPj = 0;
  double leakageEnergyPj = 0;
  double energyPj = 0;
};

} // namespace looptree

#endif // LOOPTREE_COST_COSTREPORT_H

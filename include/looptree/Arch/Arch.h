//===- Arch.h - Memory levels, fan-out dimensions and compute -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An architecture is an ordered list of memory levels, outermost (DRAM) first,
// then compute. Absent optionals mean unbounded (capacity, bandwidth, rate).
//
// Worked example, a DRAM, a 128 KiB buffer and one multiplier:
//
//     Arch arch;
//     arch.name = "edge";
//     arch.levels.resize(2);
//     arch.levels[0].name = "DRAM";
//     arch.levels[1].name = "GLB";
//     arch.levels[1].capacityBits = 1048576;
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_ARCH_ARCH_H
#define LOOPTREE_ARCH_ARCH_H

#include "looptree/Support/Rational.h"
#include "looptree/Workload/Workload.h"

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace looptree {

/// Position in Arch::levels; 0 is the outermost.
using LevelId = unsigned;

/// What a level may be restricted to hold (Level::holds).
enum class TensorRole { Input, Weight, Intermediate, Output };

/// Weight for a tensor marked as such, else its kind.
TensorRole roleOf(const Tensor &tensor);

struct Level {
  std::string name;
  std::optional<int64_t> capacityBits; ///< Per instance.
  double readPjPerBit = 0;
  double writePjPerBit = 0;
  /// Width of one access, where energies come per access. Only the convention
  /// looptree-v1 asks for it: it counts one access for each element.
  std::optional<int64_t> accessBits;
  /// Bits per cycle per instance, one limit per port kind.
  std::optional<Rational> readBitsPerCycle;
  std::optional<Rational> writeBitsPerCycle;
  std::optional<Rational> sharedBitsPerCycle; ///< Reads plus writes.
  double leakagePjPerCycle = 0;               ///< Per instance.
  bool multicast = true; ///< The network below can serve several instances
                         ///< with one read.
  bool reduce = true;    ///< The network below can add parts into one write.
  bool doubleBuffered = false; ///< Buffers that have a parent count twice.
  /// Roles this level holds; every role when absent.
  std::optional<std::vector<TensorRole>> holds;

  bool canHold(const Tensor &tensor) const;
  friend bool operator==(const Level &, const Level &) = default;
};

/// Levels further in than `below`, and compute, have one instance per index.
struct FanOut {
  std::string name;
  int64_t size = 1;
  LevelId below = 0; ///< The level that the dimension lies directly below.

  friend bool operator==(const FanOut &, const FanOut &) = default;
};

/// Rate and energy of one kind of einsum.
struct OpCost {
  std::optional<Rational> opsPerCycle = Rational{1, 1}; ///< Per instance;
                                                        ///< absent: no time.
  double pjPerOp = 0;

  friend bool operator==(const OpCost &, const OpCost &) = default;
};

struct Compute {
  std::array<OpCost, 3> kinds; ///< Indexed by EinsumKind.
  double leakagePjPerCycle = 0;
  double clockHz = 1e9;

  const OpCost &of(EinsumKind kind) const { return kinds[unsigned(kind)]; }
  friend bool operator==(const Compute &, const Compute &) = default;
};

struct Arch {
  std::string name;
  std::vector<Level> levels; ///< Outermost first, at least one.
  std::vector<FanOut> fanouts;
  Compute compute;

  std::optional<LevelId> findLevel(std::string_view levelName) const;
  /// Instances of a level, and of compute: products of fan-out sizes.
  int64_t instances(LevelId level) const;
  int64_t computeInstances() const;

  /// Why this is not an architecture, or nothing: at least one level, unique
  /// names, sizes and rates > 0, energies >= 0, fan-outs below known levels.
  std::optional<Error> check() const;

  friend bool operator==(const Arch &, const Arch &) = default;
};

} // namespace looptree

#endif // LOOPTREE_ARCH_ARCH_H

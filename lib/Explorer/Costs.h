//===- Costs.h - What the search pays for a move ------------ -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An objective as prices: so much for a bit read or written at a level, so much
// for an op. What is not a sum (latency, edp) is scored from the sums.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_EXPLORER_COSTS_H
#define LOOPTREE_EXPLORER_COSTS_H

#include "looptree/Explorer/Network.h"

namespace looptree {

/// Estimated cost: what the prices add up to, and off-chip bits.
struct Spent {
  double price = 0, offChip = 0, cycles = 0;
  Spent &operator+=(const Spent &other) {
    price += other.price;
    offChip += other.offChip;
    cycles += other.cycles;
    return *this;
  }
};

class Prices {
public:
  Prices(const Arch &arch, Objective objective);

  Spent read(LevelId level, double bits) const {
    return {bits * readPrice[level], level == 0 ? bits : 0, 0};
  }
  Spent write(LevelId level, double bits) const {
    return {bits * writePrice[level], level == 0 ? bits : 0, 0};
  }
  /// Of so many ops, that many at a time.
  Spent ops(EinsumKind kind, double count, double instances) const;
  /// Whether more than a tie depends on how leaves are mapped.
  bool dependOnLeaves() const { return objective != Objective::OffChipBits; }
  /// Share of the most instances possible that a leaf's map must use.
  double leastSharing() const {
    return objective == Objective::Latency       ? 1
           : objective == Objective::OffChipBits ? 0.75
                                                 : 0;
  }
  /// By what maps of one leaf are compared.
  double leafScore(const Spent &spent) const;
  /// What the objective comes to.
  double score(const Spent &spent) const;

private:
  std::vector<double> readPrice, writePrice;
  std::array<double, 3> opPrice, cyclesPerOp;
  double cyclesPerBit = 0; ///< Off chip.
  double cyclePrice = 0;
  Objective objective;
};

} // namespace looptree

#endif // LOOPTREE_EXPLORER_COSTS_H

//===- BoxCosts.h - The cost of a tree of boxes -------------- -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Puts the sides of boxes together to the numbers of a report.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_ANALYSIS_BOXCOSTS_H
#define LOOPTREE_ANALYSIS_BOXCOSTS_H

#include "BoxPipeline.h"
#include "BoxTiles.h"
#include "Checked.h"

namespace looptree {

/// Evaluates step vectors of one plan after another; keeps its memory.
class BoxCosts {
public:
  /// False, with `report` in any state, when the steps need the general way:
  /// sets that are not boxes, or counts beyond 64 bit.
  bool run(const Plan::Impl &plan, const BoxPlan &boxes,
           std::span<const int64_t> steps, CostReport &report);

private:
  struct Use {
    int64_t peak = 0, steady = 0, footprint = 0;
    /// Elements that come in, begun below or filled, over all visits.
    int64_t entering = 0;
    bool livesInBranches = false;
    bool receivesPartial = false;
  };
  struct Moved {
    int64_t reads = 0, writes = 0, fills = 0, drains = 0;
    /// Of elements whose ops have not all run.
    int64_t partialReads = 0, partialWrites = 0;
  };

  /// A window: the elements of an access that move with some loops, below
  /// `depth` of them.
  struct Window {
    unsigned access;
    std::span<const unsigned> loops;   ///< The nest.
    std::span<const unsigned> singles; ///< Positions in it.
    std::span<const BoxAxis> axes;
    unsigned depth;
    int64_t still; ///< Elements along the dimensions that none of them moves.
  };
  Window windowOf(BufferId b) const;
  /// Whether what is in a branch for an access ends when control leaves it.
  bool isLost(const BoxAccess &access) const {
    return boxes->branches > 1 && (!boxes->isPipeline || access.leavesBranch);
  }
  /// Whether that may depend on which branches are entered.
  bool mayBeLost(const BoxAccess &access) const {
    return isLost(access) && !access.leavesBranch && !tiles.alwaysEntered();
  }
  int64_t sumKept(const Window &window, unsigned from, unsigned to);
  int64_t repeatedVisits(unsigned access, unsigned from, unsigned to);
  int64_t made(TensorId t);
  void countPartial(BufferId b, size_t user, int64_t fills, int64_t drains);
  bool measureBuffer(BufferId b);
  bool findSteady(const Window &window, int64_t fixed, int64_t &steady);
  bool countBuffer(BufferId b);
  bool countOperand(unsigned access);
  bool countCycles(int64_t &cycles);
  void reportBuffers();
  void reportCapacity();
  void reportInstances();
  void reportAccesses();
  void reportLatency();
  void reportEnergy();
  int64_t cyclesFor(int64_t bits, const std::optional<Rational> &rate);

  const Plan::Impl *plan = nullptr;
  const BoxPlan *boxes = nullptr;
  CostReport *report = nullptr;
  BoxTiles tiles;
  BoxPipeline pipeline;
  Checked count;
  std::vector<Moved> rows;
  std::vector<Use> uses;
  std::vector<SideCount> products, factors;
  std::vector<int64_t> branchBits;
  std::vector<int64_t> fanoutUse, fanoutOfBranch;
  std::vector<int64_t> readBits, writeBits; ///< Per level.
};

} // namespace looptree

#endif // LOOPTREE_ANALYSIS_BOXCOSTS_H

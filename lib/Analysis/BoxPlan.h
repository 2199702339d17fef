//===- BoxPlan.h - Trees whose sets are boxes ---------------- -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One trunk of loops over different ranks of one head, with a split below it
// (or none), has tiles, windows and Make sets that are boxes whose every side
// depends on the index of one loop alone. A sum over tiles of a product of
// sides is then a product of sums, one for each loop, and each of those has few
// different terms: the cost of a step vector follows without visiting tiles.
//
// Worked example: 3x3 convolutions B <- A, `p` then `q` on the trunk, A
// retained between them. A is made at tile (i, j) in the box
// (P(i) - P(i-1)) x (Q(j) - Q(j-1)), P and Q being what B reads of A along each
// dimension; the ops of A's einsum are 9 * (sum over i) * (sum over j).
//
// The conditions are checked, at compile time for the tree and at evaluation
// for the steps; where one does not hold, the general way is taken.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_ANALYSIS_BOXPLAN_H
#define LOOPTREE_ANALYSIS_BOXPLAN_H

#include "PlanImpl.h"

#include <algorithm>

namespace looptree {

constexpr unsigned kMaxBoxLoops = 20;
/// Tiles of a loop that are looked at one by one; a bit each.
constexpr unsigned kMaxEntries = 64;
/// Loops that move one dimension.
constexpr unsigned kMaxDividers = 4;

/// A loop of the trunk or of a branch.
struct BoxLoop {
  bool hasTiles = true; ///< Not one that divides what the trunk moves.
  unsigned step = 0;    ///< Position in the step vector.
  EinsumId einsum = 0;
  RankId rank = 0;
  int64_t lo = 0, extent = 1; ///< What it divides.
  unsigned fanout = kNone;    ///< Of a spatial loop.
  /// How far the tiles at the beginning and at the end must be from the ends of
  /// the rank for every access to stay inside its tensor.
  int64_t behind = 0, ahead = 0;
  unsigned streams = 0; ///< Ranks and dimensions that it moves.
};

struct BoxRank {
  unsigned loop = kNone;       ///< The loop of the trunk that moves it.
  unsigned branchLoop = kNone; ///< The loop of the branch that divides it.
  Run fixed;                   ///< Its values, when the trunk does not move it.
  int64_t scale = 1;           ///< Values per value of the loop's rank.
  unsigned runs = 0;           ///< Of BoxLoop::streams, when a loop does.
  unsigned movedBy() const { return loop != kNone ? loop : branchLoop; }
};

/// A dimension of an access.
struct BoxDim {
  unsigned loop = kNone;       ///< The loop of the trunk that moves it.
  unsigned branchLoop = kNone; ///< Else the one loop of the branch that does.
  bool inAxis = false;         ///< Several loops move it, see BoxAxis.
  /// Its elements inside the shape, when the trunk does not move it.
  Run fixed;
  /// The constant and the ranks that stay, which the moving ranks add to.
  Run base;
  std::vector<LinearExpr::Term> moving;
  LinearExpr all;
  int64_t fixedOps = 1; ///< Values of the ranks that stay.
  int64_t extent = 1;
  int64_t scale = 1;
  unsigned runs = 0;
  unsigned movedBy() const { return loop != kNone ? loop : branchLoop; }
};

/// Ops that touch the element of the op before: fewer changes in compute. Each
/// driven rank contributes a factor, by its place in the order of `compute`.
struct BoxRepeat {
  RankId rank = 0; ///< The one that advances; those deeper restart.
  /// Its dimension, where deeper ranks that move are in it, too: they must end
  /// where it leads to.
  int coupled = -1;
  enum class Factor : char { Count, CountLessOne, IsOne, One };
  int64_t constant = 0;
  std::vector<Factor> factors; ///< Per rank; One for those without a loop.
  /// What n values of a rank contribute.
  int64_t factor(RankId r, int64_t n) const {
    switch (factors[r]) {
    case Factor::Count:
      return n;
    case Factor::CountLessOne:
      return n - 1;
    case Factor::IsOne:
      return n == 1;
    case Factor::One:
      break;
    }
    return 1;
  }
};

/// What of an access moves with one loop; nearly always one dimension, by one
/// rank of its einsum.
struct BoxAlong {
  /// Nothing, a rank that the access does not use but that repeats it, a
  /// dimension by one rank, or more.
  enum class Kind : char { Nothing, Repeated, OneRank, General };
  Kind kind = Kind::Nothing;
  unsigned dim = 0;
  RankId rank = 0;
  int64_t coefficient = 1;
  /// The dimension is the rank plus one that stays, both without gaps.
  bool isPair = false;
};

/// Several loops of a nest that move one dimension of an access, or divide one
/// rank that the access does not use.
struct BoxAxis {
  struct Divider {
    unsigned loop, position; ///< In BoxPlan::loops, in the nest.
    bool isShared;           ///< See BoxAccess::shared.
    unsigned term;           ///< That it divides; a loop of the trunk: any.
  };
  struct Term {
    RankId rank;
    int64_t coefficient;
  };
  int dim = -1;
  std::vector<Divider> dividers; ///< From the outside in.
  std::vector<Term> terms;
  unsigned sides = 0;       ///< Position of its sides below 0, 1, ... dividers.
  std::vector<char> needed; ///< Which of those a buffer has.
  bool isSpread = false;    ///< One of the loops is spatial.
  unsigned countsBelow(unsigned depth) const {
    unsigned n = 0;
    while (n < dividers.size() && dividers[n].position < depth)
      ++n;
    return n;
  }
};

struct BoxAccess {
  EinsumId einsum = 0;
  unsigned operand = 0;
  unsigned row = 0; ///< Of its einsum at its innermost buffer.
  TensorId tensor = 0;
  bool isWrite = false;
  bool leavesBranch = false;     ///< Written for other branches to read.
  std::vector<RankId> initRanks; ///< That must be 0; of an init read.
  bool isInitRank(RankId r) const {
    return std::find(initRanks.begin(), initRanks.end(), r) != initRanks.end();
  }
  std::vector<BoxDim> dims;
  std::vector<std::vector<unsigned>> dimsOf; ///< Per loop.
  std::vector<BoxAlong> along;               ///< Per loop.
  std::vector<BoxAxis> axes;
  std::vector<unsigned> singles;  ///< Positions in the nest that no axis has.
  std::vector<unsigned> followed; ///< Loops to keep tiles for.
  /// Per loop: a spatial one whose instances all take the same element at the
  /// same step, which the network brings to all of them at once.
  std::vector<char> shared;
  /// Its windows are those of a buffer, or compute may hold their elements from
  /// visit to visit.
  bool needsSides = false;
  int64_t fixedSize = 1; ///< Elements along dimensions the trunk leaves alone.
  int64_t stillSize = 1; ///< The same of those that no loop moves.

  // Changes of the operand in compute over one box of ops.
  int64_t fixedWalk = 1;    ///< Factor of the ranks that no loop moves.
  std::vector<char> counts; ///< Per rank: whether its values multiply changes.
  std::vector<BoxRepeat> repeats;
  bool fixedClipped = false; ///< A dimension that stays leaves the shape.
  /// Where the access leaves the shape, elements might repeat as one of these
  /// advances.
  std::vector<RankId> unsafeClipped;
  bool mayRepeatVisit = true; ///< A visit might begin where one ended.
  /// All coefficients are 1: the first and the last op inside the shape touch
  /// the corners of what the visit touches (if the ranks have no gaps).
  bool hasUnitSteps = true;
  /// `repeats` holds where the ranks that move have no gaps.
  bool repeatsNeedDense = false;
};

struct BoxEinsum {
  bool isHead = false;
  std::vector<unsigned> nest;    ///< Loops of the trunk, then of its branch.
  std::vector<unsigned> spatial; ///< Those side by side.
  unsigned made = kNone;         ///< The intermediate that it writes.
  std::vector<BoxRank> ranks;
  std::vector<std::vector<RankId>> ranksOf; ///< Per loop.
  int64_t fixedOps = 1;                     ///< Ops along the ranks that stay.
  int64_t allOps = 1;
  std::vector<unsigned> reads; ///< Accesses.
  unsigned write = 0;
};

struct BoxTensor {
  std::vector<unsigned> uses; ///< Accesses that make its window on the trunk.
  bool hasWindow = false;     ///< One that depends on the steps.
  unsigned write = kNone;     ///< Access.
  /// Per dimension the rank that writes along it, kNone where none does.
  std::vector<RankId> writtenBy;
  int64_t written = 0; ///< Elements that all ops of the producer write.
};

struct BoxBuffer {
  unsigned depth = 0; ///< Loops above: of its nest, where it is in a branch.
  bool inBranch = false;
  unsigned access = kNone; ///< In a branch: whose window it holds.
  /// Loops whose advance empties it: those outside of a no_reuse.
  unsigned emptiedBy = 0;
  /// Above every loop: one window, whatever the steps.
  int64_t elements = 0, footprint = 0;
  std::vector<int64_t> taken; ///< Per user: elements no user before it touches.
  bool atSplit = false;       ///< Directly above a `sequential`.
  unsigned firstBranch = 0, lastBranch = 0;
  std::vector<unsigned> rows; ///< Per Buffer::users.
  std::vector<unsigned> parentRows;
  unsigned writer = kNone; ///< The user that writes the tensor.
};

struct BoxPlan {
  uint64_t id = 0;    ///< No other plan of the process has it.
  unsigned trunk = 0; ///< Loops of the trunk.
  std::vector<unsigned> trunkPositions; ///< 0, 1, ...
  std::vector<BoxLoop> loops;           ///< Those first.
  std::vector<BoxEinsum> einsums;       ///< As the workload's.
  std::vector<BoxAccess> accesses;
  std::vector<BoxTensor> tensors;
  std::vector<BoxBuffer> buffers; ///< As Plan::Impl::buffers.
  /// Positions in the step vector that are taken to be 1: loops around a
  /// compute, in its own order, that change nothing then.
  std::vector<unsigned> unitSteps;
  unsigned axisSides = 0;
  bool hasSplit = false, isPipeline = false;
  unsigned branches = 1;
  std::vector<unsigned> branchOf; ///< Per einsum.
  struct Row {
    LevelId level;
    TensorId tensor;
    EinsumId einsum;
    BufferId buffer;
    unsigned reported = 0; ///< Row of a report that has them all.
  };
  /// In the order of a report, whose row is the sum over the buffers.
  std::vector<Row> rows;
  double leakagePerCycle = 0;
  int64_t computeInstances = 1;
};

/// Completes a buffer whose place is known; `untiled`: per einsum, its ops.
/// False when its window is not that of one access.
bool describeBuffer(const Plan::Impl &plan, const std::vector<BoxSet> &untiled,
                    BufferId b, BoxPlan &boxes);
/// Fill the rows of a plan whose buffers and accesses are known, and what it
/// has of the architecture.
void orderRows(const Plan::Impl &plan, BoxPlan &boxes);
void summarizeArch(const Arch &arch, BoxPlan &boxes);

/// None when the tree is not of this kind. With `takeUnitSteps`, for the steps
/// that BoxPlan::unitSteps tells; none when there are no such loops.
std::shared_ptr<const BoxPlan> planBoxes(const Plan::Impl &plan,
                                         bool takeUnitSteps);

} // namespace looptree

#endif // LOOPTREE_ANALYSIS_BOXPLAN_H

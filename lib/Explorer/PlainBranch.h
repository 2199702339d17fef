//===- PlainBranch.h - Nests of a branch of a plain set ------- -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a branch moves for the tensors that the trunk leaves to it, in closed
// form. A nest is an order of loops with a step each; a tensor stands below
// some of them, or streams: compute takes it from the outermost level element
// by element. It comes in anew whenever a rank that it does not have advances
// outside of one that it has and that has several tiles there. So a rank
// matters in one of three ways: not looped, looped element by element, or
// looped in steps that trade space for transfers. Nests that are no better in
// any of these than another one are left out before any step is tried.
//
// Worked example: of a matmul C[m,n] = A[m,k] B[k,n] whose C the trunk holds, A
// and B are local. `for k step 1 { for n step t { retain B { compute } } }`
// holds t elements of B, each once a visit, and takes A ceil(n / t) times.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_EXPLORER_PLAINBRANCH_H
#define LOOPTREE_EXPLORER_PLAINBRANCH_H

#include "BranchTree.h"
#include "PlainSet.h"

#include <array>
#include <functional>
#include <map>

namespace looptree {

/// Tiles of a rank in the visits of its einsum: steps of the trunk's loop from
/// lo to hi, or lo = hi = extent where no loop tiles it.
struct RankTiles {
  int64_t extent = 1, lo = 1, hi = 1;
  bool isTiled = false;
  /// Visits that differ in this rank, at the largest step.
  int64_t visits() const { return isTiled ? (extent - 1) / hi + 1 : 1; }
};

/// Loops of the trunk in whose tiles but the first the head alone runs: no
/// other branch takes what it holds then.
struct SoloLoops {
  std::vector<unsigned> order; ///< The trunk's loops, by rank of the head.
  RankMask solo = 0;
};

struct BranchPoint {
  static constexpr unsigned kMaxSteps = 6;
  int64_t bits = 0;    ///< On chip.
  int64_t offChip = 0; ///< Bits over all visits that differ in ranks.
  int shape = 0;
  std::array<int64_t, kMaxSteps> steps{};
};

/// Ascending in bits, descending in offChip.
using BranchCurve = std::vector<BranchPoint>;

class PlainBranches {
public:
  /// A buffer with a parent counts `copies` times.
  PlainBranches(const Workload &set, const PlainSet &plain, int64_t copies)
      : set(set), plain(plain), copies(copies) {}

  /// No nest of a branch with the operands of `mask` local and these tiles per
  /// rank moves less off chip. `solo` is empty for other branches than the
  /// head's.
  int64_t least(EinsumId e, unsigned mask, const std::vector<RankTiles> &tiles,
                const SoloLoops &solo) const;
  /// Whether so many bits on chip and off chip are of no use to the caller.
  using IsBeaten = std::function<bool(int64_t bits, int64_t offChip)>;
  /// The best that such a branch can do, but for what is of no use. Unless
  /// `isExact`, for which tiles have one step each, no nest is below the curve
  /// for any steps of the trunk.
  BranchCurve curve(EinsumId e, unsigned mask,
                    const std::vector<RankTiles> &tiles, const SoloLoops &solo,
                    bool isExact, const IsBeaten &isBeaten);
  BranchNest nestOf(EinsumId e, unsigned mask, const BranchPoint &point);

private:
  /// Whether some rank has several tiles: with a loop in steps of 1 (or in
  /// compute) an extent above 1, with another loop one above its step, in
  /// compute below that a piece of several values.
  struct Guard {
    RankMask one = 0, stepped = 0, piece = 0;
    bool isEmpty() const { return !(one | stepped | piece); }
    bool implies(const Guard &other) const {
      return !(one & ~other.one) && !(stepped & ~(other.stepped | other.one)) &&
             !(piece & ~(other.piece | other.one));
    }
  };
  /// A rank that a tensor does not have, and when it brings it in again: once
  /// for each tile of its loop, or for each value.
  struct Repeat {
    unsigned rank;
    Guard tiles, values;
  };
  struct Term {
    bool isStreamed = false;
    RankMask ranks = 0, ones = 0, stepped = 0; ///< It has; of its loops.
    std::vector<Repeat> repeats;
    Guard moves; ///< Whether it holds different things during a visit.
    bool isBest(const Term &other) const;
  };
  struct Shape {
    std::vector<unsigned> order; ///< Ranks of the loops.
    RankMask ones = 0;           ///< Those in steps of 1.
    RankMask stepped = 0;
    std::vector<unsigned> free; ///< Those that have other steps.
    RankMask counted = 0;       ///< Of these: bring something in for each tile.
    RankMask pieces = 0;        ///< Of these: move something in pieces.
    bool isBest(const Shape &other) const;
    std::vector<int> positions; ///< Per local tensor; -1 where it streams.
    std::vector<Term> terms;    ///< Per local tensor.
  };
  using Operands = std::vector<const PlainOperand *>;

  Operands operandsOf(EinsumId e, unsigned mask) const;
  int64_t onceOf(const PlainOperand &operand,
                 const std::vector<RankTiles> &tiles,
                 const SoloLoops &solo) const;
  const std::vector<Shape> &shapesOf(EinsumId e, unsigned mask);
  void addShapes(EinsumId e, const Operands &local, RankMask rest, Shape &shape,
                 std::vector<Shape> &shapes) const;
  void placeTensors(EinsumId e, const Operands &local, Shape &shape,
                    std::vector<Shape> &shapes) const;
  Term termOf(EinsumId e, const PlainOperand &operand, const Shape &shape,
              int position) const;
  /// How often a tensor that does not move during visits comes in.
  struct Stays {
    RankMask everyTile = 0; ///< For each tile of these.
    /// Where loops further out than its last one are solo ones: the product
    /// over `everyTile` once, and in the first tiles of `first`, over `others`
    /// instead of `everyTile`, once more for each further tile of `again`.
    RankMask first = 0, others = 0, again = 0;
  };
  static Stays staysOf(RankMask ranks, const std::vector<RankTiles> &tiles,
                       const SoloLoops &solo);
  /// What the shapes of a branch can do, added to `points`.
  struct Query {
    const Operands &local;
    const std::vector<Shape> &shapes;
    const std::vector<RankTiles> &tiles;
    const SoloLoops &solo;
    const IsBeaten &isBeaten;
  };
  void addExact(const Query &query, BranchCurve &points) const;
  void addBounds(const Query &query, BranchCurve &points) const;
  int64_t movedBits(const PlainOperand &operand, int64_t elements) const;

  const Workload &set;
  const PlainSet &plain;
  int64_t copies;
  std::map<std::pair<EinsumId, unsigned>, std::vector<Shape>> shapes;
};

} // namespace looptree

#endif // LOOPTREE_EXPLORER_PLAINBRANCH_H

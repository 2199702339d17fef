//===- Schedule.h - A mapping run, as loops over boxes -*- C++ -*---------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a mapping does, in order, as data: which boxes of elements move between
// which buffers, which boxes of ops run, where every operand lies. It is built
// from the very sets that the analysis counts, then rolled: consecutive parts
// that are the same up to a translation become one loop, whose offsets grow
// linearly with its index. So larger first tiles, short last ones, borders and
// sets that are no boxes stand beside the loop of the steady tiles, and the
// whole is as long as a mapping has kinds of tiles, not as it has tiles.
//
// Worked example: `for p of B step 4` over 16 rows of `B <- A <- I`, 3-wide
// filters, everything retained below the loop. A's first tile is 6 rows, the
// others are 4:
//
//     fill I[0..8) ; run A on 6 ; run B on 4
//     repeat 3 { fill I[8 + 4*i ..+4) ; run A on 4 ; run B on 4 }
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_ANALYSIS_SCHEDULE_H
#define LOOPTREE_ANALYSIS_SCHEDULE_H

#include "looptree/Analysis/Evaluate.h"

#include <variant>

namespace looptree {

/// base + sum over the enclosing repeats, outermost first, of their index
/// times a coefficient.
struct LoopExpr {
  int64_t base = 0;
  std::vector<int64_t> coefficients;

  friend bool operator==(const LoopExpr &, const LoopExpr &) = default;
};

/// Where the points of a box lie in a buffer: point (i0, i1, ...) is at slot
/// offset[d] + sum over axes a of step[d][a] * i_a, per dimension d; modulo the
/// number of slots where the dimension is a ring.
struct Place {
  unsigned buffer = 0; ///< Position in Schedule::buffers.
  std::vector<LoopExpr> offset;
  std::vector<std::vector<int64_t>> step; ///< [dimension][axis]
  /// The points lie outside the tensor: they touch nothing.
  bool isOutside = false;
};

enum class ActionKind {
  /// Elements come into `to` from its parent, `from`.
  Fill,
  /// Elements go from a buffer to its parent, which they replace or are added
  /// to.
  Drain,
  /// What stays in a buffer moves to where the next window has it. `from` and
  /// `to` may overlap, and differ by constants; no access of the abstract
  /// machine.
  Move,
  /// A window of `elements` elements opens in a buffer.
  Window,
  /// The elements written by a box of ops begin.
  Begin,
  /// A box of ops runs.
  Run,
  /// `elements` ops have a read outside its tensor, and so nothing to do.
  Skip
};

/// One step on one box. The box has an axis per tensor dimension (Fill, Drain,
/// Move) or per rank of the einsum (Begin, Run).
struct Action {
  ActionKind kind = ActionKind::Window;
  EinsumId einsum = 0; ///< Of a Fill: the first user; of a Drain: the producer.
  unsigned buffer = 0; ///< Window: which. Fill, Drain: the inner one.
  /// Begin: as the init operand, or else what the einsum's op starts from; as
  /// what changes nothing when a sum is made in several parts; the former added
  /// to a part that stands there.
  enum class Begun { New, Neutral, Added };
  Begun begun = Begun::New;
  bool isAdded = false;       ///< Drain: to what the parent holds.
  int64_t elements = 0;       ///< Window, Skip: how many.
  std::vector<int64_t> sizes; ///< Points along each axis.
  /// Begin, Run: rank r of point i is first[r] + stride[r] * i_r.
  std::vector<LoopExpr> first;
  std::vector<int64_t> stride;
  /// Fill, Drain, Move: from, to. Begin: the result, then the init operand,
  /// when there is one. Run: the result, then the reads that are no inits, in
  /// order.
  std::vector<Place> places;
};

struct Repeat;
using Step = std::variant<Action, Repeat>;
struct Repeat {
  enum class Kind {
    Loop,
    /// Over spatial instances along fan-out dimension `number`.
    Instances,
    /// All jobs of pipeline `number` until control leaves its branch. Once.
    Run,
    /// One visit of the pipeline. Once.
    Job,
    /// What stage `number` does, in a visit or before it. Once.
    Stage
  };
  Kind kind = Kind::Loop;
  int64_t count = 1;
  std::vector<Step> body;
  unsigned number = 0;
  /// Instances: none touches what another one writes.
  bool isParallel = false;

  /// Its index is one of those of LoopExpr.
  bool isLoop() const { return kind == Kind::Loop || kind == Kind::Instances; }
};

/// Stages that run on consecutive tiles at the same time. Stage k of job t
/// comes after its job t - 1, after the stages before it of job t, and, since
/// buffers have room for no more, after stage b of job t - 1 - (b - k), for
/// each (k, b) of `room`.
struct ScheduledPipeline {
  unsigned stages = 0;
  std::vector<std::pair<unsigned, unsigned>> room; ///< First and last user.
};

/// The buffer of one tensor of a `retain`.
struct ScheduledBuffer {
  unsigned node = 0; ///< Preorder number of the retain, as BufferRow::node.
  LevelId level = 0;
  TensorId tensor = 0;
  /// Holds a tensor that lives outside of the mapping, whole: slots are its
  /// coordinates.
  bool isWholeTensor = false;
  /// Below spatial loops: how many copies there are along each loop, outermost
  /// first. A Place has these dimensions before those of the tensor.
  std::vector<int64_t> instances;
  /// Slots per dimension. Slot s of dimension d holds coordinate lo(d) +
  /// spacing[d] * s, lo being the window's first; of a ring, a coordinate has
  /// the same slot in every window.
  std::vector<int64_t> slots, spacing;
  /// Per dimension: a ring, and some box goes on at slot 0 after the last one.
  std::vector<bool> isRing, wraps;
  /// How many windows there is room for: two when the level is double-buffered
  /// and the buffer has a parent, so that the next one can come while this one
  /// is in use.
  int64_t windows = 1;
  /// Two windows lie in halves of the buffer, by turns: a window that something
  /// comes into is in the half that the one before it was not in. A Place then
  /// has a dimension for the half, modulo 2, just before those of the tensor. A
  /// ring has no halves, it is twice as long.
  bool hasHalves = false;
  int64_t elements = 0; ///< The largest window.
  /// Directly above a `sequential`, and empty but from the first branch that
  /// uses it to the last.
  bool livesInBranches = false;

  /// Elements that one copy has room for; none when no window ever opens.
  int64_t footprint() const;
  /// Dimensions of a Place that are none of the tensor's.
  size_t outerDims() const { return instances.size() + hasHalves; }
  /// Copies, all dimensions of instances together.
  int64_t copies() const;
};

struct Schedule {
  std::vector<ScheduledBuffer> buffers; ///< As CostReport::buffers.
  std::vector<ScheduledPipeline> pipelines;
  std::vector<Step> steps;
  /// Per einsum: parts of its sums that several instances made are added up.
  std::vector<bool> combines;
};

/// The schedule of a plan's tree with the given steps. An op with a read
/// outside its tensor is skipped, unless `runsOutside[einsum][read]` says that
/// the read is then a constant; an absent entry says no. Fails as evaluate()
/// does, and when an einsum writes an element from several indices of the
/// ranks that its write uses (it then has no single first op).
Result<Schedule>
schedule(const Plan &plan, std::span<const int64_t> steps,
         const std::vector<std::vector<bool>> &runsOutside = {});

} // namespace looptree

#endif // LOOPTREE_ANALYSIS_SCHEDULE_H

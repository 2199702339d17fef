//===- Timeline.h - When what happens in the run of a mapping -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The run of a mapping on the clock of its compute (docs/CostModel.md, section
// 6): leaf visits, with the times of pipelines as the flow shop gives them, and
// the transfers and windows that go with them. Iterations that do the same are
// written down once.
//
// Worked example: a pipeline of two stages that take 18 and 12 cycles for the
// first job and 12 and 12 for three more (the first worked number of section
// 10). The root has one part that occurs once, at 0, and one that occurs three
// times, every 12 cycles from 18 on; in each its leaves begin at 0 and at 12
// (18 in the first). The last leaf ends at 66, the latency.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_ANALYSIS_TIMELINE_H
#define LOOPTREE_ANALYSIS_TIMELINE_H

#include "looptree/Analysis/Evaluate.h"

#include <variant>

namespace looptree {

struct Timeline {
  /// A visit of a compute.
  struct Leaf {
    EinsumId einsum = 0;
    int64_t steps = 0; ///< What its time comes from.
    int64_t ops = 0;   ///< Of all instances.
    friend auto operator<=>(const Leaf &, const Leaf &) = default;
  };
  /// What moves between a buffer and its parent at one moment.
  struct Transfer {
    bool isDrain = false;
    unsigned buffer = 0; ///< The inner one.
    EinsumId einsum = 0; ///< On whose behalf, as AccessRow::einsum.
    int64_t elements = 0;
    /// At the parent, of the instance that has most to do.
    int64_t readBits = 0, writeBits = 0;
    friend auto operator<=>(const Transfer &, const Transfer &) = default;
  };
  /// From now on a buffer holds this many elements (its largest instance).
  struct Window {
    unsigned buffer = 0;
    int64_t elements = 0;
    friend auto operator<=>(const Window &, const Window &) = default;
  };
  /// Another part runs, `count` times, the beginnings `period` cycles apart.
  struct Repeat {
    unsigned part = 0;
    int64_t count = 1;
    double period = 0; ///< 0 when count is 1.
    friend auto operator<=>(const Repeat &, const Repeat &) = default;
  };
  struct Item {
    double at = 0; ///< Cycles from the beginning of its part.
    std::variant<Leaf, Transfer, Window, Repeat> what;
    friend auto operator<=>(const Item &, const Item &) = default;
  };
  struct Buffer {
    LevelId level = 0;
    TensorId tensor = 0;
    LevelId parentLevel = 0; ///< Where its fills come from.
    int64_t elementBits = 0; ///< Partial ones where it receives such.
  };

  std::vector<Buffer> buffers; ///< As CostReport::buffers.
  /// What is at one moment stands in the order in which it happens.
  std::vector<std::vector<Item>> parts;
  unsigned root = 0; ///< The part that is the whole run.
};

/// The timeline of a plan's tree with the given steps. Visits every tile.
/// Fails as evaluate() does, and for the convention looptree-v1, whose
/// pipelines have a length but no moments.
Result<Timeline> timeline(const Plan &plan, std::span<const int64_t> steps);

} // namespace looptree

#endif // LOOPTREE_ANALYSIS_TIMELINE_H

//===- Design.h - A mapping as rows of the taxonomy ---------- -*- C++
//-*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// How fused-layer dataflows are told apart: which ranks are partitioned, into
// which tiles, in which order; what each tensor's retention is; whether an
// intermediate is retained or recomputed; whether branches run one after
// another or as a pipeline.
//
// Source: the taxonomy of LoopTree (arXiv 2409.13625), section III.
//
// Worked example: the line buffer of docs/CostModel.md, section 10, is one row,
//
//     einsums            convA, convB
//     partitioned ranks  p, q of convB
//     tile shape         p 4, q 4
//     schedule           p, q
//     retention          above p: WA, WB at GLB; below p: A at GLB;
//                        below q: I, B at GLB
//     intermediates      A retained
//     parallelism        sequential
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_MAPPING_DESIGN_H
#define LOOPTREE_MAPPING_DESIGN_H

#include "looptree/Mapping/Mapping.h"

#include <span>

namespace looptree {

/// One chain of the tree, from the root or a branch to its split or compute.
struct DesignRow {
  /// Chains above this one that are rows too; 0 for the root's.
  unsigned depth = 0;
  std::vector<EinsumId> einsums; ///< In tree order.

  struct Loop {
    EinsumId einsum = 0;
    RankId rank = 0;
    int64_t step = 1;
    std::optional<unsigned> fanout; ///< Of a spatial loop.
    friend bool operator==(const Loop &, const Loop &) = default;
  };
  std::vector<Loop> schedule; ///< Outermost first.

  struct Kept {
    TensorId tensor = 0;
    LevelId level = 0;
    size_t loopsAbove = 0; ///< Of the schedule.
    bool noReuse = false;
    friend bool operator==(const Kept &, const Kept &) = default;
  };
  /// Retains of the chain, without those at the outermost level: there every
  /// input and output is, and an intermediate is unfused.
  std::vector<Kept> retention;

  enum class Treatment { Retained, Recomputed, Unfused };
  struct Intermediate {
    TensorId tensor = 0;
    Treatment treatment = Treatment::Retained;
    int64_t recompute = 0; ///< Ops of its producer that ran again.
    friend bool operator==(const Intermediate &,
                           const Intermediate &) = default;
  };
  /// Those whose producer and a consumer the chain's split puts into different
  /// branches, in order of their producers.
  std::vector<Intermediate> intermediates;

  enum class Parallelism { None, Sequential, Pipeline };
  Parallelism parallelism = Parallelism::None; ///< None: it ends in a compute.
};

/// The rows of a legal mapping in preorder: the root's chain, below a split
/// every branch of several einsums, and, where no loop stands above the split,
/// every branch. How the loops of one einsum below a fused split are arranged
/// is no row. `recompute` has the ops run again per einsum of the workload, as
/// CostReport::recompute.
std::vector<DesignRow> designOf(const Mapping &mapping,
                                const Workload &workload,
                                std::span<const int64_t> recompute);

/// Seven lines a row, an empty one between rows; a row is indented by its
/// depth.
std::string toString(const std::vector<DesignRow> &rows,
                     const Workload &workload, const Arch &arch);

std::string_view toString(DesignRow::Treatment treatment);     ///< "retained"
std::string_view toString(DesignRow::Parallelism parallelism); ///< "none", ...

} // namespace looptree

#endif // LOOPTREE_MAPPING_DESIGN_H

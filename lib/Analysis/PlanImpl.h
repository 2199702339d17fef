//===- PlanImpl.h - A mapping compiled ----------------------- -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What can be known of a mapping before its steps are: nodes in preorder, the
// buffers they own and how these hang together, who decides about which
// einsum. Everything is an index into a flat array.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_ANALYSIS_PLANIMPL_H
#define LOOPTREE_ANALYSIS_PLANIMPL_H

#include "BoxSet.h"
#include "looptree/Analysis/Evaluate.h"

namespace looptree {

using NodeId = unsigned;   ///< Preorder number of a node, root = 0.
using BufferId = unsigned; ///< A tensor of a retain node.
constexpr unsigned kNone = ~0u;

/// An intermediate that a split separates from a consumer: the split finds out
/// what of it must be made.
struct Decision {
  TensorId tensor;
  EinsumId producer;
  BufferId backing;
  /// The producer heads its branch: the split gives it its ops. Otherwise a
  /// split inside the branch does, and is told what is asked for here.
  bool producerHeadsBranch;
  std::vector<EinsumId> consumers; ///< Those in other branches.
};

/// A buffer above a `pipeline`, below any enclosing split, that several stages
/// use: it holds the windows of all jobs between the first and the last.
struct Crossing {
  BufferId buffer;
  unsigned first, last; ///< Stages.
};

struct PlanNode {
  enum class Kind { For, SpatialFor, Retain, Sequential, Pipeline, Compute };
  Kind kind;
  NodeId parent = kNone;
  std::vector<NodeId> children;
  std::vector<EinsumId> group; ///< In tree order.
  std::vector<EinsumId> heads;
  /// The split or compute that ends the chain of loops and retains from here,
  /// and whether a loop stands in between.
  NodeId chainEnd = kNone;
  bool loopInChain = false;
  unsigned spatialAbove = 0; ///< Spatial loops on the path to it.

  // For, SpatialFor, Compute
  EinsumId einsum = kNone;
  RankId rank = 0;
  unsigned loop = 0;   ///< Position in the step vector.
  unsigned fanout = 0; ///< SpatialFor: position in Arch::fanouts.

  // Retain
  std::vector<BufferId> buffers;

  // Sequential, Pipeline: per branch
  std::vector<std::vector<Decision>> decisions;
  std::vector<std::vector<BufferId>> branchBuffers;
  /// Backings of intermediates inside the branch, whose contents end when
  /// another branch is entered.
  std::vector<std::vector<BufferId>> branchBackings;
  /// Tensors written in the branch and read outside of it.
  std::vector<std::vector<TensorId>> branchResults;

  bool isSplit() const {
    return kind == Kind::Sequential || kind == Kind::Pipeline;
  }

  // Pipeline
  std::vector<Crossing> crossings;
};

/// A buffer of compute: what an operand of an einsum holds.
struct Operand {
  EinsumId einsum;
  unsigned read; ///< Position in Einsum::reads, or kNone for the result.
  TensorId tensor;
  BufferId buffer; ///< The innermost retain above it.
};

struct Buffer {
  NodeId node;
  TensorId tensor;
  LevelId level;
  unsigned spatialAbove = 0; ///< Spatial loops on the path to it.
  BufferId parent = kNone;   ///< None: this is the tensor's backing.
  bool noReuse = false;
  /// Retained with nothing but retains between it and a `sequential`.
  NodeId sequentialBelow = kNone;
  /// Several stages of the pipeline below use it (see Crossing).
  bool isInFlight = false;
  bool holdsEverything = false; ///< The backing of an input.
  std::vector<BufferId> below;  ///< Same tensor, in its subtree, deepest first.
  std::vector<unsigned> operandsBelow;
  std::vector<EinsumId> users; ///< Einsums below that touch it, tree order.
};

struct EinsumPlan {
  NodeId leaf;
  BoxSet allOps;
  std::vector<RankId> reductionRanks;
  std::vector<unsigned> reads; ///< Operands, as Einsum::reads.
  unsigned result;             ///< Operand.
  int64_t neededOps = 0;       ///< When the set runs once, untiled.
};

struct TensorPlan {
  unsigned producer = kNone;
  std::vector<EinsumId> consumers;
  BufferId backing = kNone;
  bool tracksPartial = false; ///< partialBits differ from bits.
};

struct BoxPlan;

struct Plan::Impl {
  Convention convention = Convention::Exact;
  Workload workload;
  Arch arch;
  std::vector<int64_t> steps;
  std::vector<PlanNode> nodes;
  std::vector<Buffer> buffers;
  std::vector<Operand> operands;
  std::vector<EinsumPlan> einsums;
  std::vector<TensorPlan> tensors;
  ElementsAndBits algorithmicMinimum;
  bool isV1() const { return convention == Convention::LoopTreeV1; }
  /// "A at GLB".
  std::string nameOf(BufferId b) const {
    return workload.tensors[buffers[b].tensor].name + " at " +
           arch.levels[buffers[b].level].name;
  }
  /// The first and the last branch of a split that use a buffer.
  std::pair<size_t, size_t> branchesUsing(const PlanNode &split,
                                          const Buffer &buffer) const;
  /// None: the sets are not boxes. The first is for some steps, see
  /// BoxPlan::unitSteps, the second for all.
  std::shared_ptr<const BoxPlan> unitBoxes, boxes;
};

/// The elements of `tensor` that `ops` of einsum e read, or write, or both.
BoxSet readElements(const Plan::Impl &plan, EinsumId e, const BoxSet &ops,
                    TensorId tensor);
BoxSet usedElements(const Plan::Impl &plan, EinsumId e, const BoxSet &ops,
                    TensorId tensor);

} // namespace looptree

#endif // LOOPTREE_ANALYSIS_PLANIMPL_H

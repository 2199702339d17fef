//===- Tree.h - Static facts of a mapping tree ---------------- -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The tree as a flat list of nodes in preorder, with what every part of the
// simulator asks of it: which einsums stand below a node, which buffer is the
// parent of which, which split decides about which tensor.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_LIB_REFERENCE_TREE_H
#define LOOPTREE_LIB_REFERENCE_TREE_H

#include "looptree/Mapping/Mapping.h"

#include <vector>

namespace looptree::reference {

using NodeId = unsigned;     ///< Preorder number, root = 0.
using SlotId = unsigned;     ///< A tensor of a retain node.
using NeedId = unsigned;     ///< A tensor that a split decides about.
using ScopeId = unsigned;    ///< The root (0) or a loop: what indices count.
using RegisterId = unsigned; ///< What compute holds for one access.
inline constexpr unsigned kNone = ~0u;

/// What lies between a buffer and the instances of one further in: depths of
/// the spatial loops in between that neither share a read nor add up writes.
struct Network {
  std::vector<unsigned> noMulticast, noReduce;
};

/// A buffer: tensor and retain node.
struct Slot {
  NodeId node;
  TensorId tensor;
  LevelId level;
  bool noReuse;
  SlotId parent; ///< The next retain of the tensor above; kNone at a backing.
  ScopeId scope; ///< The innermost loop above.
  std::vector<SlotId> below; ///< Slots of the tensor below, deepest first.
  std::vector<RegisterId> registers; ///< Those below.
  Network network;
  bool isBacking() const { return parent == kNone; }
};

/// What a split asks of the producer of a tensor that it separates from a
/// consumer.
struct Need {
  NodeId split;
  TensorId tensor;
  EinsumId producer;
  ScopeId scope;
  SlotId backing;
  /// The producer is a head of its branch, so its ops are decided here; else a
  /// split inside the branch decides.
  bool decides;
};

struct Scope {
  NodeId loop;    ///< kNone at the root.
  ScopeId parent; ///< kNone at the root.
  unsigned depth; ///< Loops above and including.
};

struct Register {
  EinsumId einsum;
  unsigned access; ///< Position among the reads; their number for the write.
  bool isWrite;
  TensorId tensor;
  SlotId buffer; ///< The innermost retain above the compute.
  Network network;
};

/// A tensor kept just above a pipeline, and the first and the last stage that
/// use it, which are two.
struct Crossing {
  SlotId slot;
  unsigned first, last;
};

struct TreeNode {
  const Node *node;
  NodeId parent;
  std::vector<NodeId> children;
  std::vector<EinsumId> group; ///< In tree order.
  std::vector<EinsumId> heads;
  ScopeId scope; ///< The innermost loop above.
  std::vector<SlotId> slots;
  std::vector<NeedId> needs;
  std::vector<unsigned> fanouts;   ///< Of the spatial loops above, by depth.
  std::vector<Crossing> crossings; ///< Of a pipeline.
  unsigned spatialDepth() const { return unsigned(fanouts.size()); }
  /// The split or compute that ends the chain from here on.
  NodeId end;
  /// Of a branch: buffers and registers in it (all, and those of tensors that
  /// are written in it and read outside), and the outermost of those buffers.
  struct Contents {
    std::vector<SlotId> tops, slots;
    std::vector<RegisterId> registers;
  };
  Contents contents, leaving;
};

/// The path of an einsum's compute, for one tensor.
struct Leaf {
  NodeId node;
  unsigned order; ///< Position among the computes in tree order.
};

class Tree {
public:
  /// The mapping must be legal, and outlive the tree.
  Tree(const Workload &workload, const Arch &arch, const Mapping &mapping);

  std::vector<TreeNode> nodes;
  std::vector<Slot> slots;
  std::vector<Need> needs;
  std::vector<Scope> scopes;
  std::vector<Register> registers;
  std::vector<Leaf> leaves; ///< Per einsum.
  /// Per einsum: its first register (reads in order, then the write).
  std::vector<RegisterId> firstRegister;
  /// Per tensor.
  std::vector<std::optional<EinsumId>> producers;
  std::vector<SlotId> backings;

  /// Retains of a tensor on the path of an einsum's compute, outermost first.
  std::vector<SlotId> chain(EinsumId einsum, TensorId tensor) const;
  /// The need that `reader` adds to by reading `tensor`, or kNone.
  NeedId needOf(EinsumId reader, TensorId tensor) const;
  /// Whether the einsum reads or writes the tensor.
  bool uses(EinsumId einsum, TensorId tensor) const;
  bool isInGroup(NodeId node, EinsumId einsum) const;
  /// The child of a split that holds an einsum.
  NodeId branchOf(NodeId split, EinsumId einsum) const;
  bool isBelow(NodeId node, NodeId ancestor) const;
  bool isPipeline(NodeId node) const {
    return std::holds_alternative<Pipeline>(nodes[node].node->kind);
  }
  bool isSequential(NodeId node) const {
    return std::holds_alternative<Sequential>(nodes[node].node->kind);
  }

private:
  NodeId addNodes(const Node &node, NodeId parent, ScopeId scope);
  Network networkTo(NodeId node, NodeId from) const;
  void addSlots(NodeId id);
  void addRegisters();
  void addNeeds(NodeId id);
  void addContents(NodeId branch);
  void addCrossings(NodeId pipeline);

  const Workload &w;
  const Arch &arch;
};

} // namespace looptree::reference

#endif // LOOPTREE_LIB_REFERENCE_TREE_H

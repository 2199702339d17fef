//===- Mapping.h - The mapping tree -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A mapping is a tree of six kinds of node (docs/CostModel.md, section 1). It
// refers to ranks, einsums, tensors and levels by index, so it means something
// only together with its workload and architecture.
//
// Worked example: `for pb of convB step 4 { retain A at GLB; sequential {...}}`
//
//     Node loop = Node::makeFor({/*einsum=*/1, /*rank=*/0, /*step=*/4}, body);
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_MAPPING_MAPPING_H
#define LOOPTREE_MAPPING_MAPPING_H

#include "looptree/Arch/Arch.h"
#include "looptree/Workload/Workload.h"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace looptree {

struct Node;

/// `for r of E step s`: tile i covers [lo + i*s, min(lo + (i+1)*s, hi)).
struct For {
  EinsumId einsum = 0;
  RankId rank = 0;
  int64_t step = 1;
  friend bool operator==(const For &, const For &) = default;
};

/// The same, its iterations side by side on a fan-out dimension.
struct SpatialFor {
  EinsumId einsum = 0;
  RankId rank = 0;
  int64_t step = 1;
  unsigned fanout = 0; ///< Position in Arch::fanouts.
  friend bool operator==(const SpatialFor &, const SpatialFor &) = default;
};

/// `retain T, ... at L`: level L keeps the tensors from here down.
struct Retain {
  LevelId level = 0;
  std::vector<TensorId> tensors;
  std::vector<TensorId> noReuse; ///< Subset of `tensors`.
  friend bool operator==(const Retain &, const Retain &) = default;
};

/// Branches one after another, sharing buffer space.
struct Sequential {
  friend bool operator==(const Sequential &, const Sequential &) = default;
};

/// Branches at the same time, on consecutive tiles.
struct Pipeline {
  friend bool operator==(const Pipeline &, const Pipeline &) = default;
};

/// Runs the ops of E's current tile, in lexicographic order of its ranks.
struct ComputeNode {
  EinsumId einsum = 0;
  friend bool operator==(const ComputeNode &, const ComputeNode &) = default;
};

using NodeKind =
    std::variant<For, SpatialFor, Retain, Sequential, Pipeline, ComputeNode>;

/// A node and its children: one below a loop or a retain, one per branch below
/// a split, none below a compute.
struct Node {
  NodeKind kind;
  std::vector<Node> children;

  bool isLoop() const {
    return std::holds_alternative<For>(kind) ||
           std::holds_alternative<SpatialFor>(kind);
  }
  bool isSplit() const {
    return std::holds_alternative<Sequential>(kind) ||
           std::holds_alternative<Pipeline>(kind);
  }
  friend bool operator==(const Node &, const Node &) = default;
};

struct Mapping {
  Node root;
  friend bool operator==(const Mapping &, const Mapping &) = default;
};

/// Calls the overload for the node's kind; leaving one out does not compile.
template <typename... Fs> struct Overloaded : Fs... {
  using Fs::operator()...;
};
template <typename... Fs> Overloaded(Fs...) -> Overloaded<Fs...>;
template <typename... Fs> decltype(auto) visit(const Node &node, Fs &&...fs) {
  return std::visit(Overloaded{std::forward<Fs>(fs)...}, node.kind);
}

/// The rule of a legal tree that a mapping breaks, and where.
struct IllegalMapping {
  /// Stable name of the rule, for tests and verifiers ("retain-inward").
  std::string rule;
  std::string message; ///< Names ops, levels and numbers.
  /// Path of child indices from the root to the offending node.
  std::vector<unsigned> path;
};

/// Why a mapping is not legal (docs/CostModel.md, section 1), or nothing.
/// Checks structure only: ids in range, arity, every einsum computed once,
/// steps >= 1, heads of loops, producers before consumers, retains used, held,
/// inward, backed above their uses, inputs and outputs backed at the outermost
/// level above every loop and split, retains on their side of fan-outs, and a
/// depth of at most 256. Capacity is the business of the analyses.
std::optional<IllegalMapping> check(const Mapping &mapping,
                                    const Workload &workload, const Arch &arch);

/// Members of `group` whose result no other member reads, in workload order.
std::vector<EinsumId> headsOf(const std::vector<EinsumId> &group,
                              const Workload &workload);
/// The einsums computed below a node, in tree order.
std::vector<EinsumId> groupOf(const Node &node);

/// The tree in indented text, for messages and reports.
std::string toString(const Mapping &mapping, const Workload &workload,
                     const Arch &arch);

} // namespace looptree

#endif // LOOPTREE_MAPPING_MAPPING_H

//===- Walk.h - Control running through the tree -------------- -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The walk decides what happens when: it runs loops, lets splits decide what
// their branches make, opens windows and runs ops. It is walked in two ways:
// the looking walks only report what they touch (Lookahead.h), the last one
// moves data and counts. Both keep track of what the backings hold, since that
// decides what is made.
//
// Instances move in lock step: a node is entered by the positions of all of
// them at once, in the order of their indices.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_LIB_REFERENCE_WALK_H
#define LOOPTREE_LIB_REFERENCE_WALK_H

#include "Latency.h"
#include "Memory.h"
#include "Tally.h"

#include "looptree/Cost/NodeCost.h"

#include <map>

namespace looptree::reference {

/// The branches of sequentials whose entry ends what backings in later branches
/// hold, by split and place. Whether a branch is entered may itself depend on
/// what later branches have lost, so these are found one visit after another,
/// each with no more branches than it takes.
using EndingEntries = std::map<std::pair<NodeId, Place>, std::vector<bool>>;

class Walk {
public:
  struct Setting {
    const Workload &workload;
    const Arch &arch;
    const Tree &tree;
    const std::vector<OpSpace> &spaces;
    Convention convention;
    int64_t maxOps; ///< That one walk may visit.
    Instances &instances;
    Lookahead &lookahead;
  };
  /// `memory` and `tally` are null in a looking walk. Without `ending` every
  /// entry of a branch ends what later ones hold.
  Walk(const Setting &setting, Memory *memory, Tally *tally,
       const EndingEntries *ending);

  std::optional<Error> run();
  int64_t cycles() const { return totalCycles; }
  int64_t fillCycles() const { return fill; }
  int64_t drainCycles() const { return drain; }

  /// Whether a visit of a split made again what it lost by entering a branch:
  /// the entry may then be its own reason.
  bool madeWhatItLost() const { return remade; }
  /// Of the run just made.
  const std::vector<NodeCost> &nodes() const { return costs; }
  /// The first visit with an entry that should have been among `ending`.
  const std::optional<EndingEntries::value_type> &missing() const {
    return unlisted;
  }

private:
  /// Elements of tensors that were asked of a group from outside it.
  using Owed = std::map<TensorId, std::vector<Element>>;

  /// Where control is in one instance.
  struct Position {
    InstanceId instance = 0;
    std::vector<Place> places;     ///< Of all open scopes, by depth.
    std::vector<uint64_t> indices; ///< Of their loops; 0 of the root.
    std::vector<OpSet> work;       ///< Per einsum.
    Owed owed;
  };
  using Positions = std::vector<Position *>;

  bool walk(NodeId id, const Positions &at, BranchClock &clock);
  bool walkNode(NodeId id, const Positions &at, BranchClock &clock);
  bool walkLoop(NodeId id, const For &loop, const Positions &at,
                BranchClock &clock);
  bool walkSpatialLoop(NodeId id, const SpatialFor &loop, const Positions &at,
                       BranchClock &clock);
  bool walkRetain(NodeId id, const Positions &at, BranchClock &clock);
  bool walkSplit(NodeId id, const Positions &at, BranchClock &clock);
  bool walkCompute(EinsumId einsum, const Positions &at, BranchClock &clock);

  void openWindows(SlotId slot, const Positions &at);
  void infer(NodeId split, Position &at);
  bool isEntered(NodeId branch, const Position &at) const;
  /// Adds to `endingUnlisted` the positions where that ends something and was
  /// not listed to.
  void enterBranch(NodeId split, size_t branch, const Positions &entering,
                   Positions &endingUnlisted);
  /// False when that was not listed to happen, and does not.
  bool end(NodeId split, size_t branch, const Position &at, SlotId backing);
  void drop(const TreeNode::Contents &contents, const Positions &at);
  /// Of the branch that a clock has run for; nothing when it exceeds 64 bit.
  std::optional<int64_t> cyclesOf(NodeId branch, const BranchClock &clock);
  void addJob(NodeId pipeline, const Positions &at, std::vector<int64_t> cycles,
              BranchClock &clock);
  bool fail(Error error);
  Error tooManyCycles(NodeId branch) const;

  Place placeOf(ScopeId scope, const Position &at) const {
    return at.places[s.tree.scopes[scope].depth];
  }
  InstanceId instanceOf(NodeId node, InstanceId inner) const {
    return s.instances.above(inner, s.tree.nodes[node].spatialDepth());
  }
  /// What the backing of a written tensor holds, or is about to be made there.
  ElementSet &madeIn(TensorId tensor, InstanceId backing);

  const Setting s;
  const Workload &w;
  const Tree &tree;
  Memory *memory;
  Tally *tally;
  const EndingEntries *ending;
  const bool isV1;
  int64_t opsLeft;

  std::vector<PerInstance<ElementSet>> made; ///< Per tensor.
  /// Per tensor: what entries of branches ended, in the visits of splits that
  /// are under way; and the outermost of those splits.
  std::vector<PerInstance<ElementSet>> lost;
  NodeId losing = kNone;
  std::vector<std::vector<ElementSet>> inWindow; ///< Per tensor; scratch.
  std::vector<std::vector<OpenVisit>> open;      ///< Per slot, not empty ones.
  bool remade = false;
  std::optional<EndingEntries::value_type> unlisted;
  std::optional<Error> failure;
  int64_t totalCycles = 0, fill = 0, drain = 0;
  std::vector<NodeCost> costs; ///< Per node.
};

} // namespace looptree::reference

#endif // LOOPTREE_LIB_REFERENCE_WALK_H

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
// A position has an OpSet per einsum. With spatial loops there would be one
// position per instance, all of which enter a node together.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_LIB_REFERENCE_WALK_H
#define LOOPTREE_LIB_REFERENCE_WALK_H

#include "Latency.h"
#include "Lookahead.h"
#include "Memory.h"
#include "Tally.h"

#include <map>

namespace looptree::reference {

class Walk {
public:
  /// `memory` and `tally` are null in a looking walk. At
  /// most `maxOps` ops are visited.
  Walk(const Workload &workload, const Arch &arch, const Tree &tree,
       const std::vector<OpSpace> &spaces, Lookahead &lookahead, Memory *memory,
       Tally *tally, int64_t maxOps);

  std::optional<Error> run();
  int64_t cycles() const { return totalCycles; }

private:
  /// Elements of output tensors that were asked of a group from outside it.
  using Owed = std::map<TensorId, std::vector<Element>>;

  bool walk(NodeId id, BranchClock &clock);
  bool walkLoop(NodeId id, const For &loop, BranchClock &clock);
  bool walkRetain(NodeId id, BranchClock &clock);
  bool walkSequential(NodeId id, BranchClock &clock);
  bool walkCompute(NodeId id, EinsumId einsum, BranchClock &clock);

  void infer(NodeId split);
  void openWindow(SlotId slot);
  bool isEntered(NodeId branch, const Owed &owedToBranch) const;
  void drop(const TreeNode::Contents &contents);
  bool fail(Error error);

  Place placeOf(ScopeId scope) const {
    return places[tree.scopes[scope].depth];
  }

  const Workload &w;
  const Arch &arch;
  const Tree &tree;
  const std::vector<OpSpace> &spaces;
  Lookahead &lookahead;
  Memory *memory;
  Tally *tally;
  int64_t opsLeft;

  std::vector<OpSet> work; ///< Per einsum: its ops at this position.
  Owed owed;
  std::vector<Place> places; ///< Of all open scopes, by depth.
  /// Per tensor that is written: what its backing holds or is about to be
  /// made there; and the elements of the window being opened.
  std::vector<ElementSet> made, inWindow;
  std::optional<Error> failure;
  int64_t totalCycles = 0;
};

} // namespace looptree::reference

#endif // LOOPTREE_LIB_REFERENCE_WALK_H

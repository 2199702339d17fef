//===- SetRules.h - What is asked of the sets of a plan ------ -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Constraints on a fused plan, and mappings that it keeps, in terms of sets:
// which sets there may be, and what space is left for the mapping of one.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_LIB_EXPLORER_SETRULES_H
#define LOOPTREE_LIB_EXPLORER_SETRULES_H

#include "Layers.h"
#include "SetSearch.h"

#include <map>

namespace looptree {

class SetRules {
public:
  /// Nothing is asked.
  SetRules() = default;

  /// Fails when a pinned mapping is not valid or shares an einsum with another,
  /// or an order has more loops than are searched.
  static Result<SetRules> of(const Network &network, const Arch &arch,
                             const NetworkSearch &search);

  bool isEmpty() const { return !isConstrained && pinned.empty(); }

  /// The layers of a stretch with each pinned set as one of them, in an order
  /// of computation. Fails when a pinned set has to wait for itself.
  Result<std::vector<Layer>> withPinned(const Workload &network,
                                        std::vector<Layer> layers) const;

  /// The given mapping of a set, if it has one.
  const SetResult *resultOf(const Layer &einsums) const;

  /// What is left for the mapping of a set; none when there may be no such set:
  /// it holds a pinned one and more, an intermediate that is to go through the
  /// outermost level, or not all users of one that is not to.
  std::optional<TrunkSpace> spaceOf(const Workload &network,
                                    const Layer &einsums) const;

  /// Why there is no plan: the constraints that leave a layer no mapping, or
  /// the intermediate that no set can hold.
  std::string conflict(const Network &network, const Arch &arch,
                       const std::vector<Layer> &layers) const;

private:
  bool isConstrained = false;
  Constraints constraints;
  struct Pinned {
    std::string name;
    Layer einsums;
    SetResult result;
  };
  std::vector<Pinned> pinned;
};

} // namespace looptree

#endif // LOOPTREE_LIB_EXPLORER_SETRULES_H

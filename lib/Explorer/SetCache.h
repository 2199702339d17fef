//===- SetCache.h - Each structure is searched once --------- -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Networks repeat themselves. Two sets that differ in names only have the same
// mappings, by id, at the same cost.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_EXPLORER_SETCACHE_H
#define LOOPTREE_EXPLORER_SETCACHE_H

#include "SetSearch.h"

#include <unordered_map>

namespace looptree {

/// Everything of a workload but its names.
std::string structureOf(const Workload &workload);

class SetCache {
public:
  SetCache(const Arch &arch, Objective objective, Ingredients with = {})
      : with(with), arch(arch), objective(objective) {}

  const Ingredients with;

  struct Request {
    Workload set;
    TrunkLoops loops;
    /// What is estimated to stay below is found, and perhaps more.
    double limit;
    TrunkSpace space = {}; ///< What constraints leave.
  };
  const SetResult &search(const Request &request);
  /// All at once, on all cores; the answers do not depend on how many there
  /// are.
  std::vector<const SetResult *> search(const std::vector<Request> &requests);
  /// What no mapping of the set by these searches comes below.
  struct Least {
    double objective = 0, energyPj = 0, latency = 0;
  };
  Result<Least> least(const Workload &set);
  int64_t evaluations() const { return total; }
  int64_t searches() const { return searched; } ///< Of sets.

private:
  const Arch &arch;
  Objective objective;
  int64_t total = 0, searched = 0;
  std::vector<BranchOptions> options; ///< One per thread.
  struct Searched {
    std::optional<double> limit; ///< None: not yet searched.
    SetResult result;
  };
  std::unordered_map<std::string, Searched> results;
  std::unordered_map<std::string, Least> leasts;
};

} // namespace looptree

#endif // LOOPTREE_EXPLORER_SETCACHE_H

//===- Simulate.cpp - The abstract machine, run literally ----- -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "looptree/Reference/Simulate.h"

#include "Report.h"
#include "Walk.h"

namespace looptree {

using namespace reference;

/// A node kind of the tree that has no rules here, or nothing.
static std::optional<Error> checkCovered(const Node &node) {
  if (std::holds_alternative<SpatialFor>(node.kind))
    return Error{"spatial_for is not covered yet"};
  if (std::holds_alternative<Pipeline>(node.kind))
    return Error{"pipeline is not covered yet"};
  for (const Node &child : node.children)
    if (std::optional<Error> error = checkCovered(child))
      return error;
  return std::nullopt;
}

static std::optional<Error> checkCandidate(const Workload &workload,
                                           const Arch &arch,
                                           const Mapping &mapping,
                                           int64_t maxOps) {
  if (std::optional<Error> error = workload.check())
    return error;
  if (std::optional<Error> error = arch.check())
    return error;
  if (std::optional<IllegalMapping> illegal = check(mapping, workload, arch))
    return Error{illegal->message};
  if (std::optional<Error> error = checkCovered(mapping.root))
    return error;
  if (workload.einsums.size() > UINT16_MAX)
    return Error{"the simulator holds at most 65535 einsums"};
  for (const Einsum &einsum : workload.einsums) {
    int64_t ops = 1;
    for (const Rank &rank : einsum.ranks)
      ops *= rank.extent;
    if (ops > maxOps)
      return Error{"einsum " + einsum.name + " has " + std::to_string(ops) +
                   " ops; the simulator visits at most " +
                   std::to_string(maxOps)};
  }
  return checkIndices(workload, maxOps);
}

Result<CostReport> simulate(const Workload &workload, const Arch &arch,
                            const Mapping &mapping,
                            const SimulationOptions &options) {
  const int64_t maxOps = options.maxOps;
  if (options.convention != Convention::Exact)
    return Error{"the simulator does not cover the convention " +
                 std::string(toString(options.convention))};
  if (std::optional<Error> error =
          checkCandidate(workload, arch, mapping, maxOps))
    return *error;
  Tree tree(workload, mapping);
  std::vector<OpSpace> spaces;
  for (EinsumId e = 0; e < workload.einsums.size(); ++e)
    spaces.emplace_back(workload, e);

  // Look until a walk repeats the previous one. Each walk settles at least one
  // more einsum and what its survival in a branch implies; a mapping that takes
  // longer goes round in circles.
  Lookahead lookahead(workload, tree);
  bool settled = false;
  for (size_t i = 0; !settled && i < 2 * workload.einsums.size() + 4; ++i) {
    Walk look(workload, arch, tree, spaces, lookahead, nullptr, nullptr,
              maxOps);
    if (std::optional<Error> error = look.run())
      return *error;
    settled = lookahead.turn();
  }
  if (!settled)
    return Error{"what the branches of the mapping have to make does not "
                 "settle"};

  Memory memory(workload, tree, spaces);
  Tally tally(workload, tree, spaces);
  Walk last(workload, arch, tree, spaces, lookahead, &memory, &tally, maxOps);
  if (std::optional<Error> error = last.run())
    return *error;
  return makeReport(workload, arch, tree, spaces, memory, tally, last.cycles());
}

} // namespace looptree

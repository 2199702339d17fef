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

/// The original has one trunk, one split and a chain of einsums.
static std::optional<Error> checkOriginal(const Workload &workload,
                                          const Mapping &mapping) {
  std::string prefix = "the convention looptree-v1 does not cover ";
  for (EinsumId e = 0; e < workload.einsums.size(); ++e) {
    const Tensor &written = workload.tensors[workload.einsums[e].write.tensor];
    std::vector<EinsumId> readers =
        workload.consumers(workload.einsums[e].write.tensor);
    bool isLast = e + 1 == workload.einsums.size();
    if (isLast ? !readers.empty() : readers != std::vector<EinsumId>{e + 1})
      return Error{prefix + "einsums that are no chain: " + written.name +
                   " is read by other einsums than the next"};
  }
  for (const Tensor &tensor : workload.tensors)
    if (tensor.partialBits && *tensor.partialBits != tensor.bits)
      return Error{prefix + "partial_bits, which " + tensor.name + " has"};
  const Node *node = &mapping.root;
  while (!node->isSplit() && !node->children.empty())
    node = &node->children[0];
  for (const Node &branch : node->children)
    for (node = &branch; !node->children.empty(); node = &node->children[0])
      if (node->isSplit())
        return Error{prefix + "a split inside a branch of another"};
  return std::nullopt;
}

static std::optional<Error> checkCandidate(const Workload &workload,
                                           const Arch &arch,
                                           const Mapping &mapping,
                                           const SimulationOptions &options) {
  const int64_t maxOps = options.maxOps;
  if (std::optional<Error> error = workload.check())
    return error;
  if (std::optional<Error> error = arch.check())
    return error;
  if (std::optional<IllegalMapping> illegal = check(mapping, workload, arch))
    return Error{illegal->message};
  if (options.convention == Convention::LoopTreeV1)
    if (std::optional<Error> error = checkOriginal(workload, mapping))
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

namespace {
/// What a walk that repeated the previous one has found.
struct Settled {
  bool madeWhatItLost;
  std::optional<EndingEntries::value_type> missing;
};
} // namespace

/// Looks until a walk repeats the previous one. Each walk settles at least one
/// more einsum and what its survival in a branch implies; a mapping that takes
/// longer goes round in circles, and nothing is returned.
static Result<std::optional<Settled>> settle(const Walk::Setting &setting,
                                             const EndingEntries *ending) {
  for (size_t i = 0; i < 2 * setting.workload.einsums.size() + 4; ++i) {
    Walk look(setting, nullptr, nullptr, ending);
    if (std::optional<Error> error = look.run())
      return *error;
    if (setting.lookahead.turn())
      return std::optional(Settled{look.madeWhatItLost(), look.missing()});
  }
  return std::optional<Settled>();
}

/// Settles visit by visit, each with the fewest branches entered that ask for
/// no more.
static std::optional<Error> settleWithLeast(const Walk::Setting &setting,
                                            EndingEntries &ending) {
  while (true) {
    Result<std::optional<Settled>> look = settle(setting, &ending);
    if (!look)
      return look.error();
    if (!*look)
      return Error{"what the branches of the mapping have to make does not "
                   "settle"};
    if (!(*look)->missing)
      return std::nullopt;
    const auto &[visit, entered] = *(*look)->missing;
    std::vector<bool> &listed = ending[visit];
    listed.resize(entered.size());
    for (size_t b = 0; b < entered.size(); ++b)
      listed[b] = listed[b] || entered[b];
  }
}

Result<CostReport> simulate(const Workload &workload, const Arch &arch,
                            const Mapping &mapping,
                            const SimulationOptions &options) {
  if (std::optional<Error> error =
          checkCandidate(workload, arch, mapping, options))
    return *error;
  Tree tree(workload, arch, mapping);
  std::vector<OpSpace> spaces;
  for (EinsumId e = 0; e < workload.einsums.size(); ++e)
    spaces.emplace_back(workload, e);

  Instances instances;
  Lookahead lookahead(workload, tree, instances);
  Walk::Setting setting{
      workload,           arch,           tree,      spaces,
      options.convention, options.maxOps, instances, lookahead};
  Result<std::optional<Settled>> look = settle(setting, nullptr);
  if (!look)
    return look.error();
  EndingEntries ending;
  bool isOpen = !*look || (*look)->madeWhatItLost;
  if (isOpen)
    if (std::optional<Error> error = settleWithLeast(setting, ending))
      return *error;

  Memory memory(workload, tree, spaces, instances, options.convention);
  Tally tally(workload, tree, spaces, options.convention);
  Walk last(setting, &memory, &tally, isOpen ? &ending : nullptr);
  if (std::optional<Error> error = last.run())
    return *error;
  if (options.nodes)
    *options.nodes = last.nodes();
  return makeReport(workload, arch, tree, spaces, instances, memory, tally,
                    last, options.convention);
}

} // namespace looptree

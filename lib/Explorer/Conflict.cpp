//===- Conflict.cpp - Constraints that exclude everything -----------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Conflict.h"
#include "looptree/Mapping/Mapping.h"

#include <algorithm>
#include <functional>

using namespace looptree;

namespace {

bool isIn(unsigned id, const std::vector<unsigned> &list) {
  return std::find(list.begin(), list.end(), id) != list.end();
}

/// Whether any tree is left. Where tensors may be depends on the number of
/// loops alone, so one order of each number is enough.
class TreeFinder {
public:
  TreeFinder(const Workload &set, const Arch &arch, const TrunkSpace &space)
      : set(set), arch(arch), space(space) {}

  bool find() const {
    bool mayPipeline =
        space.pipeline && space.tier && *space.tier != MapTier::S1;
    if (set.einsums.size() > 1 && !space.sequential && !mayPipeline)
      return false;
    std::vector<EinsumId> all;
    for (EinsumId e = 0; e < set.einsums.size(); ++e)
      all.push_back(e);
    if (headsOf(all, set).size() > 1)
      return hasTree({});
    if (space.orders)
      return std::any_of(space.orders->begin(), space.orders->end(),
                         [&](const auto &order) { return hasTree(order); });
    std::vector<RankId> loops = space.first;
    if (hasTree(loops))
      return true;
    for (RankId r = 0; r < set.einsums.back().ranks.size(); ++r) {
      if (isIn(r, loops))
        continue;
      loops.push_back(r);
      if (!hasSteps(r) || !space.mayBegin(loops))
        loops.pop_back();
      else if (hasTree(loops))
        return true;
    }
    return false;
  }

private:
  bool hasSteps(RankId rank) const {
    return space.hasStep(rank, set.einsums.back().ranks[rank].extent);
  }

  bool hasTree(const std::vector<RankId> &loops) const {
    if (!space.mayBe(loops) ||
        !std::all_of(loops.begin(), loops.end(),
                     [&](RankId r) { return hasSteps(r); }))
      return false;
    for (TensorId t = 0; t < set.tensors.size(); ++t)
      if (!hasPlace(t, unsigned(loops.size())))
        return false;
    return true;
  }

  bool hasPlace(TensorId t, unsigned loops) const {
    bool middle = set.tensors[t].kind == TensorKind::Intermediate;
    if (space.mayBeOffChip(t) && !(middle && isIn(t, space.fused)))
      return true;
    for (LevelId level = 1; level < arch.levels.size(); ++level)
      for (unsigned depth = 0; depth <= loops; ++depth)
        for (bool noReuse : {false, true})
          if (arch.levels[level].canHold(set.tensors[t]) &&
              space.mayRetain(t, level, depth, loops, noReuse))
            return true;
    return false;
  }

  const Workload &set;
  const Arch &arch;
  const TrunkSpace &space;
};

/// One constraint: its name, and a space without it.
struct Part {
  std::string name;
  std::function<void(TrunkSpace &)> drop;
};

std::string nameOf(const RetainRule &rule, const Arch &arch) {
  std::string text;
  switch (rule.where) {
  case RetainRule::Where::OnTrunk:
    text = " on the trunk";
    break;
  case RetainRule::Where::AboveLoops:
    text = " above the loops";
    break;
  case RetainRule::Where::BelowLoops:
    text = " below the loops";
    break;
  case RetainRule::Where::BelowSome:
    text = " below " + std::to_string(rule.depth) +
           (rule.depth == 1 ? " loop" : " loops");
    break;
  case RetainRule::Where::OffChip:
    return " off chip";
  }
  return rule.level ? text + " at " + arch.levels[*rule.level].name : text;
}

std::vector<Part> partsOf(const Workload &set, const Arch &arch,
                          const TrunkSpace &space) {
  std::vector<Part> parts;
  const Einsum &head = set.einsums.back();
  auto listOf = [&](const std::vector<RankId> &ranks) {
    std::string text;
    for (RankId r : ranks)
      text += (text.empty() ? "" : ", ") + head.ranks[r].name;
    return "[" + text + "]";
  };
  if (space.maxLoops)
    parts.push_back({"max_loops: " + std::to_string(*space.maxLoops),
                     [](TrunkSpace &s) { s.maxLoops = std::nullopt; }});
  if (space.ranks)
    parts.push_back({"partitioned_ranks: " + listOf(*space.ranks),
                     [](TrunkSpace &s) { s.ranks = std::nullopt; }});
  if (space.orders) {
    std::string text;
    for (const auto &order : *space.orders)
      text += (text.empty() ? "" : ", ") + listOf(order);
    parts.push_back({"loop_order: [" + text + "]",
                     [](TrunkSpace &s) { s.orders = std::nullopt; }});
  }
  if (!space.first.empty())
    parts.push_back({"the loops " + listOf(space.first) + " of mapping",
                     [](TrunkSpace &s) { s.first.clear(); }});
  for (const auto &[rank, rule] : space.steps) {
    RankId r = rank;
    parts.push_back({"steps of " + head.ranks[r].name,
                     [r](TrunkSpace &s) { s.steps.erase(r); }});
  }
  for (TensorId id : space.fused)
    parts.push_back({"fused: " + set.tensors[id].name,
                     [id](TrunkSpace &s) { std::erase(s.fused, id); }});
  for (TensorId id : space.unfused)
    parts.push_back({"unfused: " + set.tensors[id].name,
                     [id](TrunkSpace &s) { std::erase(s.unfused, id); }});
  for (const auto &[tensor, rule] : space.retain) {
    TensorId id = tensor;
    parts.push_back({"retain of " + set.tensors[id].name + nameOf(rule, arch),
                     [id](TrunkSpace &s) { s.retain.erase(id); }});
  }
  if (!space.sequential)
    parts.push_back({"splits without sequential",
                     [](TrunkSpace &s) { s.sequential = true; }});
  return parts;
}

} // namespace

std::vector<std::string> looptree::conflictOf(const Workload &set,
                                              const Arch &arch,
                                              const TrunkSpace &space) {
  std::vector<std::string> names;
  if (TreeFinder(set, arch, space).find())
    return names;
  // What can be left out without a tree coming back is no part of the conflict.
  TrunkSpace core = space;
  for (const Part &part : partsOf(set, arch, space)) {
    TrunkSpace without = core;
    part.drop(without);
    if (TreeFinder(set, arch, without).find())
      names.push_back(part.name);
    else
      core = std::move(without);
  }
  return names;
}

//===- MapSpace.cpp - Which mappings a search may take --------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "looptree/Mapping/MapSpace.h"

#include <algorithm>

using namespace looptree;

template <typename T> static bool isIn(T value, const std::vector<T> &list) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

/// Calls `use` for each step that a rule allows until it returns false. A list
/// is shorter than the extent may be.
template <typename Use>
static void forEachStep(const StepRule &rule, int64_t extent, Use use) {
  auto isGood = [&](int64_t step) {
    return step < extent && step % rule.multipleOf == 0 &&
           (!rule.tiles || isIn((extent - 1) / step + 1, *rule.tiles));
  };
  if (rule.oneOf) {
    std::vector<int64_t> steps = *rule.oneOf;
    std::sort(steps.begin(), steps.end());
    steps.erase(std::unique(steps.begin(), steps.end()), steps.end());
    for (int64_t step : steps)
      if (isGood(step) && !use(step))
        return;
    return;
  }
  for (int64_t step = rule.multipleOf; step < extent;) {
    if (isGood(step) && !use(step))
      return;
    if (__builtin_add_overflow(step, rule.multipleOf, &step))
      return;
  }
}

static StepRule ruleOf(const std::map<RankId, StepRule> &steps, RankId rank) {
  auto given = steps.find(rank);
  return given == steps.end() ? StepRule() : given->second;
}

static std::vector<int64_t> stepsBy(const StepRule &rule, int64_t extent) {
  std::vector<int64_t> result;
  forEachStep(rule, extent, [&](int64_t step) {
    result.push_back(step);
    return true;
  });
  return result;
}

const char *looptree::toString(MapTier tier) {
  switch (tier) {
  case MapTier::S1:
    return "S1";
  case MapTier::S2:
    return "S2";
  case MapTier::S3:
    return "S3";
  }
  return "?";
}

bool BranchSpace::mayLoop(RankId rank) const {
  return !ranks || isIn(rank, *ranks);
}

std::vector<int64_t> BranchSpace::stepsOf(RankId rank, int64_t extent) const {
  return stepsBy(ruleOf(steps, rank), extent);
}

std::vector<int64_t> TrunkSpace::stepsOf(RankId rank, int64_t extent) const {
  return stepsBy(ruleOf(steps, rank), extent);
}

bool TrunkSpace::mayStep(RankId rank, int64_t extent, int64_t step) const {
  StepRule rule = ruleOf(steps, rank);
  if (rule.oneOf && !isIn(step, *rule.oneOf))
    return false;
  rule.oneOf = {step};
  return !stepsBy(rule, extent).empty();
}

bool TrunkSpace::hasStep(RankId rank, int64_t extent) const {
  bool any = false;
  forEachStep(ruleOf(steps, rank), extent, [&](int64_t) {
    any = true;
    return false;
  });
  return any;
}

bool TrunkSpace::mayBegin(std::span<const RankId> loops) const {
  if (maxLoops && loops.size() > *maxLoops)
    return false;
  if (ranks && !std::all_of(loops.begin(), loops.end(),
                            [&](RankId r) { return isIn(r, *ranks); }))
    return false;
  size_t both = std::min(first.size(), loops.size());
  if (!std::equal(first.begin(), first.begin() + long(both), loops.begin()))
    return false;
  return !orders ||
         std::any_of(orders->begin(), orders->end(), [&](const auto &order) {
           return order.size() >= loops.size() &&
                  std::equal(loops.begin(), loops.end(), order.begin());
         });
}

bool TrunkSpace::mayBe(std::span<const RankId> loops) const {
  return mayBegin(loops) && loops.size() >= first.size() &&
         (!orders ||
          std::any_of(orders->begin(), orders->end(), [&](const auto &order) {
            return std::equal(loops.begin(), loops.end(), order.begin(),
                              order.end());
          }));
}

bool TrunkSpace::mayRetain(TensorId tensor, LevelId level, unsigned depth,
                           unsigned loops, bool noReuse) const {
  auto given = retain.find(tensor);
  if (given == retain.end())
    return true;
  const RetainRule &rule = given->second;
  if ((rule.level && *rule.level != level) ||
      (rule.noReuse && *rule.noReuse != noReuse))
    return false;
  switch (rule.where) {
  case RetainRule::Where::OnTrunk:
    return true;
  case RetainRule::Where::AboveLoops:
    return depth == 0;
  case RetainRule::Where::BelowLoops:
    return depth == loops;
  case RetainRule::Where::BelowSome:
    return depth == rule.depth;
  case RetainRule::Where::OffChip:
    return false;
  }
  return false;
}

bool TrunkSpace::mayBeOffChip(TensorId tensor) const {
  auto given = retain.find(tensor);
  return given == retain.end() ||
         given->second.where == RetainRule::Where::OffChip;
}

bool TrunkSpace::mayRetainInBranches(TensorId tensor) const {
  return !retain.contains(tensor);
}

TrunkSpace looptree::spaceOf(const Constraints &constraints,
                             const Workload &workload,
                             const std::vector<EinsumId> &einsums) {
  Workload set = extractSet(workload, einsums);
  auto local = [&](TensorId t) {
    return set.findTensor(workload.tensors[t].name);
  };
  TrunkSpace space;
  space.maxLoops = constraints.maxLoops;
  space.sequential = constraints.sequential;
  space.pipeline = constraints.pipeline;
  EinsumId head = einsums.back();
  if (auto given = constraints.ranks.find(head);
      given != constraints.ranks.end())
    space.ranks = given->second;
  if (auto given = constraints.orders.find(head);
      given != constraints.orders.end())
    space.orders = given->second;
  if (auto given = constraints.steps.find(head);
      given != constraints.steps.end())
    space.steps = given->second;
  for (EinsumId e = 0; e < einsums.size(); ++e) {
    if (auto given = constraints.branchRanks.find(einsums[e]);
        given != constraints.branchRanks.end())
      space.branches[e].ranks = given->second;
    if (constraints.maxBranchLoops)
      space.branches[e].maxLoops = constraints.maxBranchLoops;
  }
  for (TensorId t : constraints.unfused)
    if (auto id = local(t))
      space.unfused.push_back(*id);
  for (TensorId t : constraints.fused)
    if (auto id = local(t))
      space.fused.push_back(*id);
  for (const auto &[t, rule] : constraints.retain)
    if (auto id = local(t))
      space.retain[*id] = rule;
  return space;
}

std::string looptree::toString(const Goal &goal, const Arch &arch) {
  switch (goal.kind) {
  case Goal::Kind::CapacityBits:
    return "capacity_bits." + arch.levels[goal.level].name;
  case Goal::Kind::OffChipBits:
    return "off_chip_bits";
  case Goal::Kind::RecomputeOps:
    return "recompute_ops";
  case Goal::Kind::Latency:
    return "latency";
  case Goal::Kind::EnergyPj:
    return "energy_pj";
  case Goal::Kind::Edp:
    return "edp";
  }
  return "?";
}

std::vector<Goal> looptree::allGoals(const Arch &arch) {
  std::vector<Goal> goals;
  for (LevelId level = 1; level < arch.levels.size(); ++level)
    goals.push_back({Goal::Kind::CapacityBits, level});
  for (auto kind : {Goal::Kind::OffChipBits, Goal::Kind::RecomputeOps,
                    Goal::Kind::Latency, Goal::Kind::EnergyPj, Goal::Kind::Edp})
    goals.push_back({kind});
  return goals;
}

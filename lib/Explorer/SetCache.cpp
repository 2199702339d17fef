//===- SetCache.cpp - Each structure is searched once ---------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SetCache.h"

#include "Goals.h"
#include "looptree/Analysis/Minimum.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <thread>

using namespace looptree;

std::string looptree::structureOf(const Workload &workload) {
  std::string text;
  auto add = [&](int64_t number) {
    text += std::to_string(number);
    text += ',';
  };
  auto addAccess = [&](const Access &access) {
    add(access.tensor);
    add(access.isInit);
    for (const LinearExpr &expr : access.index) {
      for (const auto &term : expr.terms) {
        add(term.rank);
        add(term.coefficient);
      }
      text += '+';
      add(expr.constant);
    }
    text += ';';
  };
  for (const Tensor &tensor : workload.tensors) {
    add(int64_t(tensor.kind));
    for (int64_t extent : tensor.shape)
      add(extent);
    text += ':';
    add(tensor.bits);
    add(tensor.partialBits.value_or(tensor.bits));
    add(tensor.isWeight);
    text += '\n';
  }
  for (const Einsum &einsum : workload.einsums) {
    add(int64_t(einsum.kind));
    for (const Rank &rank : einsum.ranks)
      add(rank.extent);
    text += ':';
    addAccess(einsum.write);
    for (const Access &read : einsum.reads)
      addAccess(read);
    text += '\n';
  }
  return text;
}

/// What of a space the search of a set looks at; empty where nothing is said.
static std::string textOf(const TrunkSpace &space) {
  std::string text;
  auto add = [&](int64_t number) {
    text += std::to_string(number);
    text += ',';
  };
  auto addAll = [&](char what, const auto &numbers) {
    text += what;
    for (auto number : numbers)
      add(number);
  };
  if (space.maxLoops)
    addAll('m', std::vector<unsigned>{*space.maxLoops});
  if (space.ranks)
    addAll('p', *space.ranks);
  if (space.orders)
    for (const auto &order : *space.orders)
      addAll('o', order);
  for (const auto &[rank, rule] : space.steps) {
    addAll('s', std::vector<int64_t>{rank, rule.multipleOf});
    if (rule.oneOf)
      addAll('l', *rule.oneOf);
    if (rule.tiles)
      addAll('t', *rule.tiles);
  }
  for (const auto &[einsum, branch] : space.branches)
    if (branch.ranks) {
      addAll('b', std::vector<EinsumId>{einsum});
      addAll('p', *branch.ranks);
    }
  for (const auto &[tensor, rule] : space.retain)
    addAll('r',
           std::vector<int64_t>{tensor, int64_t(rule.where), rule.depth,
                                int64_t(rule.level.value_or(0)),
                                rule.noReuse ? 1 + int64_t(*rule.noReuse) : 0});
  return text.empty() ? text : "|" + text;
}

const SetResult &SetCache::search(const Request &request) {
  return *search(std::vector<Request>{request})[0];
}

std::vector<const SetResult *>
SetCache::search(const std::vector<Request> &requests) {
  std::vector<const SetResult *> answers;
  std::map<Searched *, const Request *> open;
  for (const Request &request : requests) {
    Searched &entry =
        results[structureOf(request.set) +
                (request.loops == TrunkLoops::Any ? "L" : "") +
                textOf(request.space) +
                (with.cache ? "" : "#" + std::to_string(results.size()))];
    answers.push_back(&entry.result);
    if (entry.limit &&
        !(entry.result.found.empty() && request.limit > *entry.limit))
      continue;
    const Request *&known = open[&entry];
    if (!known || known->limit < request.limit)
      known = &request;
  }
  std::vector<std::pair<Searched *, const Request *>> work(open.begin(),
                                                           open.end());
  std::atomic<size_t> next = 0;
  auto drain = [&](BranchOptions &options) {
    for (size_t i; (i = next++) < work.size();) {
      auto [entry, request] = work[i];
      entry->result = searchSet(request->set, arch, objective, request->loops,
                                request->space, request->limit, options);
      entry->limit = request->limit;
    }
  };
  size_t threads = std::clamp<size_t>(std::thread::hardware_concurrency(), 1,
                                      std::max<size_t>(work.size(), 1));
  if (options.size() < threads)
    options.resize(threads, BranchOptions(with));
  std::vector<std::thread> helpers;
  for (size_t t = 1; t < threads; ++t)
    helpers.emplace_back([&, t] { drain(options[t]); });
  drain(options[0]);
  for (std::thread &helper : helpers)
    helper.join();
  for (auto [entry, request] : work)
    total += entry->result.evaluations;
  searched += int64_t(work.size());
  return answers;
}

static Goal goalOf(Objective objective) {
  switch (objective) {
  case Objective::OffChipBits:
    return {Goal::Kind::OffChipBits};
  case Objective::EnergyPj:
    return {Goal::Kind::EnergyPj};
  case Objective::Latency:
    return {Goal::Kind::Latency};
  case Objective::Edp:
    return {Goal::Kind::Edp};
  }
  return {};
}

Result<SetCache::Least> SetCache::least(const Workload &set) {
  auto [entry, isNew] = leasts.try_emplace(structureOf(set));
  if (!isNew)
    return entry->second;
  auto work = leastWork(set);
  if (!work)
    return work.error();
  LeastCosts costs;
  costs.offChipBits = work->offChip.bits;
  double cycles = 0;
  for (EinsumId e = 0; e < set.einsums.size(); ++e) {
    const OpCost &cost = arch.compute.of(set.einsums[e].kind);
    costs.computePj += double(work->ops[e]) * cost.pjPerOp;
    // A `sequential` runs one einsum at a time.
    if (cost.opsPerCycle)
      cycles += double(work->ops[e]) / cost.opsPerCycle->toDouble() /
                double(arch.computeInstances());
  }
  costs.computeCycles = int64_t(cycles * (1 - 1e-9));
  auto valueOf = [&](Objective what) {
    return leastValue(goalOf(what), costs, 0, arch);
  };
  return entry->second = {valueOf(objective), valueOf(Objective::EnergyPj),
                          valueOf(Objective::Latency)};
}

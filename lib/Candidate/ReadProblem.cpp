//===- ReadProblem.cpp - Problems from files ------------------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Reader.h"
#include "looptree/Candidate/Candidate.h"
#include "looptree/Candidate/Problem.h"

#include <algorithm>

using namespace looptree;
using namespace looptree::candidate;

namespace {

class ProblemReader {
public:
  ProblemReader(Reader &reader, SearchProblem &problem)
      : reader(reader), problem(problem) {}

  bool read(const Value &value, const ProblemOptions &options) {
    Fields fields(reader, value, "a problem",
                  {"version", "workload", "cuts", "architecture", "objectives",
                   "space", "constraints", "limits"});
    if (!fields || !reader.checkVersion(fields.find("version")))
      return false;
    const Value *workload = fields.require("workload");
    auto w = workload ? readWorkload(reader, *workload) : std::nullopt;
    if (!w)
      return false;
    problem.workload = std::move(*w);
    const Value *cuts = fields.find("cuts");
    if ((cuts && !readCuts(*cuts)) ||
        (!options.einsums.empty() && !select(value, options.einsums)) ||
        !readArchOf(fields, options))
      return false;
    if (problem.workload.einsums.empty())
      return reader.fail(*workload, "the workload has no einsum to map");
    const Value *constraints = fields.find("constraints");
    const Value *space = fields.find("space");
    const Value *limits = fields.find("limits");
    return readObjectives(fields, options) &&
           (!constraints || !options.constraints.empty() ||
            readConstraints(*constraints, options.forSets)) &&
           (!space || readSpace(*space)) && (!limits || readLimits(*limits));
  }

  bool readSpace(const Value &value) {
    auto name = reader.string(value, "space");
    if (!name)
      return false;
    for (MapTier tier : {MapTier::S1, MapTier::S2, MapTier::S3})
      if (*name == toString(tier)) {
        problem.space.tier = tier;
        return true;
      }
    return reader.fail(value, "a space is S1, S2 or S3, not '" + *name + "'");
  }

private:
  bool readArchOf(const Fields &fields, const ProblemOptions &options) {
    if (options.arch) {
      problem.arch = *options.arch;
      return true;
    }
    const Value *arch = fields.require("architecture");
    auto a = arch ? candidate::readArch(reader, *arch) : std::nullopt;
    if (!a)
      return false;
    problem.arch = std::move(*a);
    return true;
  }

  bool readCuts(const Value &value) {
    auto items = reader.list(value, "cuts");
    if (!items)
      return false;
    for (const Value &item : *items) {
      auto name = reader.string(item, "an einsum");
      if (!name)
        return false;
      auto einsum = problem.workload.findEinsum(*name);
      EinsumId last = problem.cuts.empty() ? 0 : problem.cuts.back();
      if (!einsum || *einsum <= last)
        return reader.fail(item, "cuts name einsums in the workload's order, "
                                 "without the first");
      problem.cuts.push_back(*einsum);
    }
    return true;
  }

  /// Leaves of the workload what the command line names.
  bool select(const Value &value, const std::vector<std::string> &names) {
    std::vector<EinsumId> set;
    for (const std::string &name : names) {
      auto einsum = problem.workload.findEinsum(name);
      if (!einsum)
        return reader.fail(value, "there is no einsum '" + name + "'");
      set.push_back(*einsum);
    }
    std::sort(set.begin(), set.end());
    set.erase(std::unique(set.begin(), set.end()), set.end());
    std::vector<EinsumId> cuts;
    for (EinsumId cut : problem.cuts) {
      EinsumId before =
          EinsumId(std::lower_bound(set.begin(), set.end(), cut) - set.begin());
      if (before > 0 && before < set.size() &&
          (cuts.empty() || cuts.back() != before))
        cuts.push_back(before);
    }
    problem.cuts = std::move(cuts);
    problem.workload = extractSet(problem.workload, set);
    return true;
  }

  bool readObjectives(const Fields &fields, const ProblemOptions &options) {
    if (options.objectives.empty()) {
      const Value *objectives = fields.require("objectives");
      return objectives && readGoals(*objectives);
    }
    Value list;
    list.kind = Value::Kind::List;
    for (const std::string &name : options.objectives) {
      Value item;
      item.kind = Value::Kind::Scalar;
      item.text = name;
      list.items.push_back(std::move(item));
    }
    return readGoals(list);
  }

  bool readGoals(const Value &value) {
    auto items = reader.list(value, "objectives");
    if (!items)
      return false;
    if (items->empty() || items->size() > 3)
      return reader.fail(value, "there are " + std::to_string(items->size()) +
                                    " objectives; one to three are needed");
    for (const Value &item : *items) {
      auto text = reader.string(item, "an objective");
      if (!text)
        return false;
      auto goal = goalOf(*text);
      if (!goal)
        return reader.fail(item, "unknown objective '" + *text +
                                     "'; known are " + knownGoals());
      if (std::count(problem.goals.begin(), problem.goals.end(), *goal))
        return reader.fail(item, "objective " + *text + " is given twice");
      problem.goals.push_back(*goal);
    }
    return true;
  }

  std::optional<Goal> goalOf(const std::string &text) const {
    for (const Goal &goal : allGoals(problem.arch))
      if (toString(goal, problem.arch) == text)
        return goal;
    return std::nullopt;
  }
  std::string knownGoals() const {
    std::string text;
    for (const Goal &goal : allGoals(problem.arch))
      text += (text.empty() ? "" : ", ") + toString(goal, problem.arch);
    return text;
  }

public:
  bool readConstraints(const Value &value, bool forSets) {
    auto constraints = candidate::readConstraints(
        reader, value, problem.workload, problem.arch, /*onlyHead=*/!forSets);
    if (!constraints)
      return false;
    if (forSets) {
      problem.constraints = std::move(*constraints);
      return true;
    }
    std::vector<EinsumId> all;
    for (EinsumId e = 0; e < problem.workload.einsums.size(); ++e)
      all.push_back(e);
    auto tier = problem.space.tier;
    problem.space = spaceOf(*constraints, problem.workload, all);
    problem.space.tier = tier;
    for (size_t i = 0; i < value.items.size(); i += 2)
      if (value.items[i].text == "mapping")
        return readPinned(value.items[i + 1]);
    return true;
  }

private:
  /// A whole mapping, or what it begins with.
  bool readPinned(const Value &value) {
    auto items = reader.list(value, "mapping");
    if (!items)
      return false;
    if (items->empty())
      return true;
    if (endsChain(items->back())) {
      problem.mapping =
          readMapping(reader, value, problem.workload, problem.arch);
      return problem.mapping.has_value();
    }
    auto trunk = readTrunk(reader, value, problem.workload, problem.arch);
    if (!trunk)
      return false;
    for (size_t i = 0; i < trunk->size(); ++i)
      if (!pin((*items)[i], (*trunk)[i]))
        return false;
    return true;
  }

  static bool endsChain(const Value &node) {
    for (size_t i = 0; i + 1 < node.items.size(); i += 2)
      for (const char *kind : {"sequential", "pipeline", "compute"})
        if (node.items[i].text == kind)
          return true;
    return false;
  }

  /// A node of a trunk whose rest is left to search, as a constraint.
  bool pin(const Value &where, const NodeKind &kind) {
    TrunkSpace &space = problem.space;
    if (auto *loop = std::get_if<For>(&kind)) {
      if (loop->einsum + 1 != problem.workload.einsums.size())
        return reader.fail(where, "the trunk's loops are over ranks of " +
                                      problem.workload.einsums.back().name);
      if (std::count(space.first.begin(), space.first.end(), loop->rank))
        return reader.fail(where, "a trunk has one loop over a rank at most");
      space.first.push_back(loop->rank);
      // Both hold: what was said of the rank's steps, and this.
      StepRule &rule = space.steps[loop->rank];
      bool isAllowed = !rule.oneOf || std::count(rule.oneOf->begin(),
                                                 rule.oneOf->end(), loop->step);
      rule.oneOf.emplace();
      if (isAllowed)
        rule.oneOf->push_back(loop->step);
      return true;
    }
    auto *retain = std::get_if<Retain>(&kind);
    if (!retain)
      return reader.fail(where, "a mapping whose rest is left to search has "
                                "loops in time and retains");
    for (TensorId t : retain->tensors) {
      if (retain->level == 0) {
        if (problem.workload.tensors[t].kind == TensorKind::Intermediate)
          space.unfused.push_back(t);
        continue;
      }
      RetainRule rule{
          RetainRule::Where::BelowSome, unsigned(space.first.size()),
          retain->level,
          std::count(retain->noReuse.begin(), retain->noReuse.end(), t) > 0};
      if (!space.retain.emplace(t, rule).second)
        return reader.fail(where, "where " + problem.workload.tensors[t].name +
                                      " is retained is said already");
    }
    return true;
  }

  bool readLimits(const Value &value) {
    Fields fields(reader, value, "limits",
                  {"seconds", "evaluations", "memory"});
    if (!fields)
      return false;
    const Value *seconds = fields.find("seconds");
    if (seconds && seconds->kind != Value::Kind::Null) {
      auto number = reader.rate(*seconds, "seconds");
      if (!number)
        return false;
      problem.seconds = number->toDouble();
    }
    const Value *evaluations = fields.find("evaluations");
    if (evaluations && evaluations->kind != Value::Kind::Null) {
      problem.evaluations = reader.integer(*evaluations, "evaluations", 1);
      if (!problem.evaluations)
        return false;
    }
    const Value *memory = fields.find("memory");
    if (memory && memory->kind != Value::Kind::Null) {
      auto bits = reader.bits(*memory, "memory", 1);
      if (!bits)
        return false;
      problem.memoryBytes = (*bits - 1) / 8 + 1;
    }
    return true;
  }

  Reader &reader;
  SearchProblem &problem;
};

} // namespace

Result<SearchProblem> looptree::readProblem(std::string_view text,
                                            std::string_view name,
                                            const ProblemOptions &options) {
  Result<Value> value = parseDocument(text, name);
  if (!value)
    return value.error();
  Reader reader(name);
  SearchProblem problem;
  if (!ProblemReader(reader, problem).read(*value, options))
    return reader.error();
  if (!options.constraints.empty()) {
    constexpr std::string_view kName = "constraints";
    Result<Value> constraints = parseDocument(options.constraints, kName);
    if (!constraints)
      return constraints.error();
    Reader other(kName);
    if (!ProblemReader(other, problem)
             .readConstraints(*constraints, options.forSets))
      return other.error();
  }
  if (options.tier)
    problem.space.tier = options.tier;
  if (auto error = overrideCapacities(problem.arch, options.capacity))
    return *error;
  if (options.seconds)
    problem.seconds = options.seconds;
  if (options.evaluations)
    problem.evaluations = options.evaluations;
  if (options.memoryBytes)
    problem.memoryBytes = options.memoryBytes;
  return std::move(problem);
}

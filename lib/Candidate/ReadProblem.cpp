//===- ReadProblem.cpp - Problems from files ------------------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Reader.h"
#include "looptree/Candidate/Problem.h"

#include <algorithm>

using namespace looptree;
using namespace looptree::candidate;

std::string looptree::toString(const Goal &goal, const Arch &arch) {
  switch (goal.kind) {
  case Goal::Kind::CapacityBits:
    return "capacity_bits." + arch.levels[goal.level].name;
  case Goal::Kind::OffChipBits:
    return "off_chip_bits";
  case Goal::Kind::RecomputeOps:
    return "recompute_ops";
  }
  return "?";
}

namespace {

class ProblemReader {
public:
  explicit ProblemReader(Reader &reader) : reader(reader) {}

  std::optional<SearchProblem> read(const Value &value) {
    Fields fields(reader, value, "a problem",
                  {"version", "workload", "architecture", "objectives",
                   "constraints", "limits"});
    if (!fields || !reader.checkVersion(fields.find("version")))
      return std::nullopt;
    const Value *workload = fields.require("workload");
    const Value *arch = workload ? fields.require("architecture") : nullptr;
    const Value *objectives = arch ? fields.require("objectives") : nullptr;
    if (!objectives)
      return std::nullopt;
    auto w = readWorkload(reader, *workload);
    auto a = w ? candidate::readArch(reader, *arch) : std::nullopt;
    if (!a)
      return std::nullopt;
    problem.workload = std::move(*w);
    problem.arch = std::move(*a);
    const Value *constraints = fields.find("constraints");
    const Value *limits = fields.find("limits");
    if (!readGoals(*objectives) ||
        (constraints && !readConstraints(*constraints)) ||
        (limits && !readLimits(*limits)))
      return std::nullopt;
    return std::move(problem);
  }

private:
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

  std::vector<Goal> allGoals() const {
    std::vector<Goal> goals;
    for (LevelId level = 1; level < problem.arch.levels.size(); ++level)
      goals.push_back({Goal::Kind::CapacityBits, level});
    goals.push_back({Goal::Kind::OffChipBits});
    goals.push_back({Goal::Kind::RecomputeOps});
    return goals;
  }
  std::optional<Goal> goalOf(const std::string &text) const {
    for (const Goal &goal : allGoals())
      if (toString(goal, problem.arch) == text)
        return goal;
    return std::nullopt;
  }
  std::string knownGoals() const {
    std::string text;
    for (const Goal &goal : allGoals())
      text += (text.empty() ? "" : ", ") + toString(goal, problem.arch);
    return text;
  }

  bool readConstraints(const Value &value) {
    Fields fields(
        reader, value, "constraints",
        {"partitioned_ranks", "max_loops", "steps", "unfused", "fused"});
    if (!fields)
      return false;
    if (const Value *most = fields.find("max_loops")) {
      auto number = reader.integer(*most, "max_loops", 0);
      if (!number)
        return false;
      problem.space.maxLoops = unsigned(std::min<int64_t>(*number, 1 << 20));
    }
    const Value *ranks = fields.find("partitioned_ranks");
    const Value *steps = fields.find("steps");
    const Value *unfused = fields.find("unfused");
    const Value *fused = fields.find("fused");
    return (!ranks || readRanks(*ranks)) && (!steps || readSteps(*steps)) &&
           (!unfused || readTensors(*unfused, problem.space.unfused)) &&
           (!fused || readTensors(*fused, problem.space.fused));
  }

  /// The entry of a map whose one key is the head.
  const Value *ofHead(const Value &value, const char *what) {
    const Einsum &head = problem.workload.einsums.back();
    if (value.kind != Value::Kind::Map || value.items.size() != 2) {
      reader.fail(value,
                  std::string(what) + " has one key, the einsum " + head.name);
      return nullptr;
    }
    if (value.items[0].text != head.name) {
      reader.fail(value.items[0], "the trunk's loops are over ranks of " +
                                      head.name + ", not of '" +
                                      value.items[0].text + "'");
      return nullptr;
    }
    return &value.items[1];
  }
  std::optional<RankId> rankOf(const Value &value, const std::string &name) {
    const Einsum &head = problem.workload.einsums.back();
    auto rank = head.findRank(name);
    if (!rank)
      reader.fail(value, "einsum " + head.name + " has no rank '" + name + "'");
    return rank;
  }

  bool readRanks(const Value &value) {
    const Value *list = ofHead(value, "partitioned_ranks");
    auto items = list ? reader.list(*list, "partitioned_ranks") : std::nullopt;
    if (!items)
      return false;
    problem.space.ranks.emplace();
    for (const Value &item : *items) {
      auto name = reader.string(item, "a rank");
      auto rank = name ? rankOf(item, *name) : std::nullopt;
      if (!rank)
        return false;
      problem.space.ranks->push_back(*rank);
    }
    return true;
  }

  bool readSteps(const Value &value) {
    const Value *map = ofHead(value, "steps");
    if (!map)
      return false;
    if (map->kind != Value::Kind::Map)
      return reader.fail(*map, "steps of an einsum are a map from its ranks");
    for (size_t i = 0; i < map->items.size(); i += 2) {
      auto rank = rankOf(map->items[i], map->items[i].text);
      if (!rank)
        return false;
      if (problem.space.steps.count(*rank))
        return reader.fail(map->items[i],
                           "rank " + map->items[i].text + " is given twice");
      Fields rule(reader, map->items[i + 1], "steps of a rank",
                  {"multiple_of", "one_of"});
      if (!rule || !readRule(rule, problem.space.steps[*rank]))
        return false;
    }
    return true;
  }
  bool readRule(const Fields &fields, StepRule &rule) {
    if (const Value *of = fields.find("multiple_of")) {
      auto number = reader.integer(*of, "multiple_of", 1);
      if (!number)
        return false;
      rule.multipleOf = *number;
    }
    if (const Value *list = fields.find("one_of")) {
      auto items = reader.list(*list, "one_of");
      if (!items)
        return false;
      rule.oneOf.emplace();
      for (const Value &item : *items) {
        auto number = reader.integer(item, "a step", 1);
        if (!number)
          return false;
        rule.oneOf->push_back(*number);
      }
    }
    return true;
  }

  bool readTensors(const Value &value, std::vector<TensorId> &tensors) {
    auto items = reader.list(value, "a list of tensors");
    if (!items)
      return false;
    for (const Value &item : *items) {
      auto name = reader.string(item, "a tensor");
      if (!name)
        return false;
      auto tensor = problem.workload.findTensor(*name);
      if (!tensor ||
          problem.workload.tensors[*tensor].kind != TensorKind::Intermediate)
        return reader.fail(item, "there is no intermediate '" + *name + "'");
      const auto &other = problem.space.unfused;
      if (&tensors != &other && std::count(other.begin(), other.end(), *tensor))
        return reader.fail(item, "tensor " + *name +
                                     " is to be fused and unfused at once");
      tensors.push_back(*tensor);
    }
    return true;
  }

  bool readLimits(const Value &value) {
    Fields fields(reader, value, "limits", {"seconds", "evaluations"});
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
    return true;
  }

  Reader &reader;
  SearchProblem problem;
};

} // namespace

Result<SearchProblem> looptree::readProblem(std::string_view text,
                                            std::string_view name) {
  Result<Value> value = parseDocument(text, name);
  if (!value)
    return value.error();
  Reader reader(name);
  std::optional<SearchProblem> problem = ProblemReader(reader).read(*value);
  if (!problem)
    return reader.error();
  return std::move(*problem);
}

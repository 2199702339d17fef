//===- FrontText.cpp - A front in words -----------------------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FrontText.h"

#include "looptree/Candidate/Candidate.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iomanip>
#include <sstream>

using namespace looptree;
using namespace looptree::driver;
using Json = nlohmann::ordered_json;

static const char *toText(Front::Status status) {
  switch (status) {
  case Front::Status::Optimal:
    return "optimal";
  case Front::Status::Limit:
    return "limit";
  case Front::Status::Infeasible:
    return "infeasible";
  }
  return "?";
}

/// Integers are exact below 2^53 (valueOf).
static Json valueJson(double value) {
  if (value == std::floor(value) && std::abs(value) < 9e15)
    return int64_t(value);
  return value;
}

std::string driver::valueText(double value) { return valueJson(value).dump(); }

static Json objectivesOf(const std::vector<double> &values,
                         const SearchProblem &problem) {
  Json result = Json::object();
  for (size_t i = 0; i < values.size(); ++i)
    result[toString(problem.goals[i], problem.arch)] = valueJson(values[i]);
  return result;
}

/// How far the best value of an objective may be above the least one; null
/// where that cannot be said.
static Json gapOf(const Front &front, size_t goal) {
  if (front.status == Front::Status::Optimal)
    return 0.0;
  if (front.points.empty() || front.bounds.empty())
    return nullptr;
  double best = front.points[0].values[goal];
  for (const FrontPoint &point : front.points)
    best = std::min(best, point.values[goal]);
  if (best == front.bounds[goal])
    return 0.0;
  if (front.bounds[goal] == 0)
    return nullptr;
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", best / front.bounds[goal] - 1);
  return Json::parse(text);
}

/// One number, or one for each objective of a front that is not complete.
static Json gapsOf(const Front &front, const SearchProblem &problem) {
  if (problem.goals.size() == 1 || front.status != Front::Status::Limit)
    return front.status == Front::Status::Infeasible ? Json() : gapOf(front, 0);
  Json gaps = Json::object();
  for (size_t i = 0; i < problem.goals.size(); ++i)
    gaps[toString(problem.goals[i], problem.arch)] = gapOf(front, i);
  return gaps;
}

static std::string timeOf(double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", seconds);
  return text;
}

static std::string solutionOf(const Mapping &mapping, const CostReport &report,
                              const Workload &workload, const Arch &arch) {
  return ",\"mapping\":" + writeMapping(mapping, workload, arch) +
         ",\"result\":" + writeReport(report, workload, arch);
}

std::string driver::frontJson(const FoundFront &found) {
  const Front &front = found.front;
  const SearchProblem &problem = found.problem;
  std::optional<size_t> knee = kneeOf(front);
  // Mappings and results come as text already.
  std::string text = "{\"version\":1,\"status\":\"";
  text += toText(front.status);
  text += "\",\"space\":";
  text += Json(problem.mapping ? "pinned" : front.space).dump() + ",";
  if (front.status == Front::Status::Infeasible)
    text += "\"reason\":" + Json(front.reason).dump() + ",";
  text += "\"bound\":" + (front.status == Front::Status::Limit
                              ? objectivesOf(front.bounds, problem)
                              : Json())
                             .dump();
  text += ",\"gap\":" + gapsOf(front, problem).dump() +
          ",\"evaluations\":" + std::to_string(front.evaluations) +
          ",\"seconds\":" + timeOf(found.seconds) +
          ",\"knee\":" + (knee ? std::to_string(*knee) : "null") +
          ",\"front\":[";
  const char *separator = "";
  for (const FrontPoint &point : front.points) {
    text += separator;
    text += "{\"objectives\":" + objectivesOf(point.values, problem).dump();
    if (point.sets.empty())
      text += solutionOf(point.mapping, point.report, problem.workload,
                         problem.arch) +
              "}";
    const char *next = ",\"sets\":[{";
    for (const auto &set : point.sets) {
      Json names = Json::array();
      for (const Einsum &einsum : set->workload.einsums)
        names.push_back(einsum.name);
      text +=
          next + ("\"einsums\":" + names.dump()) +
          solutionOf(set->mapping, set->report, set->workload, problem.arch);
      next = "},{";
    }
    text += point.sets.empty() ? "" : "}]}";
    separator = ",";
  }
  return text + "]}\n";
}

std::string driver::frontCsv(const FoundFront &found) {
  std::string text;
  const SearchProblem &problem = found.problem;
  for (size_t i = 0; i < problem.goals.size(); ++i)
    text += (i ? "," : "") + toString(problem.goals[i], problem.arch);
  text += "\n";
  for (const FrontPoint &point : found.front.points)
    for (size_t i = 0; i < point.values.size(); ++i)
      text += valueText(point.values[i]) +
              (i + 1 < point.values.size() ? "," : "\n");
  return text;
}

std::string driver::frontTable(const FoundFront &found) {
  const Front &front = found.front;
  const SearchProblem &problem = found.problem;
  std::vector<std::vector<std::string>> rows(1);
  for (const Goal &goal : problem.goals)
    rows[0].push_back(toString(goal, problem.arch));
  for (const FrontPoint &point : front.points) {
    rows.emplace_back();
    for (double value : point.values)
      rows.back().push_back(valueText(value));
  }
  std::vector<size_t> width(problem.goals.size());
  for (const auto &row : rows)
    for (size_t i = 0; i < row.size(); ++i)
      width[i] = std::max(width[i], row[i].size());
  std::ostringstream text;
  std::optional<size_t> knee = kneeOf(front);
  for (size_t r = 0; r < rows.size(); ++r) {
    for (size_t i = 0; i < rows[r].size(); ++i)
      text << (i ? "  " : "") << std::setw(int(width[i])) << rows[r][i];
    text << (knee && r == *knee + 1 ? "  knee\n" : "\n");
  }
  if (knee) {
    const FrontPoint &point = front.points[*knee];
    text << "\nat the knee:\n";
    if (point.sets.empty())
      text << toString(point.mapping, problem.workload, problem.arch);
    for (const auto &set : point.sets)
      text << toString(set->mapping, set->workload, problem.arch);
  }
  text << "\n" << toText(front.status);
  if (front.status == Front::Status::Limit)
    for (size_t i = 0; i < front.bounds.size(); ++i)
      text << (i ? ", " : "; no mapping is below ")
           << toString(problem.goals[i], problem.arch) << " "
           << valueText(front.bounds[i]) << ", gap "
           << (gapOf(front, i).is_null() ? "unknown" : gapOf(front, i).dump());
  if (front.status == Front::Status::Infeasible)
    text << ": " << front.reason;
  text << "; " << front.evaluations << " mappings evaluated\n";
  return text.str();
}

std::string driver::frontCandidates(const FoundFront &found) {
  std::string text;
  for (const FrontPoint &point : found.front.points)
    text += writeCandidate(
                {found.problem.workload, found.problem.arch, point.mapping}) +
            "\n";
  return text;
}

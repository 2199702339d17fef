//===- Explore.cpp - The front of a problem file --------------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Driver.h"

#include "looptree/Candidate/Problem.h"
#include "looptree/Explorer/Front.h"

#include <chrono>
#include <csignal>
#include <cstdio>
#include <iostream>
#include <limits>

using namespace looptree;
using namespace looptree::driver;

static std::atomic<bool> interrupted = false;
static_assert(std::atomic<bool>::is_always_lock_free);

static std::string quoted(const std::string &text) {
  std::string result = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\')
      result += '\\';
    result += c;
  }
  return result + "\"";
}

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

static std::string objectivesOf(const std::vector<int64_t> &values,
                                const SearchProblem &problem) {
  std::string text;
  for (size_t i = 0; i < values.size(); ++i)
    text += (i ? "," : "") + quoted(toString(problem.goals[i], problem.arch)) +
            ":" + std::to_string(values[i]);
  return "{" + text + "}";
}

/// How far the best value of a single objective may be above the least one.
static std::string gapOf(const Front &front) {
  if (front.status == Front::Status::Optimal)
    return "0.0";
  if (front.points.size() != 1 || front.bounds.size() != 1 ||
      front.bounds[0] == 0)
    return "null";
  char text[32];
  std::snprintf(text, sizeof text, "%.6g",
                double(front.points[0].values[0]) / double(front.bounds[0]) -
                    1);
  return text;
}

static void printJson(const Front &front, const SearchProblem &problem,
                      double seconds) {
  char time[32];
  std::snprintf(time, sizeof time, "%.3f", seconds);
  std::cout << "{\"version\":1,\"status\":\"" << toText(front.status)
            << "\",\"space\":\"trunk\",";
  if (front.status == Front::Status::Infeasible)
    std::cout << "\"reason\":" << quoted(front.reason) << ",";
  std::cout << "\"bound\":"
            << (front.status == Front::Status::Limit
                    ? objectivesOf(front.bounds, problem)
                    : "null")
            << ",\"gap\":" << gapOf(front)
            << ",\"evaluations\":" << front.evaluations
            << ",\"seconds\":" << time << ",\"front\":[";
  const char *separator = "";
  for (const FrontPoint &point : front.points) {
    std::cout << separator
              << "{\"objectives\":" << objectivesOf(point.values, problem)
              << ",\"mapping\":"
              << writeMapping(point.mapping, problem.workload, problem.arch)
              << ",\"result\":"
              << writeReport(point.report, problem.workload, problem.arch)
              << "}";
    separator = ",";
  }
  std::cout << "]}\n";
}

static void printCsv(const Front &front, const SearchProblem &problem) {
  for (size_t i = 0; i < problem.goals.size(); ++i)
    std::cout << (i ? "," : "") << toString(problem.goals[i], problem.arch);
  std::cout << "\n";
  for (const FrontPoint &point : front.points)
    for (size_t i = 0; i < point.values.size(); ++i)
      std::cout << point.values[i]
                << (i + 1 < point.values.size() ? "," : "\n");
}

int driver::explore(const std::string &file, bool asCsv) {
  auto fail = [](const std::string &message) {
    std::cerr << "looptree: error: " << message << "\n";
    return 1;
  };
  Result<std::string> text = readFile(file);
  if (!text)
    return fail(text.error().message);
  Result<SearchProblem> problem = readProblem(*text, file);
  if (!problem)
    return fail(problem.error().message);

  SearchLimits limits;
  limits.seconds = problem->seconds;
  limits.evaluations = problem->evaluations;
  limits.stop = &interrupted;
  std::signal(SIGINT, [](int) { interrupted = true; });
  auto begin = std::chrono::steady_clock::now();
  Result<Front> front = searchFront(problem->workload, problem->arch,
                                    problem->space, problem->goals, limits);
  std::signal(SIGINT, SIG_DFL);
  if (!front)
    return fail(file + ": " + front.error().message);
  double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin)
          .count();
  if (asCsv)
    printCsv(*front, *problem);
  else
    printJson(*front, *problem, seconds);
  switch (front->status) {
  case Front::Status::Optimal:
    return 0;
  case Front::Status::Limit:
    std::cerr
        << "looptree: stopped at a limit; the front may not be complete\n";
    return 3;
  case Front::Status::Infeasible:
    return fail(file + ": no mapping is valid: " + front->reason);
  }
  return 1;
}

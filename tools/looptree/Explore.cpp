//===- Explore.cpp - The best mappings for a problem ----------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Driver.h"

#include "FrontText.h"
#include "Interrupt.h"
#include "looptree/Analysis/Evaluate.h"

#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <iostream>

#include <unistd.h>

using namespace looptree;
using namespace looptree::driver;

/// The front of a problem whose mapping is pinned by hand.
static Result<Front> frontOfPinned(const SearchProblem &problem) {
  Front front;
  front.bounds.assign(problem.goals.size(), 0);
  auto report = evaluate(problem.workload, problem.arch, *problem.mapping);
  if (!report)
    return report.error();
  front.evaluations = 1;
  if (!report->valid()) {
    front.status = Front::Status::Infeasible;
    front.reason = "the given mapping does not fit: ";
    for (const Problem &excess : report->problems)
      if (auto *over = std::get_if<OverCapacity>(&excess)) {
        front.reason += "level " + problem.arch.levels[over->level].name +
                        " needs " + std::to_string(over->bits) + " bits, " +
                        std::to_string(over->excess) + " more than it has";
        return front;
      }
    front.reason += "it uses more instances than there are";
    return front;
  }
  FrontPoint point{{}, *problem.mapping, std::move(*report)};
  for (const Goal &goal : problem.goals)
    point.values.push_back(valueOf(point.report, goal));
  front.points.push_back(std::move(point));
  return front;
}

static bool isNarrowed(const TrunkSpace &space) {
  return space.tier || space.maxLoops || space.ranks || space.orders ||
         !space.first.empty() || !space.steps.empty() ||
         !space.unfused.empty() || !space.fused.empty() ||
         !space.retain.empty() || !space.branches.empty() ||
         !space.sequential || !space.pipeline;
}

static void tellProgress(const Front &soFar, const SearchProblem &problem) {
  std::cerr << "\r" << soFar.evaluations << " mappings evaluated, "
            << soFar.points.size() << " on the front";
  if (problem.goals.size() == 1 && !soFar.points.empty())
    std::cerr << ", best " << valueText(soFar.points[0].values[0]);
  std::cerr << "\033[K" << std::flush;
}

static std::string textOf(const FoundFront &found, FrontFormat format) {
  switch (format) {
  case FrontFormat::Json:
    return frontJson(found);
  case FrontFormat::Csv:
    return frontCsv(found);
  case FrontFormat::Table:
    return frontTable(found);
  }
  return "";
}

/// Writes by the ending of the file's name. Returns why it could not.
static std::optional<std::string> writeFront(const FoundFront &found,
                                             const std::string &file) {
  if (file.ends_with(".mlir") && !found.front.points.empty() &&
      !found.front.points[0].sets.empty())
    return file + ": sets have mappings of their own: write them as json";
  if (file.ends_with(".mlir"))
    return writeModule(frontCandidates(found), file);
  std::ofstream out(file, std::ios::binary);
  out << textOf(found,
                file.ends_with(".csv") ? FrontFormat::Csv : FrontFormat::Json);
  out.close();
  if (!out)
    return file + ": cannot write: " + std::strerror(errno);
  return std::nullopt;
}

int driver::explore(const ExploreRequest &request) {
  auto fail = [](const std::string &message) {
    std::cerr << "looptree: error: " << message << "\n";
    return 1;
  };
  Result<SearchProblem> problem = readProblemOf(request.problem);
  if (!problem)
    return fail(problem.error().message);

  if (request.inSets && (problem->mapping || isNarrowed(problem->space)))
    return fail(request.problem.file +
                ": --sets takes no constraints and no --space");

  SearchLimits limits;
  limits.seconds = problem->seconds;
  limits.evaluations = problem->evaluations;
  limits.memoryBytes = problem->memoryBytes;
  std::optional<Interruptible> interruptible(std::in_place);
  limits.stop = interruptible->stop();
  bool tells = request.progress || isatty(STDERR_FILENO);
  if (tells)
    limits.progress = [&](const Front &soFar) {
      tellProgress(soFar, *problem);
    };
  auto begin = std::chrono::steady_clock::now();
  Result<Front> front =
      problem->mapping ? frontOfPinned(*problem)
      : request.inSets ? searchSets({problem->workload, problem->cuts},
                                    problem->arch, problem->goals, limits)
                       : searchFront(problem->workload, problem->arch,
                                     problem->space, problem->goals, limits);
  interruptible.reset();
  if (tells)
    std::cerr << "\r\033[K";
  if (!front)
    return fail(request.problem.file + ": " + front.error().message);
  FoundFront found{
      *front, *problem,
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin)
          .count()};
  std::cout << textOf(found, request.format) << std::flush;
  if (!request.frontFile.empty())
    if (auto error = writeFront(found, request.frontFile))
      return fail(*error);
  switch (front->status) {
  case Front::Status::Optimal:
    return 0;
  case Front::Status::Limit:
    std::cerr
        << "looptree: stopped at a limit; the front may not be complete\n";
    return 3;
  case Front::Status::Infeasible:
    return fail(request.problem.file +
                ": no mapping is valid: " + front->reason);
  }
  return 1;
}

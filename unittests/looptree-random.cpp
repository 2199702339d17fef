//===- looptree-random.cpp - Random candidates, from a shell --- -*- C++
//-*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Not installed. See utils/differential.py for engines outside this process.

#include "RandomCandidate.h"

#include "looptree/Analysis/Nodes.h"
#include "looptree/Reference/Simulate.h"

#include <CLI/CLI.hpp>

#include <iostream>

using namespace looptree;
using namespace looptree::test;

namespace {

struct Request {
  uint64_t count = 0, seed = 0;
  RandomOptions options;
  double leastComplete = 0.5, mostRefused = 0.001;
};

/// What both engines say of one candidate.
struct Outcome {
  enum Kind { Equal, Different, Refused, Incomplete } kind;
  std::string how; ///< Of a difference.
};

} // namespace

static int print(const Request &request) {
  for (uint64_t i = 0; i < request.count; ++i)
    std::cout << writeCandidate(
                     randomCandidate(request.seed + i, request.options))
              << "\n";
  return 0;
}

static Outcome compareEngines(const Candidate &c) {
  std::vector<NodeCost> nodes;
  SimulationOptions options{c.convention};
  options.nodes = &nodes;
  Result<CostReport> simulated =
      simulate(c.workload, c.arch, c.mapping, options);
  Result<CostReport> evaluated =
      evaluate(c.workload, c.arch, c.mapping, c.convention);
  if (simulated && evaluated) {
    std::string how = firstDifference(*simulated, *evaluated);
    Result<Plan> plan = compile(c.workload, c.arch, c.mapping, c.convention);
    Result<std::vector<NodeCost>> costs = nodeCosts(*plan, plan->steps());
    if (how.empty() && !costs)
      how = "nodes: " + costs.error().message;
    if (how.empty())
      how = firstDifference(nodes, *costs);
    return {how.empty() ? Outcome::Equal : Outcome::Different, how};
  }
  // The closed form may refuse sets that are no unions of boxes; it says so.
  if (!evaluated && evaluated.error().message.find(
                        "the closed form does not cover") != std::string::npos)
    return {Outcome::Refused, ""};
  if (simulated)
    return {Outcome::Different,
            "only the closed form fails: " + evaluated.error().message};
  if (evaluated)
    return {Outcome::Different,
            "only the simulator fails: " + simulated.error().message};
  return {Outcome::Incomplete, ""};
}

static void showShrunk(uint64_t seed, const Candidate &candidate,
                       const std::string &how) {
  // A failure must stay of its kind: the same field, the same message.
  std::string kind = how.substr(0, how.find_first_of("[.:"));
  Candidate small = shrink(candidate, [&](const Candidate &c) {
    return compareEngines(c).how.starts_with(kind);
  });
  std::cerr << "seed " << seed << ": " << compareEngines(small).how << "\n"
            << toString(small.mapping, small.workload, small.arch) << "\n";
  std::cout << writeCandidate(small) << std::endl;
}

static int compare(const Request &request) {
  uint64_t counts[4] = {};
  for (uint64_t i = 0; i < request.count; ++i) {
    Candidate candidate = randomCandidate(request.seed + i, request.options);
    Outcome outcome = compareEngines(candidate);
    ++counts[outcome.kind];
    if (outcome.kind == Outcome::Different)
      showShrunk(request.seed + i, candidate, outcome.how);
  }
  std::cerr << request.count << " candidates: " << counts[Outcome::Equal]
            << " equal, " << counts[Outcome::Different] << " different, "
            << counts[Outcome::Refused] << " refused by the closed form, "
            << counts[Outcome::Incomplete] << " without a number\n";
  auto share = [&](Outcome::Kind kind) {
    return double(counts[kind]) / double(request.count);
  };
  return counts[Outcome::Different] > 0 ||
         share(Outcome::Equal) < request.leastComplete ||
         share(Outcome::Refused) > request.mostRefused;
}

static int compareWays(const Request &request) {
  WayCounts counts;
  uint64_t different = 0;
  for (uint64_t i = 0; i < 2 * request.count; ++i) {
    uint64_t seed = request.seed + i / 2;
    Candidate candidate = i % 2 == 0 ? randomTrunk(seed, request.options)
                                     : randomCandidate(seed, request.options);
    std::string how = differenceOfWays(candidate, counts);
    if (how.empty())
      continue;
    ++different;
    std::string kind = how.substr(0, how.find_first_of("[.:"));
    WayCounts ignored;
    Candidate small = shrink(candidate, [&](const Candidate &c) {
      return differenceOfWays(c, ignored).starts_with(kind);
    });
    std::cerr << "seed " << seed << ": " << differenceOfWays(small, ignored)
              << "\n"
              << toString(small.mapping, small.workload, small.arch) << "\n";
    std::cout << writeCandidate(small) << std::endl;
  }
  std::cerr << counts.evaluations << " evaluations, " << counts.boxes
            << " by boxes, " << different << " candidates different\n";
  return different > 0;
}

int main(int argc, char **argv) {
  CLI::App app("Legal random candidates; candidate i has seed SEED + i.",
               "looptree-random");
  app.require_subcommand(1);
  Request request;
  bool isOriginal = false;
  auto add = [&](const char *verb, const char *about) {
    CLI::App *sub = app.add_subcommand(verb, about);
    sub->add_option("COUNT", request.count)->required();
    sub->add_option("SEED", request.seed);
    sub->add_option("--max-ops", request.options.maxOps,
                    "Ops of a workload run once")
        ->capture_default_str();
    sub->add_flag("!--no-partial-bits", request.options.partialBits,
                  "Leave out what the executor does not model");
    sub->add_flag("--pipelines", request.options.pipelines);
    sub->add_flag("--spatial", request.options.spatial);
    sub->add_flag("--arrays", request.options.arrays,
                  "Fan-outs below all levels, and loops over them above "
                  "computes");
    sub->add_flag("--original", isOriginal,
                  "Candidates of the class, and by the rules, of looptree-v1");
    return sub;
  };
  CLI::App *printing = add("print", "One JSON object a line");
  CLI::App *comparing =
      add("compare", "Simulate and evaluate each; print those that differ, "
                     "shrunk. Exit code 1 when there are any");
  comparing
      ->add_option("--complete", request.leastComplete,
                   "Exit with 1, too, when fewer than this share are equal")
      ->capture_default_str();
  comparing
      ->add_option("--refused", request.mostRefused,
                   "Exit with 1, too, when the closed form refuses more than "
                   "this share")
      ->capture_default_str();
  CLI::App *ways =
      add("ways", "Evaluate each, and as many under one trunk, in every way "
                  "that applies; print those that differ, shrunk. Exit code 1 "
                  "when there are any");
  CLI11_PARSE(app, argc, argv);
  if (isOriginal)
    request.options.convention = Convention::LoopTreeV1;
  return *printing ? print(request)
         : *ways   ? compareWays(request)
                   : compare(request);
}

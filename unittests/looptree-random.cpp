//===- looptree-random.cpp - Random candidates, printed or compared  -*- C++
//-*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Not installed. See utils/differential.py for engines outside this process.
//
//     looptree-random print COUNT [SEED] [--no-partial-bits]
//         prints candidates, one JSON object a line
//     looptree-random compare COUNT [SEED]
//         simulates and evaluates each; prints those that differ, shrunk, and
//         says on stderr how; exits 1 when there are any
//
// Candidate i has seed SEED + i.

#include "RandomCandidate.h"

#include "looptree/Analysis/Evaluate.h"
#include "looptree/Reference/Simulate.h"

#include <cstdlib>
#include <iostream>
#include <string_view>

using namespace looptree;
using namespace looptree::test;

static int print(uint64_t count, uint64_t seed, const RandomOptions &options) {
  for (uint64_t i = 0; i < count; ++i)
    std::cout << writeCandidate(randomCandidate(seed + i, options)) << "\n";
  return 0;
}

/// How simulator and closed form differ on a candidate, or "".
static std::string difference(const Candidate &c, bool *isComplete = nullptr) {
  Result<CostReport> simulated = simulate(c.workload, c.arch, c.mapping);
  Result<CostReport> evaluated = evaluate(c.workload, c.arch, c.mapping);
  if (isComplete)
    *isComplete = bool(simulated);
  if (simulated && evaluated)
    return firstDifference(*simulated, *evaluated);
  if (simulated)
    return "only the closed form fails: " + evaluated.error().message;
  if (evaluated)
    return "only the simulator fails: " + simulated.error().message;
  return "";
}

static int compare(uint64_t count, uint64_t seed,
                   const RandomOptions &options) {
  uint64_t complete = 0, different = 0;
  for (uint64_t i = 0; i < count; ++i) {
    Candidate candidate = randomCandidate(seed + i, options);
    bool isComplete = false;
    std::string how = difference(candidate, &isComplete);
    complete += isComplete;
    if (how.empty())
      continue;
    ++different;
    // A failure must stay of its kind: the same field, the same message.
    std::string kind = how.substr(0, how.find_first_of("[.:"));
    Candidate small = shrink(candidate, [&](const Candidate &c) {
      return difference(c).starts_with(kind);
    });
    std::cerr << "seed " << seed + i << ": " << difference(small) << "\n"
              << toString(small.mapping, small.workload, small.arch) << "\n";
    std::cout << writeCandidate(small) << std::endl;
  }
  std::cerr << count << " candidates, " << complete << " complete, "
            << different << " different\n";
  return different > 0;
}

int main(int argc, char **argv) {
  RandomOptions options;
  if (argc > 3 && std::string_view(argv[argc - 1]) == "--no-partial-bits") {
    options.partialBits = false;
    --argc;
  }
  std::string_view mode = argc > 1 ? argv[1] : "";
  if (argc < 3 || argc > 4 || (mode != "print" && mode != "compare")) {
    std::cerr << "usage: looptree-random print|compare COUNT [SEED] "
                 "[--no-partial-bits]\n";
    return 2;
  }
  uint64_t count = std::strtoull(argv[2], nullptr, 10);
  uint64_t seed = argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 0;
  return mode == "print" ? print(count, seed, options)
                         : compare(count, seed, options);
}

//===- AblationBenchmark.cpp - What parts of the search are worth ---------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The search for a plan with one of its ingredients left out: how long it
// takes, how many sets it searches, how many mappings it evaluates, and what
// the plan comes to.

#include "Explorer/Networks.h"
#include "Explorer/Partition.h"

#include <benchmark/benchmark.h>

using namespace looptree;
using namespace looptree::test;

namespace {

/// The first two stages of ResNet-18.
Network twoStages() {
  NetworkBuilder b;
  Feature x = b.maxPool(b.relu(b.conv(b.input(3, 224), 64, 7, 2)), 3, 2);
  for (int64_t channels : {64, 128})
    for (int block = 0; block < 2; ++block) {
      int64_t stride = channels > 64 && block == 0 ? 2 : 1;
      Feature y = b.conv(b.relu(b.conv(x, channels, 3, stride)), channels, 3);
      x = b.relu(b.add(y, stride == 1 ? x : b.conv(x, channels, 1, stride)));
    }
  return b.finish();
}

void searchPlan(benchmark::State &state, Ingredients with) {
  Network network = twoStages();
  Arch arch = edgeLike(256 * kKiB);
  auto layers = layersOf(network)[0];
  SetRules rules;
  NetworkSearch search;
  for (auto _ : state) {
    SetCache cache(arch, Objective::OffChipBits, with);
    StretchPartition partition(network.workload, layers, arch,
                               Objective::OffChipBits, cache, rules);
    PlanClock clock(search);
    Labels found = partition.solve({std::make_shared<Label>()}, nullptr, clock);
    state.counters["sets"] = double(cache.searches());
    state.counters["mappings"] = double(cache.evaluations());
    state.counters["bits"] = found.empty() ? 0 : found[0]->sum;
  }
}
BENCHMARK_CAPTURE(searchPlan, everything, Ingredients{})
    ->Unit(benchmark::kSecond)
    ->MeasureProcessCPUTime();
BENCHMARK_CAPTURE(searchPlan, withoutCache, Ingredients{false, true, true})
    ->Unit(benchmark::kSecond)
    ->MeasureProcessCPUTime();
BENCHMARK_CAPTURE(searchPlan, withoutBounds, Ingredients{true, false, true})
    ->Unit(benchmark::kSecond)
    ->MeasureProcessCPUTime();
BENCHMARK_CAPTURE(searchPlan, withoutDominance, Ingredients{true, true, false})
    ->Unit(benchmark::kSecond)
    ->MeasureProcessCPUTime();

} // namespace

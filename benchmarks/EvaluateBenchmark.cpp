//===- EvaluateBenchmark.cpp - Step vectors per second -------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// One item is one step vector, evaluated with all its numbers. The vectors go
// through tiles of all sizes; the label says how many of them took the closed
// form for boxes.

#include "looptree/Analysis/Evaluate.h"

#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>
#include <string>

using namespace looptree;

namespace {

struct Layer {
  int64_t k, c, f, pad, rows, columns;
};

/// Ranks m, p, q, c, r, s; tensors T0, T1, ... and weights in between.
Workload convolutions(const std::vector<Layer> &layers) {
  Workload w;
  const Layer &first = layers[0];
  w.tensors.push_back({"T0",
                       TensorKind::Input,
                       {first.c, first.rows + first.f - 1 - 2 * first.pad,
                        first.columns + first.f - 1 - 2 * first.pad}});
  TensorId in = 0;
  for (size_t i = 0; i < layers.size(); ++i) {
    const Layer &l = layers[i];
    std::string number = std::to_string(i);
    TensorId weight = TensorId(w.tensors.size()), out = weight + 1;
    w.tensors.push_back(
        {"W" + number, TensorKind::Input, {l.k, l.c, l.f, l.f}});
    w.tensors.push_back(
        {"T" + std::to_string(i + 1),
         i + 1 == layers.size() ? TensorKind::Output : TensorKind::Intermediate,
         {l.k, l.rows, l.columns}});
    Einsum e;
    e.name = "conv" + number;
    e.ranks = {{"m", l.k}, {"p", l.rows}, {"q", l.columns},
               {"c", l.c}, {"r", l.f},    {"s", l.f}};
    auto one = [](RankId r) { return LinearExpr{{{r, 1}}, 0}; };
    e.write = {out, {one(0), one(1), one(2)}};
    e.reads = {
        {in, {one(3), {{{1, 1}, {4, 1}}, -l.pad}, {{{2, 1}, {5, 1}}, -l.pad}}},
        {weight, {one(0), one(3), one(4), one(5)}}};
    w.einsums.push_back(std::move(e));
    in = out;
  }
  return w;
}

Arch edge() {
  Arch arch;
  arch.name = "edge";
  arch.levels.resize(2);
  arch.levels[0].name = "DRAM";
  arch.levels[0].readPjPerBit = arch.levels[0].writePjPerBit = 64;
  arch.levels[0].readBitsPerCycle = arch.levels[0].writeBitsPerCycle =
      Rational{64, 1};
  arch.levels[1].name = "GLB";
  arch.levels[1].capacityBits = 1 << 20;
  arch.levels[1].readPjPerBit = arch.levels[1].writePjPerBit = 6;
  arch.levels[1].sharedBitsPerCycle = Rational{512, 1};
  arch.fanouts = {{"X", 16, 1}, {"stages", 4, 1}};
  for (OpCost &cost : arch.compute.kinds)
    cost.pjPerOp = 1;
  return arch;
}

enum class Middle { AboveLoops, Between, BelowLoops, Forgotten };
/// Leaves are a `compute`, loops of step 1 over all ranks around one, or output
/// channels side by side around one.
enum class Leaf { Compute, UnitLoops, Spatial };
enum class Split { Sequential, Pipeline };

/// `p` and `q` of the last layer on the trunk, intermediates as told, input and
/// output next to the split.
Mapping trunk(const Workload &w, Middle middle, Leaf leaf = Leaf::Compute,
              Split split = Split::Sequential) {
  std::vector<TensorId> outside, middles, weights, ends;
  for (TensorId t = 0; t < w.tensors.size(); ++t)
    if (w.tensors[t].kind == TensorKind::Intermediate) {
      middles.push_back(t);
    } else {
      outside.push_back(t);
      (w.tensors[t].name[0] == 'W' ? weights : ends).push_back(t);
    }
  std::vector<Node> branches;
  for (EinsumId e = 0; e < w.einsums.size(); ++e) {
    Node branch{ComputeNode{e}, {}};
    for (RankId r = RankId(w.einsums[e].ranks.size());
         r-- > 0 && leaf == Leaf::UnitLoops;)
      branch = {For{e, r, 1}, {std::move(branch)}};
    if (leaf == Leaf::Spatial)
      branch = {SpatialFor{e, 0, 4, 0}, {std::move(branch)}};
    branches.push_back(std::move(branch));
  }
  EinsumId head = EinsumId(w.einsums.size() - 1);
  auto keep = [&](Node node) {
    return Node{
        Retain{1, middles,
               middle == Middle::Forgotten ? middles : std::vector<TensorId>{}},
        {std::move(node)}};
  };
  Node stages{Sequential{}, std::move(branches)};
  if (split == Split::Pipeline)
    stages.kind = Pipeline{};
  Node tree{Retain{1, ends, {}}, {std::move(stages)}};
  if (middle == Middle::BelowLoops || middle == Middle::Forgotten)
    tree = keep(std::move(tree));
  tree = {For{head, 2, 1}, {std::move(tree)}};
  if (middle == Middle::Between)
    tree = keep(std::move(tree));
  tree = {For{head, 1, 1}, {std::move(tree)}};
  if (middle == Middle::AboveLoops)
    tree = keep(std::move(tree));
  tree = {Retain{1, weights, {}}, {std::move(tree)}};
  return {{Retain{0, outside, {}}, {std::move(tree)}}};
}

Plan compiled(const Workload &w, const Mapping &mapping) {
  auto plan = compile(w, edge(), mapping);
  if (!plan) {
    std::fprintf(stderr, "%s\n", plan.error().message.c_str());
    std::abort();
  }
  return *plan;
}

/// The order of the pairs: columns fastest, both steps other ones each time, or
/// both steps such that have not been seen for as long as there are values.
enum class Order { Grid, Scattered, New };

/// Evaluates pairs of steps with rows in [1, rows] and columns in [1, columns],
/// over and over: 56 values each, with `New` all that there are.
void sweep(benchmark::State &state, const Plan &plan, int64_t rows,
           int64_t columns, Order order = Order::Grid) {
  Scratch scratch;
  CostReport report;
  int64_t row = 1, column = 1, boxes = 0;
  std::vector<int64_t> steps(plan.steps().begin(), plan.steps().end());
  int64_t rowsApart = order == Order::New ? 1 : std::max<int64_t>(1, rows / 56);
  int64_t columnsApart =
      order == Order::New ? 1 : std::max<int64_t>(1, columns / 56);
  for (auto _ : state) {
    steps[0] = row;
    steps[1] = column;
    auto error = evaluateInto(plan, steps, scratch, report);
    benchmark::DoNotOptimize(error);
    benchmark::DoNotOptimize(report.energyPj);
    boxes += scratch.way == Scratch::Way::Boxes;
    // 13 and 56 have no common factor, so that all pairs come up.
    column += order == Order::Grid ? columnsApart : 13 * columnsApart;
    bool wraps = column > columns;
    if (wraps)
      column -= order == Order::New ? columns : 56 * columnsApart;
    if (wraps || order != Order::Grid)
      row = row + rowsApart > rows ? 1 : row + rowsApart;
  }
  state.SetItemsProcessed(state.iterations());
  state.SetLabel(std::to_string(100 * boxes / state.iterations()) +
                 " % by boxes");
}

void convPair(benchmark::State &state, Middle middle, Leaf leaf = Leaf::Compute,
              Order order = Order::Grid) {
  int64_t n = state.range(0);
  Workload w = convolutions({{64, 64, 3, 1, n, n}, {64, 64, 3, 1, n, n}});
  sweep(state, compiled(w, trunk(w, middle, leaf)), n, n, order);
}
BENCHMARK_CAPTURE(convPair, between, Middle::Between)->Arg(56)->Arg(5600);
BENCHMARK_CAPTURE(convPair, scattered, Middle::Between, Leaf::Compute,
                  Order::Scattered)
    ->Arg(56)
    ->Arg(5600);
BENCHMARK_CAPTURE(convPair, new, Middle::Between, Leaf::Compute, Order::New)
    ->Arg(5600);
BENCHMARK_CAPTURE(convPair, unitLoops, Middle::Between, Leaf::UnitLoops)
    ->Arg(56)
    ->Arg(5600);
BENCHMARK_CAPTURE(convPair, above, Middle::AboveLoops)->Arg(56);
BENCHMARK_CAPTURE(convPair, below, Middle::BelowLoops)->Arg(56);
BENCHMARK_CAPTURE(convPair, forgotten, Middle::Forgotten)->Arg(56);

void convTriple(benchmark::State &state, Middle middle,
                Split split = Split::Sequential) {
  int64_t n = state.range(0);
  Layer layer{64, 64, 3, 1, n, n};
  Workload w = convolutions({layer, layer, layer});
  sweep(state, compiled(w, trunk(w, middle, Leaf::Compute, split)), n, n);
}
BENCHMARK_CAPTURE(convTriple, between, Middle::Between)->Arg(56)->Arg(5600);
BENCHMARK_CAPTURE(convTriple, pipeline, Middle::Between, Split::Pipeline)
    ->Arg(56);

void convPipeline(benchmark::State &state, Middle middle,
                  Leaf leaf = Leaf::Compute) {
  int64_t n = state.range(0);
  Workload w = convolutions({{64, 64, 3, 1, n, n}, {64, 64, 3, 1, n, n}});
  sweep(state, compiled(w, trunk(w, middle, leaf, Split::Pipeline)), n, n);
}
BENCHMARK_CAPTURE(convPipeline, spatial, Middle::Between, Leaf::Spatial)
    ->Arg(56)
    ->Arg(5600);
BENCHMARK_CAPTURE(convPipeline, between, Middle::Between)->Arg(56)->Arg(5600);
BENCHMARK_CAPTURE(convPipeline, above, Middle::AboveLoops)->Arg(56);
BENCHMARK_CAPTURE(convPipeline, forgotten, Middle::Forgotten)->Arg(56);

/// The recomputation grid of FSRCNN: one item is one of its 108 points.
void fsrcnnGrid(benchmark::State &state) {
  Workload w = convolutions({{56, 1, 5, 0, 550, 970},
                             {12, 56, 1, 0, 550, 970},
                             {12, 12, 3, 0, 548, 968},
                             {12, 12, 3, 0, 546, 966},
                             {12, 12, 3, 0, 544, 964},
                             {12, 12, 3, 0, 542, 962},
                             {56, 12, 1, 0, 542, 962},
                             {16, 56, 3, 0, 540, 960}});
  std::vector<Plan> plans;
  for (Middle middle : {Middle::AboveLoops, Middle::Between, Middle::Forgotten})
    plans.push_back(compiled(w, trunk(w, middle)));
  Scratch scratch;
  CostReport report;
  int64_t boxes = 0;
  for (auto _ : state)
    for (const Plan &plan : plans)
      for (int64_t rows : {1, 4, 18, 72, 270, 540})
        for (int64_t columns : {1, 4, 16, 60, 240, 960}) {
          int64_t steps[] = {rows, columns};
          auto error = evaluateInto(plan, steps, scratch, report);
          benchmark::DoNotOptimize(error);
          boxes += scratch.way == Scratch::Way::Boxes;
        }
  state.SetItemsProcessed(108 * state.iterations());
  state.SetLabel(std::to_string(100 * boxes / (108 * state.iterations())) +
                 " % by boxes");
}
BENCHMARK(fsrcnnGrid)->Unit(benchmark::kMicrosecond);

/// From a mapping to a plan.
void compilePair(benchmark::State &state) {
  Workload w = convolutions({{64, 64, 3, 1, 56, 56}, {64, 64, 3, 1, 56, 56}});
  Mapping mapping = trunk(w, Middle::Between);
  Arch arch = edge();
  for (auto _ : state) {
    auto plan = compile(w, arch, mapping);
    benchmark::DoNotOptimize(plan);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(compilePair);

} // namespace

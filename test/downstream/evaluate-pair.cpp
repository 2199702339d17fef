//===- evaluate-pair.cpp - A program on the model alone ------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The 1-D pair of docs/CostModel.md, section 10, evaluated by a program that
// links the model alone. Prints its cost on one line.
//
//===----------------------------------------------------------------------===//

#include "looptree/Analysis/Evaluate.h"
#include "looptree/Candidate/Candidate.h"

#include <cstdio>

using namespace looptree;

static LinearExpr sum(std::vector<RankId> ranks) {
  LinearExpr expr;
  for (RankId rank : ranks)
    expr.terms.push_back({rank, 1});
  return expr;
}

/// `to[p] += from[p + r] * filter[r]`.
static Einsum convolution(const char *name, int64_t extent, TensorId from,
                          TensorId filter, TensorId to) {
  Einsum einsum;
  einsum.name = name;
  einsum.ranks = {{"p", extent}, {"r", 3}};
  einsum.write = {to, {sum({0})}};
  einsum.reads = {{from, {sum({0, 1})}}, {filter, {sum({1})}}};
  return einsum;
}

static Node retain(LevelId level, std::vector<TensorId> tensors, Node below) {
  return {Retain{level, std::move(tensors), {}}, {std::move(below)}};
}

int main() {
  enum : TensorId { I, WA, A, WB, B };
  Workload workload;
  workload.tensors = {{"I", TensorKind::Input, {20}},
                      {"WA", TensorKind::Input, {3}},
                      {"A", TensorKind::Intermediate, {18}},
                      {"WB", TensorKind::Input, {3}},
                      {"B", TensorKind::Output, {16}}};
  workload.einsums = {convolution("convA", 18, I, WA, A),
                      convolution("convB", 16, A, WB, B)};

  Arch arch;
  arch.name = "edge";
  arch.levels.resize(2);
  arch.levels[0].name = "DRAM";
  arch.levels[1].name = "GLB";
  arch.levels[1].capacityBits = 1048576;

  Node split{Sequential{}, {{ComputeNode{0}, {}}, {ComputeNode{1}, {}}}};
  Node loop{For{/*einsum=*/1, /*rank=*/0, /*step=*/4},
            {retain(1, {I, A, B}, std::move(split))}};
  Mapping mapping{
      retain(0, {I, WA, WB, B}, retain(1, {WA, WB}, std::move(loop)))};

  // The file reader's own dependencies are found and linked too.
  Result<Arch> same = readArch("{levels: [{name: DRAM}, {name: GLB, "
                               "capacity_bits: 128 KiB}], name: edge}",
                               "edge.yaml");
  if (!same || !(*same == arch)) {
    std::fprintf(stderr, "the file says otherwise\n");
    return 1;
  }

  Result<CostReport> report = evaluate(workload, arch, mapping);
  if (!report) {
    std::fprintf(stderr, "%s\n", report.error().message.c_str());
    return 1;
  }
  std::printf("ops %lld %lld, GLB %lld bits, off chip %lld bits, %lld cycles\n",
              (long long)report->ops[0], (long long)report->ops[1],
              (long long)report->capacityBits[1],
              (long long)report->offChip.bits,
              (long long)report->latencyCycles);
  return 0;
}

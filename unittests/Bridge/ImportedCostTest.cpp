//===- ImportedCostTest.cpp - What is imported can be costed --------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Neighbouring einsums of the example networks under a plain tiled mapping: the
// closed form covers them, what it counts adds up, and where the ops are few
// the simulator agrees.
//
//===----------------------------------------------------------------------===//

#include "looptree/Analysis/Evaluate.h"
#include "looptree/Bridge/Import.h"
#include "looptree/Bridge/LinalgModels.h"
#include "looptree/Reference/Simulate.h"

#include "RandomCandidate.h"

#include "mlir/InitAllDialects.h"
#include "mlir/Parser/Parser.h"

#include <gtest/gtest.h>

using namespace mlir;
using namespace looptree;

namespace {

int64_t opsOf(const Einsum &einsum) {
  int64_t ops = 1;
  for (const Rank &rank : einsum.ranks)
    ops *= rank.extent;
  return ops;
}

Arch twoLevels() {
  Arch arch;
  arch.name = "chip";
  arch.levels.resize(2);
  arch.levels[0].name = "DRAM";
  arch.levels[1].name = "GLB";
  return arch;
}

/// Everything off chip above a loop over the head's longest written rank, and
/// everything on chip below it.
Mapping tiled(const Workload &set) {
  auto head = EinsumId(set.einsums.size() - 1);
  const Einsum &last = set.einsums[head];
  RankId longest = 0;
  for (const LinearExpr &expr : last.write.index)
    for (const LinearExpr::Term &term : expr.terms)
      if (last.ranks[term.rank].extent > last.ranks[longest].extent)
        longest = term.rank;
  Retain outside{0, {}, {}}, inside{1, {}, {}};
  for (TensorId id = 0; id < set.tensors.size(); ++id) {
    inside.tensors.push_back(id);
    if (set.tensors[id].kind != TensorKind::Intermediate)
      outside.tensors.push_back(id);
  }
  Node split{Sequential{}, {}};
  for (EinsumId einsum = 0; einsum <= head; ++einsum)
    split.children.push_back({ComputeNode{einsum}, {}});
  if (split.children.size() == 1)
    split = split.children.front();
  int64_t step = (last.ranks[longest].extent + 3) / 4;
  Node loop{For{head, longest, step}, {{inside, {std::move(split)}}}};
  return {{outside, {std::move(loop)}}};
}

class ImportedCostTest : public testing::TestWithParam<const char *> {};

} // namespace

TEST_P(ImportedCostTest, neighboursEvaluate) {
  DialectRegistry registry;
  registerAllDialects(registry);
  bridge::registerLinalgModels(registry);
  MLIRContext context(registry);
  OwningOpRef<ModuleOp> module = parseSourceFile<ModuleOp>(
      std::string(LOOPTREE_SOURCE_DIR "/examples/") + GetParam(), &context);
  ASSERT_TRUE(module);
  FailureOr<bridge::ImportedWorkload> read =
      bridge::importWorkload(*module->getOps<func::FuncOp>().begin(), {});
  ASSERT_TRUE(succeeded(read));
  const Workload &network = read->network.workload;
  ASSERT_EQ(network.check(), std::nullopt);

  Arch arch = twoLevels();
  int64_t evaluated = 0;
  for (EinsumId first = 0; first < network.einsums.size(); ++first)
    for (EinsumId count : {1u, 2u, 3u}) {
      std::vector<EinsumId> ids;
      int64_t ops = 0;
      for (EinsumId id = first;
           id < network.einsums.size() && ids.size() < count; ++id) {
        ids.push_back(id);
        ops += opsOf(network.einsums[id]);
      }
      Workload set = extractSet(network, ids);
      std::vector<EinsumId> all(set.einsums.size());
      for (EinsumId id = 0; id < all.size(); ++id)
        all[id] = id;
      if (headsOf(all, set).size() != 1)
        continue;
      SCOPED_TRACE(set.einsums.front().name + " and " +
                   std::to_string(ids.size() - 1) + " more");
      Mapping mapping = tiled(set);
      Result<CostReport> cost = evaluate(set, arch, mapping);
      ASSERT_TRUE(bool(cost)) << cost.error().message;
      ++evaluated;
      for (EinsumId id : all)
        EXPECT_EQ(cost->ops[id] - cost->recompute[id] + cost->notNeeded[id],
                  opsOf(set.einsums[id]));
      EXPECT_GE(cost->offChip.elements, cost->algorithmicMinimum.elements);
      if (ops < 100000)
        if (Result<CostReport> simulated = simulate(set, arch, mapping))
          EXPECT_EQ(test::firstDifference(*cost, *simulated), "");
    }
  EXPECT_GT(evaluated, 3);
}

INSTANTIATE_TEST_SUITE_P(examples, ImportedCostTest,
                         testing::Values("two_convs.mlir", "attention.mlir",
                                         "resnet18.mlir"));

//===- LowerMappingsTest.cpp - Lowered code does what is counted ---------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Random candidates as payload functions: lowered, instrumented and run beside
// the function as it was. LOOPTREE_LOWERED_CANDIDATES is how many, 50 when it
// is not set.
//
//===----------------------------------------------------------------------===//

#include "LoweredRun.h"
#include "RandomPayload.h"

#include "looptree/Analysis/Evaluate.h"
#include "looptree/Bridge/Bridge.h"
#include "looptree/Bridge/Import.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Verifier.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>

using namespace mlir;
using namespace looptree;
using namespace looptree::test;

namespace {

using Counts = LoweredRun::Counts;

/// The outermost buffer of an input or output.
bool isWhole(const BufferRow &row, const CostReport &cost, const Workload &w) {
  if (w.tensors[row.tensor].kind == TensorKind::Intermediate)
    return false;
  for (const BufferRow &other : cost.buffers)
    if (other.tensor == row.tensor && other.level < row.level)
      return false;
  return true;
}

/// What evaluate() says, by names of counters; without zeros.
Counts predicted(const CostReport &cost, const Workload &w, const Arch &arch) {
  Counts counts;
  for (EinsumId e = 0; e < w.einsums.size(); ++e)
    counts["ops " + w.einsums[e].name] = cost.ops[e];
  for (const AccessRow &row : cost.accesses) {
    std::string where = " " + w.tensors[row.tensor].name + " at " +
                        arch.levels[row.level].name + " for " +
                        w.einsums[row.einsum].name;
    counts["fill" + where] = row.fills;
    counts["drain" + where] = row.drains;
  }
  for (const BufferRow &row : cost.buffers)
    counts["window " + w.tensors[row.tensor].name + " at " +
           arch.levels[row.level].name + " node " + std::to_string(row.node)] =
        row.elements;
  for (LevelId l = 0; l < arch.levels.size(); ++l) {
    // Whole tensors stand outside of the function.
    int64_t bits = cost.capacityBits[l];
    for (const BufferRow &row : cost.buffers)
      if (row.level == l && isWhole(row, cost, w))
        bits -= row.bits;
    counts["peak bytes at " + arch.levels[l].name + " in mapped"] = bits / 8;
  }
  std::erase_if(counts, [](const auto &count) { return count.second == 0; });
  return counts;
}

std::string toText(const Counts &counts) {
  std::string text;
  for (const auto &[name, count] : counts)
    text += name + ": " + std::to_string(count) + "\n";
  return text;
}

class LowerMappingsTest : public testing::Test {
protected:
  /// Puts the candidate's mapping on what its payload reads as. False when
  /// that is another workload, or not to be lowered.
  bool build(const Candidate &candidate);
  /// Lowers, runs and compares: how they differ, or "".
  std::string
  difference(LoweredRun::Instances instances = LoweredRun::Instances::InTurns);

  LoweredRun lowered;
  OwningOpRef<ModuleOp> module;
  Workload workload;
  Arch arch;
  Counts expected;
  bool isDense = true;  ///< Every window is a box.
  unsigned threads = 0; ///< Loops whose instances ran on threads, of all.
};

} // namespace

bool LowerMappingsTest::build(const Candidate &candidate) {
  auto text = payloadText(candidate.workload);
  if (!text)
    return false;
  module = lowered.parse(*text);
  EXPECT_TRUE(module) << *text;
  if (!module)
    return false;
  lowered.addCompare(*module);
  auto function = module->lookupSymbol<func::FuncOp>("payload");
  auto read = bridge::importWorkload(function, {});
  EXPECT_TRUE(succeeded(read));
  workload = read->network.workload;
  if (!read->barriers.empty() ||
      workload.einsums.size() != candidate.workload.einsums.size() ||
      workload.tensors.size() != candidate.workload.tensors.size())
    return false;

  // Of the same tensors, in the order in which they are read.
  const Workload &was = candidate.workload;
  std::vector<TensorId> toRead(was.tensors.size());
  for (TensorId t = 0; t < was.tensors.size(); ++t) {
    auto producer = was.producer(t);
    auto id = workload.findTensor(producer ? was.einsums[*producer].name
                                           : was.tensors[t].name);
    EXPECT_TRUE(id);
    toRead[t] = *id;
  }
  Mapping mapping = candidate.mapping;
  std::function<void(Node &)> translate = [&](Node &node) {
    if (auto *retain = std::get_if<Retain>(&node.kind))
      for (auto *tensors : {&retain->tensors, &retain->noReuse})
        for (TensorId &t : *tensors)
          t = toRead[t];
    for (Node &child : node.children)
      translate(child);
  };
  translate(mapping.root);

  arch = candidate.arch;
  for (Level &level : arch.levels) {
    level.capacityBits.reset();
    level.holds.reset();
  }
  // Enough for any loop over instances, and for all stages of a pipeline.
  for (FanOut &fanout : arch.fanouts)
    fanout.size *= 64;
  arch.fanouts.push_back({"lanes", 64, LevelId(arch.levels.size() - 1)});
  if (check(mapping, workload, arch))
    return false;
  auto plan = compile(workload, arch, mapping);
  auto cost = plan ? evaluateEveryTile(*plan, plan->steps())
                   : Result<CostReport>(plan.error());
  if (!cost || !cost->valid())
    return false;
  isDense = llvm::all_of(cost->buffers, [](const BufferRow &row) {
    return row.footprint == row.elements;
  });
  expected = predicted(*cost, workload, arch);
  ir::WorkloadOp op = bridge::insertWorkload(*read, function);
  OpBuilder b = OpBuilder::atBlockEnd(module->getBody());
  bridge::buildArch(b, b.getUnknownLoc(), "chip", arch);
  bridge::buildMapping(b, b.getUnknownLoc(), "mapped", op.getSymName(), "chip",
                       mapping, workload, arch);
  return succeeded(mlir::verify(*module));
}

std::string LowerMappingsTest::difference(LoweredRun::Instances instances) {
  if (!lowered.run(*module, "lower-mappings,instrument-transfers"))
    return "not lowered";
  LoweredRun::Outcome outcome = lowered.execute(*module, instances);
  threads += outcome.threads;
  // Where windows leave gaps in the box around them, it takes more.
  for (auto &[name, bytes] : expected)
    if (!isDense && StringRef(name).starts_with("peak bytes") &&
        outcome.counts[name] > bytes)
      bytes = outcome.counts[name];
  if (!outcome.difference.empty() || outcome.counts == expected)
    return outcome.difference;
  return "counted\n" + toText(outcome.counts) + "predicted\n" +
         toText(expected);
}

/// The instances of a spatial loop side by side.
TEST_F(LowerMappingsTest, InstancesOnThreadsDoWhatIsCounted) {
  RandomOptions options;
  options.maxOps = 200;
  options.partialBits = false;
  options.spatial = true;
  for (uint64_t seed = 0; threads < 5 && seed < 500; ++seed) {
    Candidate candidate = randomCandidate(seed, options);
    if (!build(candidate))
      continue;
    std::string how = difference(LoweredRun::Instances::OnThreads);
    ASSERT_EQ(how, "") << "seed " << seed << "\n"
                       << toString(candidate.mapping, candidate.workload,
                                   candidate.arch);
  }
  EXPECT_GE(threads, 5u);
}

TEST_F(LowerMappingsTest, RandomCandidatesDoWhatIsCounted) {
  RandomOptions options;
  options.maxOps = 200;
  options.partialBits = false;
  options.pipelines = true;
  options.spatial = true;
  unsigned wanted = 50;
  if (const char *text = std::getenv("LOOPTREE_LOWERED_CANDIDATES"))
    wanted = unsigned(std::atoi(text));
  unsigned done = 0;
  for (uint64_t seed = 0; done < wanted && seed < 200 * wanted; ++seed) {
    // Layers of networks in turn with anything.
    options.maxOps = 200;
    Candidate candidate =
        seed % 2 ? randomCandidate(seed, options) : randomTrunk(seed, options);
    if (!build(candidate))
      continue;
    ++done;
    std::string how = difference();
    ASSERT_EQ(how, "") << "seed " << seed << "\n"
                       << toString(candidate.mapping, candidate.workload,
                                   candidate.arch)
                       << payloadText(candidate.workload).value();
  }
  EXPECT_EQ(done, wanted);
}

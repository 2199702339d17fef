//===- RoundTripTest.cpp - There and back between ops and the model -------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "looptree/Bridge/Bridge.h"
#include "looptree/Bridge/Register.h"

#include "RandomCandidate.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"

#include <gtest/gtest.h>

using namespace mlir;
using namespace looptree;
using namespace looptree::bridge;

namespace {

class RoundTripTest : public testing::Test {
protected:
  RoundTripTest() {
    DialectRegistry registry;
    registry.insert<ir::LoopTreeDialect>();
    registerModelCheck(registry);
    context.appendDialectRegistry(registry);
    context.loadAllAvailableDialects();
    context.disableMultithreading();
  }

  /// The module after printing and reading it, verified; null on an error.
  OwningOpRef<ModuleOp> throughText(ModuleOp module) {
    std::string text;
    llvm::raw_string_ostream(text) << *module;
    return parseSourceString<ModuleOp>(text, &context);
  }

  MLIRContext context;
};

/// Two workloads as one, the names of the second with a suffix.
Workload joined(Workload a, Workload b) {
  auto offset = TensorId(a.tensors.size());
  for (Tensor &tensor : b.tensors) {
    tensor.name += "_2";
    a.tensors.push_back(tensor);
  }
  for (Einsum &einsum : b.einsums) {
    einsum.name += "_2";
    einsum.write.tensor += offset;
    for (Access &read : einsum.reads)
      read.tensor += offset;
    a.einsums.push_back(einsum);
  }
  return a;
}

Arch richArch() {
  Arch arch;
  arch.name = "chip";
  arch.levels.resize(3);
  arch.levels[0].name = "DRAM";
  arch.levels[0].readPjPerBit = 0.1;
  arch.levels[0].writePjPerBit = 64;
  arch.levels[0].accessBits = 64;
  arch.levels[0].readBitsPerCycle = Rational{1, 3};
  arch.levels[1].name = "GLB";
  arch.levels[1].capacityBits = 1 << 20;
  arch.levels[1].writeBitsPerCycle = Rational{3, 10};
  arch.levels[1].leakagePjPerCycle = 1e-7;
  arch.levels[1].multicast = false;
  arch.levels[1].doubleBuffered = true;
  arch.levels[2].name = "in put";
  arch.levels[2].capacityBits = 0;
  arch.levels[2].sharedBitsPerCycle = Rational{64, 1};
  arch.levels[2].reduce = false;
  arch.levels[2].holds = {TensorRole::Weight, TensorRole::Output};
  arch.fanouts = {{"X", 16, 1}, {"GLB", 2, 2}};
  arch.compute.kinds = {OpCost{Rational{5, 2}, 0.25},
                        OpCost{std::nullopt, 1.0 / 3},
                        OpCost{Rational{1, 1}, 0}};
  arch.compute.leakagePjPerCycle = 2;
  arch.compute.clockHz = 5e8;
  return arch;
}

TEST_F(RoundTripTest, RandomCandidates) {
  for (uint64_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(seed);
    Candidate candidate = test::randomCandidate(seed);
    Candidate other = test::randomCandidate(seed + 1000);

    // One network of two stretches, and a mapping of the first.
    auto half = EinsumId(candidate.workload.einsums.size());
    NetworkAndBarriers network;
    network.network.workload = joined(candidate.workload, other.workload);
    network.barriers = {{half, "one"}, {half, "two"}};
    network.network.cuts = {half};

    auto loc = UnknownLoc::get(&context);
    OwningOpRef<ModuleOp> module = ModuleOp::create(loc);
    auto builder = OpBuilder::atBlockEnd(module->getBody());
    buildWorkload(builder, loc, "net", network.network, network.barriers);
    buildArch(builder, loc, candidate.arch.name, candidate.arch);
    buildMapping(builder, loc, "map", "net", candidate.arch.name,
                 candidate.mapping, candidate.workload, candidate.arch);
    ASSERT_TRUE(succeeded(verify(*module)));
    module = throughText(*module);
    ASSERT_TRUE(module);

    auto workloadOp = module->lookupSymbol<ir::WorkloadOp>("net");
    EXPECT_EQ(toNetwork(workloadOp), network);
    EXPECT_EQ(toArch(module->lookupSymbol<ir::ArchOp>(candidate.arch.name)),
              candidate.arch);
    MappingOfSet set =
        toMapping(module->lookupSymbol<ir::MappingOp>("map"), network.network);
    EXPECT_EQ(set.workload, candidate.workload);
    EXPECT_EQ(set.mapping, candidate.mapping);
    EXPECT_EQ(set.einsums.size(), half);
  }
}

/// Every einsum on its own: reading the whole network or its part is the same.
TEST_F(RoundTripTest, PartsOfANetwork) {
  for (uint64_t seed = 0; seed < 100; ++seed) {
    SCOPED_TRACE(seed);
    Candidate candidate = test::randomCandidate(seed);
    Network network{candidate.workload, {}};
    auto loc = UnknownLoc::get(&context);
    OwningOpRef<ModuleOp> module = ModuleOp::create(loc);
    auto builder = OpBuilder::atBlockEnd(module->getBody());
    ir::WorkloadOp workloadOp = buildWorkload(builder, loc, "net", network);
    buildArch(builder, loc, "chip", candidate.arch);
    for (EinsumId id = 0; id < network.workload.einsums.size(); ++id) {
      Workload part = extractSet(network.workload, {id});
      Retain all;
      for (TensorId tensor = 0; tensor < part.tensors.size(); ++tensor)
        all.tensors.push_back(tensor);
      Mapping mapping{{all, {{ComputeNode{0}, {}}}}};
      ir::MappingOp op =
          buildMapping(builder, loc, "map" + std::to_string(id), "net", "chip",
                       mapping, part, candidate.arch);
      MappingOfSet ofWhole = toMapping(op, network);
      MappingOfSet ofPart = toMapping(op, toNetworkOf(op, workloadOp));
      EXPECT_EQ(ofWhole.einsums, std::vector{id});
      EXPECT_EQ(ofWhole.workload, part);
      EXPECT_EQ(ofPart.workload, part);
      EXPECT_EQ(ofWhole.mapping, mapping);
      EXPECT_EQ(ofPart.mapping, mapping);
    }
  }
}

TEST_F(RoundTripTest, EveryFieldOfAnArchitecture) {
  auto loc = UnknownLoc::get(&context);
  OwningOpRef<ModuleOp> module = ModuleOp::create(loc);
  auto builder = OpBuilder::atBlockEnd(module->getBody());
  buildArch(builder, loc, "chip", richArch());
  module = throughText(*module);
  ASSERT_TRUE(module);
  EXPECT_EQ(toArch(module->lookupSymbol<ir::ArchOp>("chip")), richArch());
}

TEST_F(RoundTripTest, BarriersAtEitherEndCutNothing) {
  Candidate candidate = test::randomCandidate(3);
  auto count = EinsumId(candidate.workload.einsums.size());
  NetworkAndBarriers network;
  network.network.workload = candidate.workload;
  network.barriers = {{0, "first"}, {count, "last"}};
  auto loc = UnknownLoc::get(&context);
  OwningOpRef<ModuleOp> module = ModuleOp::create(loc);
  auto builder = OpBuilder::atBlockEnd(module->getBody());
  ir::WorkloadOp op =
      buildWorkload(builder, loc, "net", network.network, network.barriers);
  EXPECT_EQ(toNetwork(op), network);
}

TEST_F(RoundTripTest, LocationsOfTheParts) {
  Candidate candidate = test::randomCandidate(3);
  const Workload &workload = candidate.workload;
  auto named = [&](StringRef name) -> Location {
    return NameLoc::get(StringAttr::get(&context, name));
  };
  SmallVector<Location> tensors, einsums;
  for (const Tensor &tensor : workload.tensors)
    tensors.push_back(named(tensor.name));
  for (const Einsum &einsum : workload.einsums)
    einsums.push_back(named(einsum.name));
  Location barrier = named("barrier");

  OwningOpRef<ModuleOp> module = ModuleOp::create(UnknownLoc::get(&context));
  auto builder = OpBuilder::atBlockEnd(module->getBody());
  ir::WorkloadOp op =
      buildWorkload(builder, named("net"), "net", {workload, {}}, {{0, "why"}},
                    "", {tensors, einsums, barrier});
  EXPECT_EQ(op.getLoc(), named("net"));
  for (auto tensor : op.getBody().getOps<ir::TensorOp>())
    EXPECT_EQ(tensor.getLoc(), named(tensor.getTensorName()));
  for (auto einsum : op.getBody().getOps<ir::EinsumOp>())
    EXPECT_EQ(einsum.getLoc(), named(einsum.getSymName()));
  for (auto op : op.getBody().getOps<ir::BarrierOp>())
    EXPECT_EQ(op.getLoc(), barrier);
}

TEST_F(RoundTripTest, NodesOfPaths) {
  for (uint64_t seed = 0; seed < 50; ++seed) {
    Candidate candidate = test::randomCandidate(seed);
    auto loc = UnknownLoc::get(&context);
    OwningOpRef<ModuleOp> module = ModuleOp::create(loc);
    auto builder = OpBuilder::atBlockEnd(module->getBody());
    Network network{candidate.workload, {}};
    buildWorkload(builder, loc, "net", network);
    buildArch(builder, loc, "chip", candidate.arch);
    MappingOfSet set = toMapping(
        buildMapping(builder, loc, "map", "net", "chip", candidate.mapping,
                     candidate.workload, candidate.arch),
        network);
    unsigned count = 0;
    std::function<void(const Node &, std::vector<unsigned>)> visitAll =
        [&](const Node &node, std::vector<unsigned> path) {
          EXPECT_EQ(set.nodeAt(path), set.nodes[count++]);
          EXPECT_EQ(std::holds_alternative<ComputeNode>(node.kind),
                    isa<ir::ComputeOp>(set.nodeAt(path)));
          for (unsigned i = 0; i < node.children.size(); ++i) {
            path.push_back(i);
            visitAll(node.children[i], path);
            path.pop_back();
          }
        };
    visitAll(set.mapping.root, {});
    EXPECT_EQ(count, set.nodes.size());
  }
}

TEST_F(RoundTripTest, Plans) {
  Candidate candidate = test::randomCandidate(5);
  auto loc = UnknownLoc::get(&context);
  OwningOpRef<ModuleOp> module = ModuleOp::create(loc);
  auto builder = OpBuilder::atBlockEnd(module->getBody());
  buildWorkload(builder, loc, "net", {candidate.workload, {}});
  buildArch(builder, loc, "chip", candidate.arch);
  buildMapping(builder, loc, "map", "net", "chip", candidate.mapping,
               candidate.workload, candidate.arch);
  buildPlan(builder, loc, "plan", "net", "chip", ir::PlanRole::LayerByLayer,
            {"map"}, "one \"mapping\"");
  module = throughText(*module);
  ASSERT_TRUE(module);
  auto plan = module->lookupSymbol<ir::PlanOp>("plan");
  EXPECT_EQ(plan.getRole(), ir::PlanRole::LayerByLayer);
  EXPECT_EQ(plan.getCertificate(), "one \"mapping\"");
  EXPECT_EQ(mappingsOf(plan),
            SmallVector{module->lookupSymbol<ir::MappingOp>("map")});
}

} // namespace

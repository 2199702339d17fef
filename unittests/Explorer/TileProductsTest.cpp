//===- TileProductsTest.cpp - Costs as products over groups of ranks ------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Explorer/TileProducts.h"
#include "Explorer/BranchTree.h"
#include "RandomHalos.h"

using namespace looptree;
using namespace looptree::test;

namespace {

/// Loops over different ranks of an einsum, with any steps.
std::vector<For> randomLoops(const Workload &set, EinsumId e, Random &random,
                             unsigned most) {
  std::vector<RankId> ranks;
  for (RankId r = 0; r < set.einsums[e].ranks.size(); ++r)
    if (set.einsums[e].ranks[r].extent > 1)
      ranks.push_back(r);
  random.shuffle(ranks);
  ranks.resize(std::min(ranks.size(), size_t(random.in(0, most))));
  std::vector<For> loops;
  for (RankId r : ranks)
    loops.push_back({e, r, random.in(1, set.einsums[e].ranks[r].extent - 1)});
  return loops;
}

int64_t bitsOf(const CostReport &report, TensorId t) {
  int64_t bits = 0;
  for (const BufferRow &row : report.buffers)
    if (row.tensor == t && row.level > 0)
      bits = std::max(bits, row.bits);
  return bits;
}

int64_t offChipOf(const CostReport &report, TensorId t,
                  std::optional<EinsumId> e = std::nullopt) {
  int64_t bits = 0;
  for (const AccessRow &row : report.accesses)
    if (row.tensor == t && row.level == 0 && (!e || row.einsum == *e))
      bits += row.readBits + row.writeBits;
  return bits;
}

// Every trunk, place and nest costs what its evaluation says.
TEST(TileProducts, AreWhatMappingsCost) {
  size_t sets = 0, states = 0, places = 0, branches = 0, bounds = 0;
  const size_t kSets = 400;
  Arch arch = twoLevels();
  for (uint64_t seed = 0; seed < kSets; ++seed) {
    Random random(seed);
    Workload set = randomHalos(random, 8, unsigned(random.in(2, 4)));
    ASSERT_FALSE(set.check()) << seed;
    auto products = TileProducts::of(set);
    if (!products)
      continue;
    ++sets;
    for (int i = 0; i < 10; ++i) {
      std::vector<For> trunk =
          randomLoops(set, EinsumId(set.einsums.size() - 1), random, 3);
      std::vector<TrunkPlace> at(set.tensors.size());
      std::vector<bool> isOutside(set.tensors.size(), true);
      for (TensorId t = 0; t < at.size(); ++t) {
        if (set.tensors[t].kind == TensorKind::Intermediate)
          isOutside[t] = random.chance(0.30);
        if (!isOutside[t])
          at[t] = {int(random.in(0, int64_t(trunk.size()))), 1,
                   random.chance(0.30)};
      }
      if (!products->enter(trunk, at, isOutside))
        continue;
      ++states;
      std::vector<BranchNest> nests(set.einsums.size());
      std::vector<std::vector<std::pair<TensorId, bool>>> kept(nests.size());
      std::vector<TensorId> onTrunk;
      for (TensorId t = 0; t < at.size(); ++t) {
        if (!isOutside[t])
          onTrunk.push_back(t);
        if (!isOutside[t] || !random.chance(0.40))
          continue;
        at[t] = {int(random.in(0, int64_t(trunk.size()))), 1,
                 random.chance(0.30)};
        onTrunk.push_back(t);
      }
      for (EinsumId e = 0; e < nests.size(); ++e) {
        nests[e].loops = randomLoops(set, e, random, 3);
        for (TensorId t = 0; t < at.size(); ++t) {
          bool isUsed = set.einsums[e].write.tensor == t;
          for (const Access &read : set.einsums[e].reads)
            isUsed |= read.tensor == t;
          if (!isUsed || at[t].depth >= 0)
            continue;
          bool isRetained = random.chance(0.50);
          kept[e].push_back({t, isRetained});
          if (isRetained)
            nests[e].kept.push_back({t, 1, unsigned(nests[e].loops.size())});
        }
      }
      Mapping mapping = trunkMapping(set, trunk, at, isOutside);
      addBranches(mapping, nests);
      auto report = evaluate(set, arch, mapping);
      ASSERT_TRUE(bool(report)) << report.error().message;
      std::string what = "seed " + std::to_string(seed) + ", state " +
                         std::to_string(i) + ": " +
                         toString(mapping, set, arch);
      int64_t again = 0;
      for (int64_t ops : report->recompute)
        again += ops;
      // Bounds are no larger.
      bool isBound = products->isBound();
      auto agrees = [](bool isExact, int64_t mine, int64_t real) {
        return isExact ? mine == real : mine <= real;
      };
      bounds += isBound;
      EXPECT_TRUE(agrees(!isBound, products->recompute().value(), again))
          << what;
      for (TensorId t : onTrunk) {
        auto cost = products->onTrunk(t, unsigned(at[t].depth), at[t].noReuse);
        if (!cost)
          continue;
        ++places;
        EXPECT_TRUE(agrees(!isBound, cost->bits, bitsOf(*report, t)))
            << t << " " << what;
        EXPECT_TRUE(agrees(!isBound, cost->offChip, offChipOf(*report, t)))
            << t << " " << what;
      }
      for (EinsumId e = 0; e < nests.size(); ++e)
        for (auto [t, isRetained] : kept[e]) {
          auto cost = products->inBranch(e, t, nests[e].loops, isRetained);
          if (!cost)
            continue;
          ++branches;
          EXPECT_TRUE(agrees(products->isExact(e), cost->offChip,
                             offChipOf(*report, t, e)))
              << cost->offChip << " for " << offChipOf(*report, t, e)
              << " retained " << isRetained << " of " << t << " of " << e << " "
              << what;
          if (!isRetained)
            continue;
          int64_t bits = 0;
          for (const BufferRow &row : report->buffers)
            if (row.tensor == t && row.level == 1)
              bits = std::max(bits, row.bits);
          EXPECT_LE(cost->bits, bits) << t << " of " << e << " " << what;
        }
      if (HasFailure())
        return;
    }
  }
  EXPECT_GT(sets, kSets / 2);
  EXPECT_GT(states, 5 * sets);
  EXPECT_GT(places, states);
  EXPECT_GT(branches, states);
  EXPECT_GT(bounds, sets / 10);
}

} // namespace

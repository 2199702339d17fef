//===- PartitionTest.cpp - Partitions against all of them -----------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Explorer/Partition.h"
#include "Networks.h"

#include <gmock/gmock.h>

#include <map>

using namespace looptree;
using namespace looptree::test;

namespace {

constexpr double kNoLimit = std::numeric_limits<double>::infinity();

/// A residual block with a projected shortcut.
Network shortcut() {
  NetworkBuilder b;
  Feature x = b.relu(b.conv(b.input(3, 12), 4, 3));
  Feature y = b.conv(b.relu(b.conv(x, 6, 3)), 6, 3);
  b.maxPool(b.add(y, b.conv(x, 6, 1)), 2, 2);
  return b.finish();
}

/// Three convolutions of one input, two of which meet.
Network wide() {
  NetworkBuilder b;
  Feature x = b.input(4, 10);
  Feature left = b.conv(x, 4, 3), middle = b.conv(x, 4, 3);
  b.conv(x, 8, 1);
  b.conv(b.add(left, middle), 4, 1);
  return b.finish();
}

/// All partitions into sets that can be computed one after another, by the
/// definition: each layer in turn joins a set or opens one.
class AllPartitions {
public:
  AllPartitions(const Network &network, const std::vector<Layer> &layers,
                std::function<double(const Layer &)> cost)
      : network(network), layers(layers), cost(std::move(cost)),
        setOf(layers.size()) {}

  double best() {
    assign(0, 0);
    return least;
  }
  size_t count() const { return counted; }

private:
  void assign(size_t layer, size_t sets) {
    if (layer == layers.size()) {
      if (isOrdered(sets))
        add(sets);
      return;
    }
    for (size_t s = 0; s <= sets; ++s) {
      setOf[layer] = s;
      assign(layer + 1, std::max(sets, s + 1));
    }
  }

  /// Whether no two sets wait for each other.
  bool isOrdered(size_t sets) const {
    std::map<TensorId, size_t> writer;
    for (size_t l = 0; l < layers.size(); ++l)
      for (EinsumId e : layers[l])
        writer[network.workload.einsums[e].write.tensor] = setOf[l];
    std::vector<std::vector<bool>> needs(sets, std::vector<bool>(sets));
    for (size_t l = 0; l < layers.size(); ++l)
      for (EinsumId e : layers[l])
        for (const Access &read : network.workload.einsums[e].reads)
          if (writer.contains(read.tensor) && writer[read.tensor] != setOf[l])
            needs[setOf[l]][writer[read.tensor]] = true;
    for (size_t k = 0; k < sets; ++k)
      for (size_t i = 0; i < sets; ++i)
        for (size_t j = 0; j < sets; ++j)
          if (needs[i][k] && needs[k][j])
            needs[i][j] = true;
    for (size_t i = 0; i < sets; ++i)
      if (needs[i][i])
        return false;
    return true;
  }

  void add(size_t sets) {
    ++counted;
    double sum = 0;
    for (size_t s = 0; s < sets; ++s) {
      Layer einsums;
      for (size_t l = 0; l < layers.size(); ++l)
        if (setOf[l] == s)
          einsums.insert(einsums.end(), layers[l].begin(), layers[l].end());
      std::sort(einsums.begin(), einsums.end());
      sum += cost(einsums);
    }
    least = std::min(least, sum);
  }

  const Network &network;
  const std::vector<Layer> &layers;
  std::function<double(const Layer &)> cost;
  std::vector<size_t> setOf;
  double least = kNoLimit;
  size_t counted = 0;
};

class EveryNetwork
    : public testing::TestWithParam<std::tuple<bool, Objective>> {};

TEST_P(EveryNetwork, GetsABestPartition) {
  auto [isWide, objective] = GetParam();
  Network network = isWide ? wide() : shortcut();
  for (int64_t bytes : {96, 300, 1000, 4000, 100000}) {
    Arch arch = edgeLike(bytes * 8);
    auto layers = layersOf(network);
    ASSERT_EQ(layers.size(), 1u);
    SetCache cache(arch, objective);
    SetRules rules;
    StretchPartition partition(network.workload, layers[0], arch, objective,
                               cache, rules);
    NetworkSearch search;
    PlanClock clock(search);
    EXPECT_TRUE(partition.hasAllPrefixes());
    Labels found = partition.solve({std::make_shared<Label>()}, nullptr, clock);
    SetCache fresh(arch, objective);
    auto searched = [&](const Layer &einsums) {
      const SetResult &result = fresh.search(
          {extractSet(network.workload, einsums), TrunkLoops::Any, kNoLimit});
      return result.found.empty()
                 ? kNoLimit
                 : objectiveOf(result.found[0].report, objective);
    };
    AllPartitions all(network, layers[0], [&](const Layer &einsums) {
      double cost = searched(einsums);
      if (!std::count(layers[0].begin(), layers[0].end(), einsums))
        return cost;
      // A layer may also be computed op by op.
      double apart = 0;
      for (EinsumId e : einsums)
        apart += searched({e});
      return std::min(cost, apart);
    });
    double best = all.best();
    EXPECT_GT(all.count(), layers[0].size());
    ASSERT_EQ(found.empty(), best == kNoLimit) << bytes;
    if (!found.empty())
      // Told what would be of use, a search of single sets may find more.
      EXPECT_LE(found[0]->sum, best * (1 + 1e-9)) << bytes;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Objectives, EveryNetwork,
    testing::Combine(testing::Bool(),
                     testing::Values(Objective::OffChipBits,
                                     Objective::EnergyPj, Objective::Latency)));

TEST(StretchPartition, IngredientsChangeNoPlan) {
  Network network = shortcut();
  auto layers = layersOf(network)[0];
  SetRules rules;
  NetworkSearch search;
  for (int64_t bytes : {300, 1000, 4000}) {
    Arch arch = edgeLike(bytes * 8);
    std::vector<double> sums;
    std::vector<int64_t> searches;
    for (Ingredients with :
         {Ingredients{}, Ingredients{false, true, true},
          Ingredients{true, false, true}, Ingredients{true, true, false}}) {
      SetCache cache(arch, Objective::OffChipBits, with);
      StretchPartition partition(network.workload, layers, arch,
                                 Objective::OffChipBits, cache, rules);
      PlanClock clock(search);
      Labels found =
          partition.solve({std::make_shared<Label>()}, nullptr, clock);
      sums.push_back(found.empty() ? 0 : found[0]->sum);
      searches.push_back(cache.searches());
    }
    EXPECT_THAT(sums, testing::Each(sums[0])) << bytes;
    EXPECT_GT(searches[1], searches[0]);
    EXPECT_GE(searches[2], searches[0]);
    EXPECT_EQ(searches[3], searches[0]);
  }
}

TEST(LayerGraph, PrefixesHoldWhatTheyRead) {
  Network network = shortcut();
  auto layers = layersOf(network)[0];
  LayerGraph graph(network.workload, layers);
  auto prefixes = graph.prefixes(100);
  ASSERT_TRUE(prefixes.has_value());
  // stem; conv1, conv2 beside the shortcut with its add; pool: the add rides
  // with the later of its operands, so that layer waits for both.
  std::vector<size_t> sizes;
  for (const LayerSet &prefix : *prefixes)
    sizes.push_back(size_t(std::count(prefix.begin(), prefix.end(), true)));
  EXPECT_TRUE(std::is_sorted(sizes.begin(), sizes.end()));
  EXPECT_EQ(sizes.front(), 0u);
  EXPECT_EQ(sizes.back(), layers.size());
  EXPECT_FALSE(graph.prefixes(prefixes->size() - 1));
  EXPECT_EQ(graph.prefixesInOrder().size(), layers.size() + 1);
}

TEST(LayerGraph, PiecesShareNoTensor) {
  Network network = wide();
  auto layers = layersOf(network)[0];
  LayerGraph graph(network.workload, layers);
  // left, middle + add, and the others: all read the input but the last one.
  LayerSet all(layers.size(), true);
  EXPECT_FALSE(graph.fallsApart(all));
  LayerSet ends(layers.size(), false);
  ends[0] = ends[layers.size() - 1] = true;
  EXPECT_TRUE(graph.fallsApart(ends));
}

TEST(StretchPartition, AvoidsAPrefix) {
  Network network = shortcut();
  Arch arch = edgeLike(1000 * 8);
  auto layers = layersOf(network)[0];
  SetCache cache(arch, Objective::OffChipBits);
  SetRules rules;
  StretchPartition partition(network.workload, layers, arch,
                             Objective::OffChipBits, cache, rules);
  NetworkSearch search;
  PlanClock clock(search);
  Labels start{std::make_shared<Label>()};
  Labels best = partition.solve(start, nullptr, clock);
  ASSERT_FALSE(best.empty());
  std::vector<EinsumId> done;
  for (const Label *l = best[0]->before.get(); l && l->before;
       l = l->before.get())
    done.insert(done.end(), l->einsums.begin(), l->einsums.end());
  ASSERT_FALSE(done.empty()) << "one set: nothing to avoid";
  LayerSet avoided = partition.prefixOf(done);
  Labels other = partition.solve(start, &avoided, clock);
  ASSERT_FALSE(other.empty());
  EXPECT_GE(other[0]->sum, best[0]->sum);
  for (const Label *l = other[0]->before.get(); l && l->before;
       l = l->before.get()) {
    std::vector<EinsumId> computed;
    for (const Label *m = l; m->before; m = m->before.get())
      computed.insert(computed.end(), m->einsums.begin(), m->einsums.end());
    EXPECT_NE(partition.prefixOf(computed), avoided);
  }
}

} // namespace

//===- RandomTrunk.cpp - Seeded random layers under one trunk - -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RandomParts.h"

#include <algorithm>

using namespace looptree;
using namespace looptree::test;

namespace {

/// Layers as networks have them: [channels, rows, columns] tensors, each
/// reading the one before and sometimes another.
class LayerMaker {
public:
  LayerMaker(Random &random, unsigned maxEinsums) : rng(random) {
    spatial = unsigned(rng.in(1, 2));
    layers = unsigned(rng.in(1, maxEinsums));
  }

  Workload make() {
    std::vector<int64_t> shape{rng.in(1, 3)};
    for (unsigned d = 0; d < spatial; ++d)
      shape.push_back(spatial == 1 && rng.chance(0.5) ? rng.in(20, 90)
                                                      : rng.in(3, 24));
    TensorId at = addTensor(shape);
    std::vector<TensorId> before;
    for (unsigned i = 0; i < layers; ++i) {
      TensorId next = addLayer(at, before);
      before.push_back(at);
      at = next;
    }
    for (TensorId t = 0; t < w.tensors.size(); ++t)
      if (w.producer(t))
        w.tensors[t].kind = w.consumers(t).empty() ? TensorKind::Output
                                                   : TensorKind::Intermediate;
      else if (rng.chance(0.9))
        w.tensors[t].partialBits = std::nullopt;
    return std::move(w);
  }

private:
  TensorId addTensor(std::vector<int64_t> shape) {
    TensorId id = TensorId(w.tensors.size());
    w.tensors.push_back(
        {"T" + std::to_string(id), TensorKind::Input, std::move(shape)});
    w.tensors.back().bits = rng.of(std::vector<int64_t>{8, 8, 16});
    if (rng.chance(0.2))
      w.tensors.back().partialBits = rng.of(std::vector<int64_t>{24, 4});
    return id;
  }

  static LinearExpr sum(std::vector<LinearExpr::Term> terms,
                        int64_t constant = 0) {
    std::sort(terms.begin(), terms.end(),
              [](auto &a, auto &b) { return a.rank < b.rank; });
    return {std::move(terms), constant};
  }

  /// Declares ranks in a random order; names are those of the roles.
  TensorId addLayer(TensorId in, const std::vector<TensorId> &before) {
    std::vector<int64_t> shape = w.tensors[in].shape;
    enum { M, C, P, R = P + 2, Count = R + 2 };
    std::vector<int64_t> extent(Count, 1), stride(2, 1), dilation(2, 1),
        padding(2, 0);
    bool depthwise = rng.chance(0.2), elementwise = rng.chance(0.2);
    depthwise |= elementwise;
    extent[C] = shape[0];
    extent[M] = rng.in(1, 4);
    for (unsigned d = 0; d < spatial; ++d) {
      int64_t size = shape[d + 1];
      extent[R + d] =
          elementwise ? 1 : rng.of(std::vector<int64_t>{1, 2, 3, 3, 5});
      stride[d] = elementwise || rng.chance(0.7) ? 1 : rng.in(2, 3);
      dilation[d] = rng.chance(0.8) ? 1 : 2;
      int64_t reach = (extent[R + d] - 1) * dilation[d];
      padding[d] = rng.chance(0.5) ? reach / 2 : 0;
      if (size + 2 * padding[d] <= reach) {
        extent[R + d] = 1;
        padding[d] = reach = 0;
      }
      extent[P + d] = (size + 2 * padding[d] - 1 - reach) / stride[d] + 1;
    }
    std::vector<RankId> roles{C};
    if (!depthwise)
      roles.push_back(M);
    for (unsigned d = 0; d < spatial; ++d) {
      roles.push_back(P + d);
      if (!elementwise)
        roles.push_back(R + d);
    }
    rng.shuffle(roles);
    std::vector<RankId> place(Count, 0);
    Einsum einsum;
    einsum.name = "E" + std::to_string(w.einsums.size());
    einsum.kind =
        elementwise ? EinsumKind::Elementwise : EinsumKind::Contraction;
    const char *names[] = {"m", "c", "p", "q", "r", "s"};
    for (RankId role : roles) {
      place[role] = RankId(einsum.ranks.size());
      einsum.ranks.push_back({names[role], extent[role]});
    }

    Access read{in, {sum({{place[C], 1}})}, false};
    LinearExpr channel = sum({{place[depthwise ? C : M], 1}});
    Access write{0, {channel}, false}, weight{0, {channel}, false};
    std::vector<int64_t> written{extent[depthwise ? C : M]}, weights = written;
    if (!depthwise) {
      weight.index.push_back(sum({{place[C], 1}}));
      weights.push_back(extent[C]);
    }
    for (unsigned d = 0; d < spatial; ++d) {
      std::vector<LinearExpr::Term> terms{{place[P + d], stride[d]}};
      if (!elementwise) {
        terms.push_back({place[R + d], dilation[d]});
        weight.index.push_back(sum({{place[R + d], 1}}));
        weights.push_back(extent[R + d]);
      }
      read.index.push_back(sum(terms, -padding[d]));
      write.index.push_back(sum({{place[P + d], 1}}));
      written.push_back(extent[P + d]);
    }
    einsum.reads.push_back(read);
    if (!elementwise) {
      weight.tensor = addTensor(weights);
      einsum.reads.push_back(weight);
    }
    // A residual, where an earlier tensor has this shape.
    for (TensorId other : before)
      if (w.tensors[other].shape == written && rng.chance(0.4)) {
        einsum.reads.push_back(write);
        einsum.reads.back().tensor = other;
        break;
      }
    if (rng.chance(0.15)) { // A bias.
      Access bias{addTensor({written[0]}), {channel}, rng.chance(0.7)};
      einsum.reads.push_back(bias);
    }
    rng.shuffle(einsum.reads);
    einsum.write = write;
    einsum.write.tensor = addTensor(written);
    w.einsums.push_back(std::move(einsum));
    return w.einsums.back().write.tensor;
  }

  Random &rng;
  unsigned spatial, layers;
  Workload w;
};

class TrunkMaker {
public:
  TrunkMaker(Random &random, const Workload &workload, const Arch &arch)
      : rng(random), w(workload), arch(arch) {}

  Mapping make() {
    // Loops over some ranks of the head, from the outermost in.
    EinsumId head = EinsumId(w.einsums.size() - 1);
    const auto &ranks = w.einsums[head].ranks;
    std::vector<RankId> order;
    for (RankId r = 0; r < ranks.size(); ++r)
      order.push_back(r);
    rng.shuffle(order);
    size_t most = std::min<size_t>(order.size(), 3);
    order.resize(size_t(rng.in(0, int64_t(most))));

    std::vector<int> level(w.tensors.size(), -1);
    std::vector<TensorId> ends;
    for (TensorId t = 0; t < w.tensors.size(); ++t)
      if (w.tensors[t].kind != TensorKind::Intermediate) {
        ends.push_back(t);
        level[t] = 0;
      }
    // Places: above each loop and above the split.
    std::vector<std::vector<Retain>> places(order.size() + 1);
    places[0].push_back({0, ends, {}});
    for (TensorId t = 0; t < w.tensors.size(); ++t) {
      if (level[t] < 0) {
        size_t at = size_t(rng.in(0, int64_t(order.size())));
        addRetain(places[at], t, level);
      }
      for (auto &place : places)
        if (level[t] + 1 < int(arch.levels.size()) && rng.chance(0.2) &&
            (level[t] == 0 || &place == &places.back()) &&
            isBacked(places, place, t))
          addRetain(place, t, level);
    }
    std::vector<Node> branches;
    for (EinsumId e = 0; e < w.einsums.size(); ++e) {
      branches.push_back(branch(e, level));
    }
    Node tree = branches.size() == 1 && rng.chance(0.7) ? std::move(branches[0])
                : rng.chance(0.4) ? Node{Pipeline{}, std::move(branches)}
                                  : Node{Sequential{}, std::move(branches)};
    for (size_t i = places.size(); i-- > 0;) {
      for (size_t k = places[i].size(); k-- > 0;)
        tree = {places[i][k], {std::move(tree)}};
      if (i > 0)
        tree = {For{head, order[i - 1], rng.in(1, ranks[order[i - 1]].extent)},
                {std::move(tree)}};
    }
    return {std::move(tree)};
  }

private:
  /// Loops and retains of one einsum, inside the split.
  Node branch(EinsumId e, std::vector<int> level) {
    const auto &ranks = w.einsums[e].ranks;
    std::vector<RankId> order;
    for (RankId r = 0; r < ranks.size(); ++r)
      order.push_back(r);
    rng.shuffle(order);
    order.resize(rng.chance(0.5) ? 0
                                 : size_t(rng.in(0, int64_t(order.size()))));
    std::vector<Node> chain; // From the outside in.
    for (size_t i = 0; i <= order.size(); ++i) {
      for (TensorId t = 0; t < w.tensors.size(); ++t)
        if (uses(e, t) && level[t] + 1 < int(arch.levels.size()) &&
            rng.chance(order.empty() ? 0.25 : 0.15)) {
          std::vector<Retain> place;
          addRetain(place, t, level);
          chain.push_back({place[0], {}});
        }
      if (i < order.size())
        chain.push_back(
            {For{e, order[i],
                 rng.chance(0.5) ? 1 : rng.in(1, ranks[order[i]].extent)},
             {}});
    }
    // Side by side, where no retain is in the way.
    std::vector<RankId> spread;
    for (RankId r = 0; r < ranks.size(); ++r)
      if (std::find(order.begin(), order.end(), r) == order.end())
        spread.push_back(r);
    rng.shuffle(spread);
    for (size_t i = 0; i < std::min<size_t>(spread.size(), 2); ++i)
      if (!arch.fanouts.empty() && rng.chance(0.3))
        chain.push_back(
            {SpatialFor{e, spread[i], rng.in(1, ranks[spread[i]].extent),
                        unsigned(rng.in(0, int64_t(arch.fanouts.size()) - 1))},
             {}});
    Node tree{ComputeNode{e}, {}};
    for (size_t i = chain.size(); i-- > 0;) {
      chain[i].children.push_back(std::move(tree));
      tree = std::move(chain[i]);
    }
    return tree;
  }

  bool uses(EinsumId e, TensorId t) const {
    const Einsum &einsum = w.einsums[e];
    return einsum.write.tensor == t ||
           std::any_of(einsum.reads.begin(), einsum.reads.end(),
                       [&](const Access &read) { return read.tensor == t; });
  }
  /// A retain of the tensor stands at `place` or further out.
  static bool isBacked(const std::vector<std::vector<Retain>> &places,
                       const std::vector<Retain> &place, TensorId t) {
    for (const auto &other : places) {
      for (const Retain &retain : other)
        if (std::find(retain.tensors.begin(), retain.tensors.end(), t) !=
            retain.tensors.end())
          return true;
      if (&other == &place)
        return false;
    }
    return false;
  }
  void addRetain(std::vector<Retain> &place, TensorId t,
                 std::vector<int> &level) {
    int next = level[t] + 1;
    if (next == 0 && arch.levels.size() > 1)
      next = int(rng.in(0, 1));
    level[t] = next;
    Retain retain{LevelId(next), {t}, {}};
    if (rng.chance(0.1))
      retain.noReuse.push_back(t);
    place.push_back(std::move(retain));
  }

  Random &rng;
  const Workload &w;
  const Arch &arch;
};

} // namespace

Candidate test::randomTrunk(uint64_t seed, const RandomOptions &options) {
  Random random(seed);
  Candidate candidate;
  candidate.workload = LayerMaker(random, options.maxEinsums).make();
  RandomOptions spatial = options;
  spatial.spatial = true;
  candidate.arch = randomArch(random, spatial);
  for (Level &level : candidate.arch.levels)
    level.holds = std::nullopt;
  candidate.mapping =
      TrunkMaker(random, candidate.workload, candidate.arch).make();
  return candidate;
}

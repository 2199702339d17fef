//===- RandomWorkload.cpp - Seeded random workloads and architectures  -*- C++
//-*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RandomParts.h"

#include <algorithm>
#include <map>

using namespace looptree;
using namespace looptree::test;

namespace {

using Elements = std::vector<bool>;

/// Calls `use` with the value of each expression at each op.
void forEachIndex(
    const Einsum &einsum, const Access &access,
    const std::function<void(const std::vector<int64_t> &)> &use) {
  std::vector<int64_t> point(einsum.ranks.size(), 0);
  while (true) {
    std::vector<int64_t> index;
    for (const LinearExpr &expr : access.index) {
      int64_t x = expr.constant;
      for (const LinearExpr::Term &term : expr.terms)
        x += term.coefficient * point[term.rank];
      index.push_back(x);
    }
    use(index);
    size_t r = point.size();
    while (r > 0 && ++point[r - 1] == einsum.ranks[r - 1].extent)
      point[--r] = 0;
    if (r == 0)
      return;
  }
}

std::optional<size_t> flatten(const std::vector<int64_t> &index,
                              const std::vector<int64_t> &shape) {
  int64_t flat = 0;
  for (size_t d = 0; d < shape.size(); ++d) {
    if (index[d] < 0 || index[d] >= shape[d])
      return std::nullopt;
    flat = flat * shape[d] + index[d];
  }
  return size_t(flat);
}

int64_t elements(const std::vector<int64_t> &shape) {
  int64_t n = 1;
  for (int64_t extent : shape)
    n *= extent;
  return n;
}

class WorkloadMaker {
public:
  WorkloadMaker(Random &random, const RandomOptions &options)
      : rng(random), options(options) {}

  Workload make() {
    size_t count = size_t(rng.in(1, options.maxEinsums));
    // Few einsums may be larger, so that tiles have an inside.
    opsEach = options.maxOps / int64_t(count);
    for (size_t e = 0; e < count; ++e)
      if (options.convention == Convention::LoopTreeV1)
        extendChain();
      else
        addEinsum();
    for (TensorId t = 0; t < w.tensors.size(); ++t) {
      Tensor &tensor = w.tensors[t];
      if (w.producer(t))
        tensor.kind =
            w.consumers(t).empty() ||
                    (options.convention == Convention::Exact && rng.chance(0.1))
                ? TensorKind::Output
                : TensorKind::Intermediate;
      tensor.bits = rng.of(std::vector<int64_t>{8, 8, 8, 16, 4});
      tensor.isWeight = rng.chance(0.1);
      if (options.partialBits && options.convention == Convention::Exact &&
          rng.chance(0.15))
        tensor.partialBits = rng.of(std::vector<int64_t>{24, 32, 4});
    }
    return std::move(w);
  }

private:
  /// An einsum that reads the last one's result, unless none can be found.
  void extendChain() {
    Workload before = w;
    Einsum einsum = newEinsum();
    if (before.einsums.empty()) {
      readNew(einsum, false);
    } else if (!readIfPossible(einsum, before.einsums.back().write.tensor,
                               false)) {
      w = std::move(before);
      return;
    }
    for (size_t more = size_t(rng.in(0, 2)); more > 0; --more) {
      TensorId old = TensorId(rng.in(0, int64_t(before.tensors.size())));
      if (old < before.tensors.size() && !before.producer(old) &&
          rng.chance(0.3))
        read(einsum, old, false);
      else
        readNew(einsum, rng.chance(0.25));
    }
    w.einsums.push_back(std::move(einsum));
  }

  void addEinsum() {
    Einsum einsum = newEinsum();
    size_t first = w.tensors.size() - 1; // The written tensor is the last.

    std::vector<TensorId> unread;
    for (TensorId t = 0; t < first; ++t)
      if (w.producer(t) && w.consumers(t).empty())
        unread.push_back(t);
    if (!unread.empty() && rng.chance(0.95))
      read(einsum, rng.of(unread), false);
    else if (first > 0)
      read(einsum, TensorId(rng.in(0, int64_t(first) - 1)), false);
    else
      readNew(einsum, false);
    while (rng.chance(0.4) && einsum.reads.size() < 4) {
      if (first > 0 && rng.chance(0.5))
        read(einsum, TensorId(rng.in(0, int64_t(first) - 1)), rng.chance(0.1));
      else
        readNew(einsum, rng.chance(0.25));
    }
    rng.shuffle(einsum.reads);
    w.einsums.push_back(std::move(einsum));
  }

  /// Its ranks, and a new tensor that it writes.
  Einsum newEinsum() {
    Einsum einsum;
    einsum.name = "E" + std::to_string(w.einsums.size());
    einsum.kind = EinsumKind(rng.chance(0.7) ? 0 : rng.in(0, 2));
    size_t ranks = size_t(rng.chance(0.04) ? 0 : rng.in(1, 4));
    int64_t ops = 1;
    for (size_t r = 0; r < ranks; ++r) {
      int64_t extent = rng.chance(0.15)  ? 1
                       : rng.chance(0.5) ? rng.in(2, 3)
                                         : rng.in(2, 8);
      extent = std::max<int64_t>(1, std::min(extent, opsEach / ops));
      ops *= extent;
      einsum.ranks.push_back({"r" + std::to_string(r), extent});
    }
    write(einsum);
    return einsum;
  }

  /// An expression over ranks that `used` does not have yet.
  LinearExpr expression(const Einsum &einsum, std::vector<bool> &used,
                        size_t maxTerms) {
    LinearExpr expr;
    std::vector<RankId> free;
    for (RankId r = 0; r < used.size(); ++r)
      if (!used[r])
        free.push_back(r);
    rng.shuffle(free);
    // Ranks that the write uses make tiles move; others make them overlap.
    auto isInner = [&](RankId r) { return !usedByWrite(einsum, r); };
    for (size_t i = 1; i < free.size() && isInner(free[0]); ++i)
      if (!isInner(free[i]))
        std::swap(free[0], free[i]);
    for (size_t i = 2; i < free.size() && !isInner(free[1]); ++i)
      if (isInner(free[i]))
        std::swap(free[1], free[i]);
    free.resize(std::min(free.size(), maxTerms));
    for (RankId r : free) {
      used[r] = true;
      expr.terms.push_back({r, rng.chance(0.7) ? 1 : rng.in(1, 3)});
    }
    std::sort(expr.terms.begin(), expr.terms.end(),
              [](auto &a, auto &b) { return a.rank < b.rank; });
    return expr;
  }

  static bool usedByWrite(const Einsum &einsum, RankId rank) {
    for (const LinearExpr &expr : einsum.write.index)
      for (const LinearExpr::Term &term : expr.terms)
        if (term.rank == rank)
          return true;
    return false;
  }

  /// The largest value of an expression.
  static int64_t largest(const Einsum &einsum, const LinearExpr &expr) {
    int64_t x = expr.constant;
    for (const LinearExpr::Term &term : expr.terms)
      x += term.coefficient * (einsum.ranks[term.rank].extent - 1);
    return x;
  }

  TensorId addTensor(std::vector<int64_t> shape) {
    TensorId id = TensorId(w.tensors.size());
    w.tensors.push_back(
        {"T" + std::to_string(id), TensorKind::Input, std::move(shape)});
    return id;
  }

  void write(Einsum &einsum) {
    std::vector<RankId> ranks;
    for (RankId r = 0; r < einsum.ranks.size(); ++r)
      ranks.push_back(r);
    rng.shuffle(ranks);
    size_t next = 0, dims = ranks.empty() ? size_t(rng.in(0, 1))
                                          : size_t(rng.in(rng.chance(0.9), 3));
    std::vector<int64_t> shape;
    for (size_t d = 0; d < dims; ++d) {
      LinearExpr expr;
      if (next < ranks.size()) {
        RankId r = ranks[next++];
        expr.terms.push_back({r, rng.chance(0.9) ? 1 : rng.in(2, 3)});
        if (next < ranks.size() && rng.chance(0.1)) { // 3*h + d, or p + q
          RankId inner = ranks[next++];
          expr.terms[0].coefficient =
              rng.chance(0.7) ? einsum.ranks[inner].extent : 1;
          expr.terms.push_back({inner, 1});
          std::sort(expr.terms.begin(), expr.terms.end(),
                    [](auto &a, auto &b) { return a.rank < b.rank; });
        }
      } else if (!rng.chance(0.3)) {
        break;
      }
      expr.constant = rng.chance(0.9) ? 0 : rng.in(1, 2);
      shape.push_back(largest(einsum, expr) + 1 + rng.chance(0.05));
      einsum.write.index.push_back(std::move(expr));
    }
    einsum.write.tensor = addTensor(shape);
    Elements &set = written[einsum.write.tensor];
    set.assign(size_t(elements(shape)), false);
    forEachIndex(einsum, einsum.write, [&](const std::vector<int64_t> &index) {
      set[*flatten(index, shape)] = true;
    });
  }

  Access access(const Einsum &einsum, size_t dims) {
    Access access;
    std::vector<bool> used(einsum.ranks.size(), false);
    for (size_t d = 0; d < dims; ++d) {
      size_t terms = rng.chance(0.08) ? 0 : rng.chance(0.45) ? 1 : 2;
      LinearExpr expr =
          expression(einsum, used, terms + (rng.chance(0.05) ? 1 : 0));
      expr.constant = rng.chance(0.6) ? 0 : rng.in(-2, 2);
      access.index.push_back(std::move(expr));
    }
    return access;
  }

  /// Reads a tensor that exists, where something writes it.
  void read(Einsum &einsum, TensorId tensor, bool isInit) {
    if (!readIfPossible(einsum, tensor, isInit))
      readNew(einsum, isInit);
  }
  bool readIfPossible(Einsum &einsum, TensorId tensor, bool isInit) {
    const std::vector<int64_t> &shape = w.tensors[tensor].shape;
    for (int attempt = 0; attempt < 40; ++attempt) {
      Access candidate = access(einsum, shape.size());
      candidate.tensor = tensor;
      candidate.isInit = isInit;
      bool ok = true, any = false;
      forEachIndex(einsum, candidate, [&](const std::vector<int64_t> &index) {
        auto flat = flatten(index, shape);
        any |= flat.has_value();
        auto set = written.find(tensor);
        if (flat && set != written.end())
          ok &= bool(set->second[*flat]);
      });
      if (ok && (any || attempt > 20)) {
        einsum.reads.push_back(std::move(candidate));
        return true;
      }
    }
    return false;
  }

  /// Reads a new input, as large as it takes or a little smaller: padding.
  void readNew(Einsum &einsum, bool isInit) {
    Access candidate = access(einsum, size_t(rng.in(0, 3)));
    candidate.isInit = isInit;
    std::vector<int64_t> shape;
    for (const LinearExpr &expr : candidate.index) {
      int64_t extent = largest(einsum, expr) + 1;
      if (rng.chance(0.25))
        extent += rng.in(-2, 1);
      shape.push_back(std::max<int64_t>(1, extent));
    }
    if (elements(shape) > 500)
      return readNew(einsum, isInit);
    // Names and ids follow creation; the written tensor comes first.
    candidate.tensor = addTensor(std::move(shape));
    einsum.reads.push_back(std::move(candidate));
  }

  Random &rng;
  const RandomOptions &options;
  Workload w;
  int64_t opsEach = 1;
  std::map<TensorId, Elements> written;
};

} // namespace

Workload test::randomWorkload(Random &random, const RandomOptions &options) {
  return WorkloadMaker(random, options).make();
}

static std::optional<Rational> randomRate(Random &rng, double probability) {
  if (!rng.chance(probability))
    return std::nullopt;
  return rng.of(std::vector<Rational>{
      {1, 1}, {2, 1}, {8, 1}, {64, 1}, {3, 10}, {5, 2}, {7, 1}});
}

Arch test::randomArch(Random &rng, const RandomOptions &options) {
  Arch arch;
  arch.name = "random";
  size_t levels = size_t(rng.in(1, options.maxLevels));
  if (levels == 1 && rng.chance(0.6))
    levels = std::min(2u, options.maxLevels);
  for (size_t i = 0; i < levels; ++i) {
    Level level;
    level.name = "L" + std::to_string(i);
    if (rng.chance(0.2))
      level.capacityBits = rng.in(8, 2000);
    level.readPjPerBit = double(rng.in(0, 40)) / 4;
    level.writePjPerBit = double(rng.in(0, 40)) / 4;
    level.readBitsPerCycle = randomRate(rng, 0.3);
    level.writeBitsPerCycle = randomRate(rng, 0.3);
    level.sharedBitsPerCycle = randomRate(rng, 0.2);
    level.leakagePjPerCycle = rng.chance(0.3) ? 0.5 : 0;
    level.doubleBuffered = i > 0 && rng.chance(0.2);
    if (i > 0 && rng.chance(0.15)) {
      std::vector<TensorRole> held;
      for (TensorRole role : {TensorRole::Input, TensorRole::Weight,
                              TensorRole::Intermediate, TensorRole::Output})
        if (rng.chance(0.6))
          held.push_back(role);
      level.holds = held;
    }
    arch.levels.push_back(std::move(level));
  }
  if (options.spatial) {
    size_t dims = size_t(rng.chance(0.1) ? 0 : rng.in(1, 3));
    for (size_t i = 0; i < dims; ++i)
      arch.fanouts.push_back({"X" + std::to_string(i), rng.in(1, 6),
                              LevelId(rng.in(0, int64_t(levels) - 1))});
    for (Level &level : arch.levels) {
      level.multicast = rng.chance(0.6);
      level.reduce = rng.chance(0.6);
    }
  }
  if (options.arrays) {
    for (const char *name : {"X", "Y"})
      arch.fanouts.push_back({name, rng.in(2, 12), LevelId(levels - 1)});
    arch.levels.back().multicast = rng.chance(0.9);
    arch.levels.back().reduce = rng.chance(0.9);
  }
  for (OpCost &cost : arch.compute.kinds) {
    cost.opsPerCycle = randomRate(rng, 0.9);
    cost.pjPerOp = double(rng.in(0, 8)) / 4;
  }
  arch.compute.leakagePjPerCycle = rng.chance(0.3) ? 0.25 : 0;
  return arch;
}

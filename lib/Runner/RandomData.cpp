//===- RandomData.cpp - What the functions are run on -------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RandomData.h"

#include <algorithm>
#include <cmath>

using namespace mlir;
using namespace looptree;
using namespace looptree::runner;

Use runner::useOf(TensorId tensor, const Workload &workload) {
  Use use;
  for (const Einsum &einsum : workload.einsums) {
    if (einsum.kind != EinsumKind::Contraction)
      continue;
    for (const Access &read : einsum.reads) {
      if (read.tensor != tensor || read.isInit)
        continue;
      use.isContracted = true;
      if (!workload.tensors[tensor].isWeight)
        continue;
      int64_t terms = 1;
      for (RankId r = 0; r < einsum.ranks.size(); ++r)
        if (llvm::none_of(einsum.write.index, [&](const LinearExpr &index) {
              return llvm::any_of(index.terms, [&](const auto &term) {
                return term.rank == r;
              });
            }))
          terms *= einsum.ranks[r].extent;
      use.terms = std::max(use.terms, terms);
    }
  }
  return use;
}

namespace {

/// SplitMix64 (Steele, Lea, Flood 2014).
class Random {
public:
  Random(uint64_t seed, unsigned number) : state(seed) {
    state = next() + number;
  }
  /// Of 24 bits, in [0, 1).
  double real() { return std::ldexp(double(next() >> 40), -24); }
  int64_t below(int64_t bound) { return int64_t(next() % uint64_t(bound)); }

private:
  uint64_t next() {
    uint64_t z = state += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  uint64_t state;
};

} // namespace

HostTensor runner::randomReals(RankedTensorType type, const Use &use,
                               uint64_t seed, unsigned number) {
  HostTensor tensor(type);
  if (!isFloat(tensor.hostType()))
    return randomIntegers(type, use, seed, number, /*perSum=*/8);
  Random random(seed, number);
  // Uniform in [-1, 1) has variance 1/3.
  double scale = use.terms ? std::sqrt(3.0 / double(use.terms)) : 1;
  for (int64_t i = 0; i < tensor.size(); ++i) {
    double value = random.real();
    tensor.set(i, use.isContracted ? scale * (2 * value - 1)
                                   : 0.25 + 0.75 * value);
  }
  return tensor;
}

HostTensor runner::randomIntegers(RankedTensorType type, const Use &use,
                                  uint64_t seed, unsigned number,
                                  int64_t perSum) {
  HostTensor tensor(type);
  Random random(seed, number);
  for (int64_t i = 0; i < tensor.size(); ++i) {
    int64_t value = random.below(7) - 3;
    if (tensor.hostType() == HostType::I1)
      value = value > 0;
    else if (use.terms)
      value = random.below(std::max(use.terms, perSum)) < perSum
                  ? 1 - 2 * random.below(2)
                  : 0;
    tensor.set(i, double(value));
  }
  return tensor;
}

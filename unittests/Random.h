//===- Random.h - A small generator with the same numbers everywhere  -*- C++
//-*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_UNITTESTS_RANDOM_H
#define LOOPTREE_UNITTESTS_RANDOM_H

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace looptree::test {

/// SplitMix64; the standard library's distributions differ between machines.
class Random {
public:
  explicit Random(uint64_t seed) : state(seed) {
    state = next(); // Or the numbers of a seed would be those of the next one.
  }

  uint64_t next() {
    uint64_t z = (state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  /// A number in [lo, hi].
  int64_t in(int64_t lo, int64_t hi) {
    return lo + int64_t(next() % uint64_t(hi - lo + 1));
  }
  bool chance(double probability) {
    return double(next() >> 11) * 0x1p-53 < probability;
  }
  template <typename T> const T &of(const std::vector<T> &items) {
    return items[size_t(in(0, int64_t(items.size()) - 1))];
  }
  template <typename T> void shuffle(std::vector<T> &items) {
    for (size_t i = items.size(); i > 1; --i)
      std::swap(items[i - 1], items[size_t(in(0, int64_t(i) - 1))]);
  }

private:
  uint64_t state;
};

} // namespace looptree::test

#endif // LOOPTREE_UNITTESTS_RANDOM_H

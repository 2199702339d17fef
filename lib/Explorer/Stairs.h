//===- Stairs.h - Pairs of numbers that no other covers ----- -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//     Stairs<int> stairs;
//     stairs.insert({8, 100}, 0);
//     stairs.insert({16, 50}, 1);
//     stairs.covers({12, 100}); // true: by {8, 100}
//     stairs.insert({4, 60}, 2); // takes the place of {8, 100}
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_EXPLORER_STAIRS_H
#define LOOPTREE_EXPLORER_STAIRS_H

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace looptree {

/// Bits on chip and off chip.
struct StairStep {
  int64_t capacity, offChip;
};

/// Steps ascend in capacity and descend off chip.
template <typename T> class Stairs {
public:
  bool covers(StairStep step) const {
    size_t at = after(step.capacity);
    return at > 0 && steps[at - 1].offChip <= step.offChip;
  }

  /// False for a step that is covered.
  bool insert(StairStep step, T payload) {
    if (covers(step))
      return false;
    size_t from = after(step.capacity);
    if (from > 0 && steps[from - 1].capacity == step.capacity)
      --from;
    size_t to = from;
    while (to < steps.size() && steps[to].offChip >= step.offChip)
      ++to;
    if (from == to) {
      steps.insert(steps.begin() + long(from), step);
      payloads.insert(payloads.begin() + long(from), std::move(payload));
      return true;
    }
    steps[from] = step;
    payloads[from] = std::move(payload);
    steps.erase(steps.begin() + long(from) + 1, steps.begin() + long(to));
    payloads.erase(payloads.begin() + long(from) + 1,
                   payloads.begin() + long(to));
    return true;
  }

  std::vector<StairStep> steps;
  std::vector<T> payloads; ///< One for each step.

private:
  size_t after(int64_t capacity) const {
    return size_t(std::upper_bound(steps.begin(), steps.end(), capacity,
                                   [](int64_t value, const StairStep &step) {
                                     return value < step.capacity;
                                   }) -
                  steps.begin());
  }
};

} // namespace looptree

#endif // LOOPTREE_EXPLORER_STAIRS_H

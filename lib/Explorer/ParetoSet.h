//===- ParetoSet.h - Vectors that no other one covers ------- -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//     ParetoSet<int> set;
//     set.insert({3, 5}, 0);
//     set.insert({4, 4}, 1);
//     set.covers({4, 6});    // true: both are at most that
//     set.insert({3, 4}, 2); // leaves this one alone
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_EXPLORER_PARETOSET_H
#define LOOPTREE_EXPLORER_PARETOSET_H

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace looptree {

/// Every value of `a` is at most that of `b`.
inline bool isCovered(const std::vector<int64_t> &b,
                      const std::vector<int64_t> &a) {
  for (size_t i = 0; i < a.size(); ++i)
    if (a[i] > b[i])
      return false;
  return true;
}

/// Items stand in ascending order of their values. With two values that is
/// descending order of the second, so one look finds what covers a vector.
template <typename T> class ParetoSet {
public:
  struct Item {
    std::vector<int64_t> values;
    T payload;
  };

  bool covers(const std::vector<int64_t> &values) const {
    auto after = std::upper_bound(
        items.begin(), items.end(), values[0],
        [](int64_t value, const Item &item) { return value < item.values[0]; });
    if (after == items.begin())
      return false;
    if (values.size() <= 2)
      return isCovered(values, std::prev(after)->values);
    return std::any_of(items.begin(), after, [&](const Item &item) {
      return isCovered(values, item.values);
    });
  }

  /// Nothing happens to a vector that is covered.
  bool insert(std::vector<int64_t> values, T payload) {
    if (covers(values))
      return false;
    std::erase_if(items, [&](const Item &item) {
      return isCovered(item.values, values);
    });
    auto place = std::lower_bound(items.begin(), items.end(), values,
                                  [](const Item &item, const auto &values) {
                                    return item.values < values;
                                  });
    items.insert(place, {std::move(values), std::move(payload)});
    return true;
  }

  std::vector<Item> items;
};

} // namespace looptree

#endif // LOOPTREE_EXPLORER_PARETOSET_H

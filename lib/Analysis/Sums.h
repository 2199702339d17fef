//===- Sums.h - How many ops made an element ----------------- -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A value is told from a partial sum by the number of ops that it adds up. A
// copy of elements is a few sets, one for each such number.
//
// Worked example: C[m] over 2 elements and k in [0, 8), after k in [0, 4) of
// both and k in [4, 8) of C[0]: {4: C[1], 8: C[0]}.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_ANALYSIS_SUMS_H
#define LOOPTREE_ANALYSIS_SUMS_H

#include "BoxSet.h"
#include "looptree/Workload/Workload.h"

#include <map>

namespace looptree {

class Sums {
public:
  /// n more ops (or, below 0, fewer) for each element of a set.
  void add(const BoxSet &elements, int64_t n);
  void add(const Sums &other, int64_t times = 1);
  void remove(const BoxSet &elements);
  void keep(const BoxSet &elements);
  void clear() { byCount.clear(); }
  Sums within(const BoxSet &elements) const;
  /// Elements with the same number in both.
  BoxSet agreeing(const Sums &other, unsigned dims) const;
  BoxSet elements(unsigned dims) const;

private:
  std::map<int64_t, BoxSet> byCount; ///< Disjoint, none empty.
};

/// For each element that ops write through an access: how many do.
Sums opsPerElement(const BoxSet &ops, const Access &access,
                   const Tensor &tensor);

} // namespace looptree

#endif // LOOPTREE_ANALYSIS_SUMS_H

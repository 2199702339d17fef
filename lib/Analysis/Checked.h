//===- Checked.h - Counts that do not wrap ------------------- -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// 64-bit counts that notice when they overflow.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_ANALYSIS_CHECKED_H
#define LOOPTREE_ANALYSIS_CHECKED_H

#include <cstdint>
#include <string>

namespace looptree {

/// Sums and products that record an overflow instead of wrapping; the caller
/// looks at `overflow` once, at the end.
struct Checked {
  bool overflow = false;

  int64_t mul(int64_t a, int64_t b) {
    int64_t result = 0;
    if (__builtin_mul_overflow(a, b, &result)) [[unlikely]]
      overflow = true;
    return result;
  }
  int64_t add(int64_t a, int64_t b) {
    int64_t result = 0;
    if (__builtin_add_overflow(a, b, &result)) [[unlikely]]
      overflow = true;
    return result;
  }
  void increase(int64_t &total, int64_t by) { total = add(total, by); }
};

/// The same, and says which count was the first that does not fit.
struct NamedChecked : Checked {
  std::string overflowed; ///< A plural, as in "the ops of convA".

  /// Called after everything that belongs to a count.
  template <typename Name> void is(Name name) {
    if (overflow && overflowed.empty()) [[unlikely]]
      overflowed = name();
  }
  std::string message() const { return overflowed + " exceed 64 bit"; }
};

} // namespace looptree

#endif // LOOPTREE_ANALYSIS_CHECKED_H

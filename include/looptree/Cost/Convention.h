//===- Convention.h - By whose rules costs are counted -------- -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_COST_CONVENTION_H
#define LOOPTREE_COST_CONVENTION_H

#include <string_view>

namespace looptree {

/// Exact: the abstract machine of docs/CostModel.md, section 3. LoopTreeV1: the
/// reference implementation of the LoopTree paper where it differs from that
/// (section 9), for comparison with published numbers; it has one trunk, one
/// split and a chain of einsums, anything else is an error.
enum class Convention { Exact, LoopTreeV1 };

/// "exact" or "looptree-v1", as candidate files and command lines spell it.
constexpr std::string_view toString(Convention convention) {
  return convention == Convention::Exact ? "exact" : "looptree-v1";
}

} // namespace looptree

#endif // LOOPTREE_COST_CONVENTION_H

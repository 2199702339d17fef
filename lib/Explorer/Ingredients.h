//===- Ingredients.h - What makes the search quick ----------- -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_LIB_EXPLORER_INGREDIENTS_H
#define LOOPTREE_LIB_EXPLORER_INGREDIENTS_H

namespace looptree {

/// Parts of the search for plans that a benchmark leaves out to see what they
/// are worth. None changes the plan that is found.
struct Ingredients {
  bool cache = true;     ///< Sets and branches of one structure are one.
  bool bounds = true;    ///< Sets that cannot be part of a better plan.
  bool dominance = true; ///< Options of a branch that another one beats.
};

} // namespace looptree

#endif // LOOPTREE_LIB_EXPLORER_INGREDIENTS_H

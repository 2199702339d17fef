//===- FrontText.h - A front in words ----------------------- -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_TOOLS_LOOPTREE_FRONTTEXT_H
#define LOOPTREE_TOOLS_LOOPTREE_FRONTTEXT_H

#include "looptree/Candidate/Problem.h"
#include "looptree/Explorer/Front.h"

namespace looptree::driver {

/// What a search answered, to what, and how long it took.
struct FoundFront {
  const Front &front;
  const SearchProblem &problem;
  double seconds = 0;
};

std::string frontJson(const FoundFront &found);       ///< One line.
std::string frontCsv(const FoundFront &found);        ///< A header and points.
std::string frontTable(const FoundFront &found);      ///< For a reader.
std::string frontCandidates(const FoundFront &found); ///< One a line.

/// An integer as it is, an energy in as many digits as it needs.
std::string valueText(double value);

} // namespace looptree::driver

#endif // LOOPTREE_TOOLS_LOOPTREE_FRONTTEXT_H

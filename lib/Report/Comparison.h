//===- Comparison.h - Sets against the baselines -*- C++ -* ---------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_LIB_REPORT_COMPARISON_H
#define LOOPTREE_LIB_REPORT_COMPARISON_H

#include "looptree/Report/Report.h"

namespace looptree::report {

/// The first plan of a role, or null.
const NamedPlan *findPlan(const NetworkCosts &costs, PlanRole role);

/// The plans that are shown set by set: the fused ones and those without a
/// role; where there are none, every plan.
std::vector<const NamedPlan *> shownPlans(const NetworkCosts &costs);

/// What a set costs when it is executed as a baseline does.
struct Share {
  ElementsAndBits offChip;
  int64_t latencyCycles = 0;
  double energyPj = 0;
};
/// Nothing when there is no such baseline, or a set of it lies across the
/// border. The sums fit, as those over the whole baseline do.
std::optional<Share> shareOf(const NetworkCosts &costs, PlanRole baseline,
                             const std::vector<EinsumId> &einsums);

/// Names of a set's einsums by layer; one layer each where no plan says what a
/// layer is.
std::vector<std::vector<std::string>> layersOf(const NetworkCosts &costs,
                                               const FusedSet &set);

/// Whether compute is stated as operations per cycle above one without fan-outs
/// to say how they are laid out: every one of them counts as usable at once.
bool hasIdealArray(const Arch &arch);

int64_t sumOf(const std::vector<int64_t> &counts);

} // namespace looptree::report

#endif // LOOPTREE_LIB_REPORT_COMPARISON_H

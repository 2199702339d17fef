//===- Report.h - The report of a finished run ---------------- -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_LIB_REFERENCE_REPORT_H
#define LOOPTREE_LIB_REFERENCE_REPORT_H

#include "Memory.h"
#include "Tally.h"
#include "Walk.h"

#include "looptree/Cost/CostReport.h"

namespace looptree::reference {

/// Transfers, sizes, latency and energy of a run (§4 to §7). Fails when a
/// number exceeds 64 bit.
Result<CostReport> makeReport(const Workload &workload, const Arch &arch,
                              const Tree &tree,
                              const std::vector<OpSpace> &spaces,
                              const Instances &instances, const Memory &memory,
                              const Tally &tally, const Walk &walk,
                              Convention convention);

/// Each input element that the untiled inference reaches read once, each
/// output element written once.
std::optional<ElementsAndBits>
algorithmicMinimum(const Workload &workload,
                   const std::vector<OpSpace> &spaces);

} // namespace looptree::reference

#endif // LOOPTREE_LIB_REFERENCE_REPORT_H

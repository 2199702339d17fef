//===- Costs.h - Costs as attributes -*- C++ -* ---------------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_BRIDGE_COSTS_H
#define LOOPTREE_BRIDGE_COSTS_H

#include "looptree/Bridge/Bridge.h"
#include "looptree/Cost/CostReport.h"

namespace looptree::bridge {

/// `inputs` is the hash that makes a stale cost detectable. Fails when a sum
/// over the rows of the report exceeds 64 bit.
Result<ir::CostAttr> toCostAttr(const CostReport &cost,
                                const Workload &workload, const Arch &arch,
                                llvm::StringRef inputs,
                                mlir::MLIRContext *context);

/// The same of a plan: without what bounds it and without its einsums.
Result<ir::CostAttr> toPlanCostAttr(const CostReport &total, const Arch &arch,
                                    llvm::StringRef inputs,
                                    mlir::MLIRContext *context);

/// Puts the costs of buffers and einsums on the retains and computes of the
/// mapping that `set` was read from.
void annotateNodes(const MappingOfSet &set, const CostReport &cost);

} // namespace looptree::bridge

#endif // LOOPTREE_BRIDGE_COSTS_H

//===- PayloadCheck.h - Einsum names on payload ops -*- C++ -* ------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_LIB_TRANSFORMS_PAYLOADCHECK_H
#define LOOPTREE_LIB_TRANSFORMS_PAYLOADCHECK_H

#include "looptree/IR/Ops.h"

namespace looptree {

/// Of a workload that was read from a function: whether each of its einsums is
/// the name of exactly one op of that function. Reports what is lost or
/// doubled.
llvm::LogicalResult checkPayload(ir::WorkloadOp workload);

} // namespace looptree

#endif // LOOPTREE_LIB_TRANSFORMS_PAYLOADCHECK_H

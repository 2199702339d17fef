//===- Payload.h - Do the names on payload ops still hold -*- C++ -*------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A payload op and its einsum are tied by an attribute, which any pass may
// drop, copy or leave on an op that it changes. Nothing is guessed or repaired:
//
//     if (failed(checkPayload(workload)))   // errors have been emitted
//       return failure();
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_BRIDGE_PAYLOAD_H
#define LOOPTREE_BRIDGE_PAYLOAD_H

#include "looptree/IR/Ops.h"

namespace looptree::bridge {

/// Reads the function of a workload again and compares. Each of these is an
/// error at the one with a note at the other, einsum and op:
///   - an einsum that no op names, or several,
///   - an op that names an einsum from outside the function,
///   - an op that is read as an einsum and names none,
///   - an op that is not read as an einsum any more, or as another one: other
///     extents, kind or accesses, or another tensor than einsums before it.
/// Ranks and tensors are compared by position, not by name; bits are not.
/// Succeeds for a workload that was not read from a function.
llvm::LogicalResult checkPayload(ir::WorkloadOp workload);

} // namespace looptree::bridge

#endif // LOOPTREE_BRIDGE_PAYLOAD_H

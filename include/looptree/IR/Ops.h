//===- Ops.h - Architectures, workloads, mappings, plans -*- C++ -*-------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// docs/Dialect.md describes every op and attribute with its constraints.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_IR_OPS_H
#define LOOPTREE_IR_OPS_H

#include "looptree/IR/Attributes.h"

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include <optional>

namespace looptree::ir {
class ComputeOp;
} // namespace looptree::ir

#include "looptree/IR/LoopTreeInterfaces.h.inc"

#define GET_OP_CLASSES
#include "looptree/IR/LoopTreeOps.h.inc"

namespace looptree::ir {

/// The body of an op with one region, made where it is absent.
mlir::Block &bodyOf(mlir::Region &region);

/// The branches of a node, in order: one region of a loop, one per branch of a
/// split, none of a leaf.
llvm::MutableArrayRef<mlir::Region> branchesOf(mlir::Operation *node);

/// The workload and architecture that a mapping or plan names, or null.
WorkloadOp lookupWorkload(mlir::Operation *user, mlir::FlatSymbolRefAttr name);
ArchOp lookupArch(mlir::Operation *user, mlir::FlatSymbolRefAttr name);

} // namespace looptree::ir

#endif // LOOPTREE_IR_OPS_H

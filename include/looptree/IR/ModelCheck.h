//===- ModelCheck.h - What the model has to say about ops -*- C++ -*------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The dialect knows the shape of its ops; what makes them a workload, an
// architecture or a legal mapping is the model's to decide, and the dialect
// does not see the model. Verifiers ask through this interface, which
// looptree/Bridge/Register.h implements and attaches.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_IR_MODELCHECK_H
#define LOOPTREE_IR_MODELCHECK_H

#include "looptree/IR/Ops.h"

#include "mlir/IR/DialectInterface.h"

namespace looptree::ir {

/// Each check is called on ops whose names and shapes are in order, and emits
/// its diagnostics at the op that breaks a rule.
class ModelCheckInterface
    : public mlir::DialectInterface::Base<ModelCheckInterface> {
public:
  explicit ModelCheckInterface(mlir::Dialect *dialect) : Base(dialect) {}

  virtual llvm::LogicalResult checkArch(ArchOp arch) const = 0;
  virtual llvm::LogicalResult checkWorkload(WorkloadOp workload) const = 0;
  virtual llvm::LogicalResult
  checkMapping(MappingOp mapping, WorkloadOp workload, ArchOp arch) const = 0;
};

} // namespace looptree::ir

#endif // LOOPTREE_IR_MODELCHECK_H

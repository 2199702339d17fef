//===- PayloadCheck.cpp - Einsum names on payload ops ---------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PayloadCheck.h"

using namespace mlir;
using namespace looptree;

LogicalResult looptree::checkPayload(ir::WorkloadOp workload) {
  if (!workload.getPayload())
    return success();
  Operation *payload = SymbolTable::lookupNearestSymbolFrom(
      workload->getParentOp(), workload.getPayloadAttr());

  llvm::DenseMap<StringAttr, Operation *> named;
  bool valid = true;
  payload->walk([&](Operation *op) {
    auto name = op->getAttrOfType<SymbolRefAttr>(ir::einsumAttrName);
    if (!name || name.getRootReference() != workload.getSymNameAttr())
      return;
    auto [first, isNew] = named.try_emplace(name.getLeafReference(), op);
    if (isNew)
      return;
    valid = false;
    InFlightDiagnostic error = emitError(op->getLoc())
                               << "is the second op named as einsum " << name;
    error.attachNote(first->second->getLoc()) << "the first is here";
  });
  for (auto einsum : workload.getBody().getOps<ir::EinsumOp>()) {
    if (named.contains(einsum.getSymNameAttr()))
      continue;
    valid = false;
    InFlightDiagnostic error =
        emitError(einsum.getLoc())
        << "einsum @" << einsum.getSymName() << " is lost: no op of "
        << workload.getPayloadAttr() << " is named as it";
    error.attachNote(payload->getLoc()) << "the function is here";
  }
  return success(valid);
}

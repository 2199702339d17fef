//===- Dialect.cpp - The looptree dialect --------------------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "looptree/IR/Dialect.h"

#include "looptree/IR/EinsumOpInterface.h"
#include "looptree/IR/ModelCheck.h"
#include "looptree/IR/Ops.h"

using namespace mlir;
using namespace looptree::ir;

#include "looptree/IR/LoopTreeDialect.cpp.inc"

#include "looptree/IR/EinsumOpInterface.cpp.inc"
#include "looptree/IR/LoopTreeInterfaces.cpp.inc"

void LoopTreeDialect::initialize() {
  registerAttributes();
  addOperations<
#define GET_OP_LIST
#include "looptree/IR/LoopTreeOps.cpp.inc"
      >();
}

static LogicalResult verifyLowered(Operation *op, Attribute value) {
  auto parts = dyn_cast<DictionaryAttr>(value);
  if (!parts || !parts.contains("kind") ||
      !llvm::all_of(parts, [](NamedAttribute part) {
        return isa<StringAttr>(part.getValue());
      }))
    return op->emitOpError()
           << "says what it is as " << value
           << ", which should read {kind = \"...\", ...}, all strings";
  return success();
}

LogicalResult
LoopTreeDialect::verifyOperationAttribute(Operation *op,
                                          NamedAttribute attribute) {
  if (attribute.getName() == loweredAttrName)
    return verifyLowered(op, attribute.getValue());
  if (attribute.getName() != einsumAttrName)
    return op->emitOpError()
           << "has the attribute '" << attribute.getName().getValue()
           << "'; the only ones that the dialect puts on other ops are '"
           << einsumAttrName << "' and '" << loweredAttrName << '\'';
  auto name = dyn_cast<SymbolRefAttr>(attribute.getValue());
  if (!name || name.getNestedReferences().size() != 1)
    return op->emitOpError() << "names its einsum as " << attribute.getValue()
                             << ", which should read @workload::@einsum";
  auto workload = SymbolTable::lookupNearestSymbolFrom<WorkloadOp>(
      op, name.getRootReference());
  if (!workload)
    return op->emitOpError() << "names einsum " << name << ", but there is no "
                             << "workload @" << name.getRootReference().str();
  if (!isa_and_present<EinsumOp>(
          SymbolTable::lookupSymbolIn(workload, name.getLeafReference()))) {
    InFlightDiagnostic error = op->emitOpError()
                               << "names einsum " << name
                               << ", which the workload does not have";
    error.attachNote(workload.getLoc()) << "the workload is here";
    return error;
  }
  return success();
}

Block &looptree::ir::bodyOf(Region &region) {
  if (region.empty())
    region.emplaceBlock();
  return region.front();
}

MutableArrayRef<Region> looptree::ir::branchesOf(Operation *node) {
  return node->getRegions();
}

template <typename OpT>
static OpT lookup(Operation *user, FlatSymbolRefAttr name) {
  return SymbolTable::lookupNearestSymbolFrom<OpT>(user->getParentOp(), name);
}

WorkloadOp looptree::ir::lookupWorkload(Operation *user,
                                        FlatSymbolRefAttr name) {
  return lookup<WorkloadOp>(user, name);
}

ArchOp looptree::ir::lookupArch(Operation *user, FlatSymbolRefAttr name) {
  return lookup<ArchOp>(user, name);
}

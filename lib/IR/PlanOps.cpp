//===- PlanOps.cpp - Plans -----------------------------------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "looptree/IR/Ops.h"

using namespace mlir;
using namespace looptree::ir;

LogicalResult PlanOp::verifyRegions() {
  for (Operation &op : bodyOf(getBody()))
    if (!isa<ExecuteOp>(op))
      return op.emitOpError("has no place in a plan");
  return success();
}

namespace {

/// Which mapping of a plan computes an einsum.
struct Place {
  ExecuteOp execute;
  ComputeOp compute;
  unsigned position = 0;
};

} // namespace

using Places = llvm::DenseMap<StringAttr, Place>;

/// (PN1), and the first half of (PN2): no einsum twice.
static LogicalResult placeEinsums(PlanOp plan, SymbolTableCollection &symbols,
                                  Places &places) {
  Operation *scope = plan->getParentOp();
  for (auto [position, execute] :
       llvm::enumerate(plan.getBody().getOps<ExecuteOp>())) {
    auto mapping =
        symbols.lookupSymbolIn<MappingOp>(scope, execute.getMappingAttr());
    if (!mapping)
      return execute.emitOpError()
             << "names @" << execute.getMapping() << ", which is no mapping";
    if (mapping.getWorkloadAttr() != plan.getWorkloadAttr() ||
        mapping.getArchAttr() != plan.getArchAttr()) {
      InFlightDiagnostic error =
          execute.emitOpError()
          << "names a mapping of @" << mapping.getWorkload() << " on @"
          << mapping.getArch() << " in a plan of @" << plan.getWorkload()
          << " on @" << plan.getArch();
      error.attachNote(mapping.getLoc()) << "the mapping is here";
      return error;
    }
    for (ComputeOp compute : mapping.getComputes()) {
      Place place{execute, compute, unsigned(position)};
      auto [first, isNew] = places.try_emplace(compute.getEinsumAttr(), place);
      if (isNew || first->second.position == position)
        continue;
      InFlightDiagnostic error = execute.emitOpError()
                                 << "computes @" << compute.getEinsum()
                                 << ", which an earlier mapping computes";
      error.attachNote(first->second.execute.getLoc())
          << "the earlier one is here";
      return error;
    }
  }
  return success();
}

LogicalResult PlanOp::verifySymbolUses(SymbolTableCollection &symbols) {
  // (PN1)
  Operation *scope = (*this)->getParentOp();
  auto workload = symbols.lookupSymbolIn<WorkloadOp>(scope, getWorkloadAttr());
  if (!workload)
    return emitOpError() << "is of @" << getWorkload()
                         << ", which is no workload";
  if (!symbols.lookupSymbolIn<ArchOp>(scope, getArchAttr()))
    return emitOpError() << "is on @" << getArch()
                         << ", which is no architecture";
  Places places;
  if (failed(placeEinsums(*this, symbols, places)))
    return failure();

  llvm::DenseMap<StringAttr, EinsumOp> producers;
  for (auto einsum : workload.getBody().getOps<EinsumOp>()) {
    // (PN2)
    auto place = places.find(einsum.getSymNameAttr());
    if (place == places.end()) {
      InFlightDiagnostic error = emitOpError()
                                 << "has no mapping that computes @"
                                 << einsum.getSymName();
      error.attachNote(einsum.getLoc()) << "the einsum is here";
      return error;
    }
    // (PN3)
    for (auto read : einsum.getReads().getAsRange<AccessAttr>()) {
      EinsumOp producer = producers.lookup(read.getTensor());
      if (!producer)
        continue;
      const Place &made = places.find(producer.getSymNameAttr())->second;
      if (made.position <= place->second.position)
        continue;
      InFlightDiagnostic error =
          place->second.execute.emitOpError()
          << "computes @" << einsum.getSymName() << " before @"
          << producer.getSymName() << " makes the tensor @"
          << read.getTensor().getValue() << " that it reads";
      error.attachNote(ExecuteOp(made.execute).getLoc())
          << "@" << producer.getSymName() << " is computed here";
      return error;
    }
    producers.try_emplace(einsum.getWrite().getTensor(), einsum);
  }
  return success();
}

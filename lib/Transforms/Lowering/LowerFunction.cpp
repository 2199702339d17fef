//===- LowerFunction.cpp - Calls in place of a mapping's ops ----------- ===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emitter.h"
#include "LoweredFunction.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace looptree;
using namespace looptree::lowering;

/// An output, and what stands for it from now on.
using Replacements = SmallVector<std::pair<Value, Value>>;

/// Calls the function of a mapping before the first of its ops: inputs are
/// read where they are, outputs made in memory of their own.
static void call(const LoweredSet &set, func::FuncOp callee, OpBuilder &b,
                 Replacements &made) {
  Location loc = set.op->getLoc();
  b.setInsertionPoint(set.payload.front().op);
  SmallVector<Value> arguments;
  for (const ScheduledBuffer &buffer : set.schedule.buffers) {
    if (!buffer.isWholeTensor)
      continue;
    auto type = cast<MemRefType>(callee.getArgumentTypes()[arguments.size()]);
    if (set.mapping.workload.producer(buffer.tensor))
      arguments.push_back(memref::AllocOp::create(b, loc, type));
    else
      arguments.push_back(bufferization::ToBufferOp::create(
          b, loc, type, set.values[buffer.tensor], /*read_only=*/true));
  }
  func::CallOp::create(b, loc, callee, arguments);
  unsigned next = 0;
  for (const ScheduledBuffer &buffer : set.schedule.buffers) {
    if (!buffer.isWholeTensor)
      continue;
    Value memory = arguments[next++];
    Value output = set.values[buffer.tensor];
    if (set.mapping.workload.producer(buffer.tensor))
      made.push_back(
          {output, bufferization::ToTensorOp::create(
                       b, loc, output.getType(), memory, /*restrict=*/true)});
  }
}

/// The ops of the mappings, and what only they have used.
static LogicalResult erasePayload(const LoweredFunction &lowered) {
  llvm::SetVector<Operation *> members;
  for (const LoweredSet &set : lowered.sets)
    for (const PayloadEinsum &einsum : set.payload)
      members.insert(einsum.op);
  for (Operation *op : members)
    op->dropAllReferences();
  for (Operation *op : llvm::reverse(lowered.order))
    if (!members.contains(op) && isOpTriviallyDead(op))
      op->erase();
  for (Operation *op : members) {
    if (!op->use_empty())
      return emitError(op->getLoc())
             << "is used by what is no einsum of its workload";
    op->erase();
  }
  return success();
}

LogicalResult lowering::lower(LoweredFunction &lowered) {
  Operation *terminator = lowered.function.getBody().front().getTerminator();
  for (Operation *op : lowered.order)
    op->moveBefore(terminator);
  OpBuilder b(lowered.function);
  Replacements made;
  for (LoweredSet &set : lowered.sets) {
    b.setInsertionPoint(lowered.function);
    Emitter emitter(b, set.mapping.workload, set.arch, set.schedule,
                    set.payload, set.elementTypes);
    call(set, emitter.emit(set.op->getLoc(), set.op.getSymName()), b, made);
  }
  // Not before: another mapping's input is the same value.
  for (auto [output, tensor] : made)
    output.replaceAllUsesWith(tensor);
  if (failed(erasePayload(lowered)))
    return failure();

  // Einsums of no mapping lose the workload that they were named in.
  lowered.function.walk([&](Operation *op) {
    auto name = op->getAttrOfType<SymbolRefAttr>(ir::einsumAttrName);
    if (name && name.getRootReference() == lowered.workload.getSymNameAttr())
      op->removeDiscardableAttr(ir::einsumAttrName);
  });
  auto isOfIt = [&](FlatSymbolRefAttr name) {
    return name.getAttr() == lowered.workload.getSymNameAttr();
  };
  for (Operation &op :
       llvm::make_early_inc_range(*lowered.workload->getBlock())) {
    auto plan = dyn_cast<ir::PlanOp>(op);
    auto mapping = dyn_cast<ir::MappingOp>(op);
    if ((plan && isOfIt(plan.getWorkloadAttr())) ||
        (mapping && isOfIt(mapping.getWorkloadAttr())))
      op.erase();
  }
  lowered.workload.erase();
  return success();
}

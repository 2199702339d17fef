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
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace looptree;
using namespace looptree::lowering;

/// A value, and what stands for it from now on.
using Replacements = SmallVector<std::pair<Value, Value>>;

/// An output as its producer makes it, from what is stored in another shape.
static Value restore(Location loc, Value stored, Value made, AffineMap map,
                     OpBuilder &b) {
  auto type = cast<RankedTensorType>(made.getType());
  if (map.isIdentity() && type == stored.getType())
    return stored;
  Value empty =
      tensor::EmptyOp::create(b, loc, type.getShape(), type.getElementType());
  SmallVector<utils::IteratorType> iterators(type.getRank(),
                                             utils::IteratorType::parallel);
  return linalg::GenericOp::create(
             b, loc, type, stored, empty,
             ArrayRef{map, b.getMultiDimIdentityMap(type.getRank())}, iterators,
             [](OpBuilder &body, Location loc, ValueRange elements) {
               linalg::YieldOp::create(body, loc, elements[0]);
             })
      .getResult(0);
}

/// Calls the function of a mapping before the first of its ops: inputs are
/// read where they are, outputs made in memory of their own.
static void call(const LoweredSet &set, func::FuncOp callee,
                 ArrayRef<Value> scalars, OpBuilder &b, Replacements &made) {
  Location loc = set.op->getLoc();
  const Workload &w = set.mapping.workload;
  b.setInsertionPoint(set.payload.front().op);
  SmallVector<Value> arguments;
  for (TensorId t : set.outside) {
    auto type = cast<MemRefType>(callee.getArgumentTypes()[arguments.size()]);
    if (w.producer(t)) {
      arguments.push_back(memref::AllocOp::create(b, loc, type));
      continue;
    }
    Value input = set.values[t];
    auto inputType = cast<RankedTensorType>(input.getType());
    if (inputType.getShape() != type.getShape()) {
      ReassociationIndices all =
          llvm::to_vector(llvm::seq<int64_t>(0, inputType.getRank()));
      input = tensor::CollapseShapeOp::create(b, loc, input, ArrayRef{all});
    }
    arguments.push_back(bufferization::ToBufferOp::create(b, loc, type, input,
                                                          /*read_only=*/true));
  }
  llvm::append_range(arguments, scalars);
  func::CallOp::create(b, loc, callee, arguments);
  for (auto [t, memory] :
       llvm::zip_first(set.outside, llvm::ArrayRef(arguments))) {
    auto producer = w.producer(t);
    if (!producer)
      continue;
    auto type = cast<MemRefType>(memory.getType());
    Value stored = bufferization::ToTensorOp::create(
        b, loc, RankedTensorType::get(type.getShape(), type.getElementType()),
        memory, /*restrict=*/true);
    Value result = set.payload[*producer].made();
    made.push_back({result, restore(loc, stored, result, set.maps[t], b)});
    Value value = set.values[t];
    if (value && value != result && value.getType() == stored.getType())
      made.push_back({value, stored});
  }
}

/// The ops of the mappings, and what only they have used.
static void erasePayload(const LoweredFunction &lowered) {
  llvm::SetVector<Operation *> gone(lowered.dead.begin(), lowered.dead.end());
  for (const LoweredSet &set : lowered.sets)
    for (const PayloadEinsum &einsum : set.payload)
      gone.insert(einsum.op);
  for (Operation *op : gone)
    op->dropAllReferences();
  for (Operation *op : llvm::reverse(lowered.order))
    if (!gone.contains(op) && isOpTriviallyDead(op))
      op->erase();
  for (Operation *op : gone)
    op->erase();
}

void lowering::lower(LoweredFunction &lowered) {
  Operation *terminator = lowered.function.getBody().front().getTerminator();
  for (Operation *op : lowered.order)
    op->moveBefore(terminator);
  OpBuilder b(lowered.function);
  Replacements made;
  for (LoweredSet &set : lowered.sets) {
    b.setInsertionPoint(lowered.function);
    Emitter emitter(b, set.mapping.workload, set.arch, set.schedule, set.layout,
                    set.payload, set.elementTypes);
    func::FuncOp callee = emitter.emit(set.op->getLoc(), set.op.getSymName());
    call(set, callee, emitter.scalars(), b, made);
  }
  // Not before: another mapping's input is the same value.
  for (auto [output, tensor] : made)
    output.replaceAllUsesWith(tensor);
  erasePayload(lowered);

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
}

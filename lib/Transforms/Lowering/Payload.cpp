//===- Payload.cpp - What the lowering knows of the payload -------------- ===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Payload.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace looptree;
using namespace looptree::lowering;

/// The value that all elements of a tensor have, or a scalar has; null when it
/// is not known at compile time.
static TypedAttr uniformValue(Value value) {
  Operation *op = value.getDefiningOp();
  if (!op)
    return nullptr;
  if (Attribute constant; matchPattern(value, m_Constant(&constant))) {
    auto elements = dyn_cast<DenseElementsAttr>(constant);
    if (!elements)
      return dyn_cast<TypedAttr>(constant);
    if (!elements.isSplat())
      return nullptr;
    return dyn_cast<TypedAttr>(elements.getSplatValue<Attribute>());
  }
  return llvm::TypeSwitch<Operation *, TypedAttr>(op)
      .Case([](linalg::FillOp fill) { return uniformValue(fill.value()); })
      .Case<tensor::CollapseShapeOp, tensor::ExpandShapeOp, tensor::CastOp,
            tensor::ExtractSliceOp>(
          [](auto view) { return uniformValue(view->getOperand(0)); })
      .Default([](Operation *) { return TypedAttr(); });
}

/// Whether a read takes an element outside its tensor at some op.
static bool leavesItsTensor(const Access &read, const Einsum &einsum,
                            const Workload &workload) {
  const std::vector<int64_t> &shape = workload.tensors[read.tensor].shape;
  for (size_t d = 0; d < shape.size(); ++d) {
    int64_t least = read.index[d].constant, most = least;
    for (const LinearExpr::Term &term : read.index[d].terms)
      most += term.coefficient * (einsum.ranks[term.rank].extent - 1);
    if (least < 0 || most >= shape[d])
      return true;
  }
  return false;
}

FailureOr<PayloadEinsum> lowering::readPayload(
    Operation *op, EinsumId einsum, const Workload &workload,
    const llvm::SmallDenseMap<unsigned, unsigned> &readOfOperand) {
  const Einsum &model = workload.einsums[einsum];
  auto refuse = [&]() {
    return emitError(op->getLoc())
           << "einsum @" << model.name << " cannot be lowered: ";
  };
  PayloadEinsum payload;
  payload.op = dyn_cast<linalg::LinalgOp>(op);
  payload.readOfOperand = readOfOperand;
  if (!payload.op)
    return refuse() << "'" << op->getName() << "' is no linalg op";
  if (op->getNumResults() != 1)
    return refuse() << "'" << op->getName() << "' has " << op->getNumResults()
                    << " results";
  unsigned inits = 0;
  for (const Access &read : model.reads) {
    if (!read.isInit)
      continue;
    ++inits;
    if (leavesItsTensor(read, model, workload))
      return refuse() << "its initial value is padded";
  }
  if (inits > 1)
    return refuse() << "it has " << inits << " initial values";

  for (OpOperand &operand : op->getOpOperands()) {
    unsigned number = operand.getOperandNumber();
    if (readOfOperand.contains(number) ||
        payload.op.getMatchingBlockArgument(&operand).use_empty())
      continue;
    TypedAttr value = uniformValue(operand.get());
    if (!value)
      return refuse() << "operand #" << number
                      << " is no tensor that is stored, and no constant";
    if (payload.op.isDpsInit(&operand))
      payload.initial = value;
    else
      payload.constants[number] = value;
  }

  Block *body = payload.op.getBlock();
  WalkResult walk = body->walk([&](Operation *inner) {
    if (isa<linalg::IndexOp>(inner) && inner->getBlock() != body) {
      refuse() << "its body has 'linalg.index' in a nested region";
      return WalkResult::interrupt();
    }
    for (Value operand : inner->getOperands())
      if (!op->getRegion(0).isAncestor(operand.getParentRegion()) &&
          !matchPattern(operand, m_Constant())) {
        refuse() << "its body uses a value from outside that is no constant";
        return WalkResult::interrupt();
      }
    return WalkResult::advance();
  });
  if (walk.wasInterrupted())
    return failure();
  return payload;
}

//===- OutlineSets.cpp - The unfused part of each mapping ---------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "looptree/Transforms/OutlineSets.h"

#include "LoweredFunction.h"

#include "looptree/IR/Dialect.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace looptree;
using namespace looptree::lowering;

/// The ops that make `outputs` of `inputs`, in no order.
static llvm::SetVector<Operation *>
opsBetween(const llvm::DenseSet<Value> &inputs, ArrayRef<Value> outputs) {
  llvm::SetVector<Operation *> ops;
  SmallVector<Value> open(outputs.begin(), outputs.end());
  while (!open.empty()) {
    Value value = open.pop_back_val();
    Operation *op = value.getDefiningOp();
    if (!op || inputs.contains(value) || !ops.insert(op))
      continue;
    op->walk([&](Operation *inner) {
      for (Value operand : inner->getOperands())
        if (!op->isAncestor(operand.getParentRegion()->getParentOp()))
          open.push_back(operand);
    });
  }
  return ops;
}

static func::FuncOp outline(LoweredSet &set, func::FuncOp payload,
                            ArrayRef<OutlinedArgument> arguments) {
  SmallVector<Value> inputs, outputs;
  for (const OutlinedArgument &argument : arguments)
    if (auto producer = set.mapping.workload.producer(argument.tensor))
      outputs.push_back(set.payload[*producer].made());
    else
      inputs.push_back(argument.value);
  auto ops = opsBetween({inputs.begin(), inputs.end()}, outputs);

  OpBuilder b(payload.getContext());
  auto function = func::FuncOp::create(
      b, set.op->getLoc(), (set.op.getSymName() + "_unfused").str(),
      b.getFunctionType(ValueRange(inputs).getTypes(),
                        ValueRange(outputs).getTypes()));
  function.setPrivate();
  SymbolTable(payload->getParentOp())
      .insert(function, std::next(Block::iterator(payload)));
  Block *block = function.addEntryBlock();
  b.setInsertionPointToStart(block);
  IRMapping mapping;
  mapping.map(inputs, block->getArguments());
  // An argument that is no input is only asked for its shape.
  for (BlockArgument argument : payload.getArguments())
    if (auto type = dyn_cast<RankedTensorType>(argument.getType());
        type && type.hasStaticShape() && !mapping.contains(argument))
      mapping.map(Value(argument),
                  tensor::EmptyOp::create(b, set.op->getLoc(), type.getShape(),
                                          type.getElementType())
                      .getResult());
  for (Operation &op : payload.getBody().front())
    if (ops.contains(&op))
      b.clone(op, mapping)->walk([](Operation *copy) {
        copy->removeDiscardableAttr(ir::einsumAttrName);
      });
  SmallVector<Value> results;
  for (Value output : outputs)
    results.push_back(mapping.lookup(output));
  func::ReturnOp::create(b, set.op->getLoc(), results);
  return function;
}

FailureOr<std::vector<OutlinedSet>>
looptree::outlineSets(ir::WorkloadOp workload) {
  auto read = readFunction(workload, /*withSchedules=*/false);
  if (failed(read))
    return failure();
  std::vector<OutlinedSet> sets;
  if (!*read)
    return sets;
  for (LoweredSet &set : (*read)->sets) {
    for (const PayloadEinsum &einsum : set.payload)
      if (!einsum.captured.empty())
        return emitError(einsum.op->getLoc())
               << "mapping @" << set.op.getSymName()
               << " cannot be run alone: an op of it takes a scalar";
    OutlinedSet &made = sets.emplace_back();
    made.name = set.op.getSymName().str();
    made.workload = set.mapping.workload;
    made.arch = set.arch;
    made.mapping = set.mapping.mapping;
    for (Type type : set.elementTypes)
      made.elementBytes.push_back(bytesOf(type));
    for (TensorId t : set.outside) {
      OutlinedArgument &argument = made.arguments.emplace_back();
      argument.tensor = t;
      argument.stored = RankedTensorType::get(made.workload.tensors[t].shape,
                                              set.elementTypes[t]);
      if (made.workload.producer(t))
        argument.map = set.maps[t];
      else
        argument.value = set.values[t];
    }
  }
  for (auto [made, set] : llvm::zip_equal(sets, (*read)->sets))
    made.unfused = outline(set, (*read)->function, made.arguments);
  return sets;
}

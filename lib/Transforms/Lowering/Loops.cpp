//===- Loops.cpp - The function, repeats and offsets --------------------- ===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emitter.h"

#include "looptree/IR/Ops.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace looptree;
using namespace looptree::lowering;

func::FuncOp Emitter::emit(Location loc, StringRef name) {
  SmallVector<Type> arguments;
  for (const ScheduledBuffer &buffer : schedule.buffers)
    if (buffer.isWholeTensor)
      arguments.push_back(typeOf(buffer));
  for (const PayloadEinsum &einsum : payload)
    captured.insert_range(einsum.captured);
  for (Value scalar : captured)
    arguments.push_back(scalar.getType());
  auto function =
      func::FuncOp::create(b, loc, name, b.getFunctionType(arguments, {}));
  function.setPrivate();
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(function.addEntryBlock());
  SmallVector<Value> allocated = allocate(function);
  unsigned next = function.getNumArguments() - captured.size();
  for (Value scalar : captured)
    argumentOf[scalar] = function.getArgument(next++);
  emit(schedule.steps);
  for (Value buffer : llvm::reverse(allocated))
    memref::DeallocOp::create(b, loc, buffer);
  func::ReturnOp::create(b, loc);
  return function;
}

void Emitter::emit(const std::vector<looptree::Step> &steps) {
  for (const looptree::Step &step : steps)
    std::visit([&](const auto &which) { emit(which); }, step);
}

/// Whether stages of the pipeline that is running stand in it.
static bool hasStages(const Repeat &repeat) {
  return llvm::any_of(repeat.body, [](const looptree::Step &step) {
    auto *inner = std::get_if<Repeat>(&step);
    return inner && (inner->kind == Repeat::Kind::Stage ||
                     (inner->kind != Repeat::Kind::Run && hasStages(*inner)));
  });
}

void Emitter::emit(const Repeat &repeat) {
  switch (repeat.kind) {
  case Repeat::Kind::Run:
    return emitRun(repeat);
  case Repeat::Kind::Job:
    return emitJob(repeat);
  case Repeat::Kind::Stage:
    return emitStage(repeat);
  case Repeat::Kind::Instances:
    return running && hasStages(repeat) ? emitInstancesOfJobs(repeat)
                                        : emitInstances(repeat);
  case Repeat::Kind::Loop:
    if (running && hasStages(repeat))
      return emitLoopOfJobs(repeat);
    loop(b.getUnknownLoc(), repeat.count,
         [&](Value index) { emitBody(repeat, index); });
  }
}

void Emitter::emitBody(const Repeat &repeat, Value index) {
  indices.push_back(index);
  emit(repeat.body);
  indices.pop_back();
}

void Emitter::emitInstances(const Repeat &repeat) {
  Location loc = b.getUnknownLoc();
  Operation *spatial;
  if (repeat.isParallel) {
    auto forall = scf::ForallOp::create(
        b, loc, ArrayRef<OpFoldResult>(b.getIndexAttr(repeat.count)),
        ValueRange(), std::nullopt);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPoint(forall.getTerminator());
    emitBody(repeat, forall.getInductionVar(0));
    spatial = forall;
  } else {
    spatial =
        loop(loc, repeat.count, [&](Value index) { emitBody(repeat, index); });
  }
  spatial->setAttr(
      ir::loweredAttrName,
      b.getDictionaryAttr(
          {b.getNamedAttr("kind", b.getStringAttr("spatial")),
           b.getNamedAttr("fanout",
                          b.getStringAttr(arch.fanouts[repeat.number].name))}));
}

void Emitter::emit(const Action &action) {
  switch (action.kind) {
  case ActionKind::Fill:
  case ActionKind::Drain:
    return transfer(action);
  case ActionKind::Move:
    return move(action);
  case ActionKind::Window: {
    const ScheduledBuffer &buffer = schedule.buffers[action.buffer];
    ir::WindowOp::create(b, buffers[action.buffer].getLoc(), action.elements,
                         w.tensors[buffer.tensor].name,
                         arch.levels[buffer.level].name, buffer.node);
    return;
  }
  case ActionKind::Begin:
    return begin(action);
  case ActionKind::Run:
    return run(action);
  case ActionKind::Skip:
    ir::SkipOp::create(b, payload[action.einsum].op->getLoc(), action.elements,
                       w.einsums[action.einsum].name);
    return;
  }
}

Operation *Emitter::loop(Location loc, int64_t count,
                         llvm::function_ref<void(Value)> body) {
  auto constant = [&](int64_t value) {
    return arith::ConstantIndexOp::create(b, loc, value);
  };
  auto loop =
      scf::ForOp::create(b, loc, constant(0), constant(count), constant(1));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  body(loop.getInductionVar());
  return loop;
}

OpFoldResult Emitter::offsetOf(Location loc, const LoopExpr &expr,
                               ArrayRef<int64_t> steps, const Axes &axes,
                               int64_t modulus) {
  AffineExpr sum = b.getAffineConstantExpr(expr.base);
  SmallVector<OpFoldResult> operands;
  auto add = [&](Value index, int64_t coefficient) {
    if (coefficient == 0)
      return;
    sum = sum + b.getAffineDimExpr(operands.size()) * coefficient;
    operands.push_back(index);
  };
  for (auto [index, coefficient] : llvm::zip_equal(indices, expr.coefficients))
    add(index, coefficient);
  if (!steps.empty())
    for (auto [index, step] : llvm::zip_equal(axes.index, steps))
      if (index)
        add(index, step);
  if (operands.empty())
    return b.getIndexAttr(modulus ? expr.base % modulus : expr.base);
  if (modulus)
    sum = sum % modulus;
  return affine::makeComposedFoldedAffineApply(
      b, loc, AffineMap::get(operands.size(), 0, sum), operands);
}

int64_t Emitter::modulusOf(const Place &place, size_t dim) const {
  const ScheduledBuffer &buffer = schedule.buffers[place.buffer];
  size_t outer = buffer.outerDims();
  if (dim < outer)
    return buffer.hasHalves && dim + 1 == outer ? 2 : 0;
  return buffer.isRing[dim - outer] ? buffer.slots[dim - outer] : 0;
}

bool Emitter::wraps(const Place &place, size_t dim) const {
  const ScheduledBuffer &buffer = schedule.buffers[place.buffer];
  size_t outer = buffer.outerDims();
  return dim >= outer && buffer.wraps[dim - outer];
}

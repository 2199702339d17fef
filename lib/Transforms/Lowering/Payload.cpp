//===- Payload.cpp - What the lowering knows of the payload -------------- ===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Payload.h"

#include "mlir/Analysis/SliceAnalysis.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace looptree;
using namespace looptree::lowering;

int64_t lowering::bytesOf(Type elementType) {
  if (auto complex = dyn_cast<ComplexType>(elementType))
    return 2 * bytesOf(complex.getElementType());
  int64_t bits =
      elementType.isIndex() ? 64 : elementType.getIntOrFloatBitWidth();
  return int64_t(llvm::PowerOf2Ceil(uint64_t(bits + 7) / 8));
}

/// The value that all elements of a tensor have, or a scalar; none when it is
/// not one.
static std::optional<Scalar> uniformValue(Value value) {
  Type type = getElementTypeOrSelf(value);
  if (Attribute constant; matchPattern(value, m_Constant(&constant))) {
    auto elements = dyn_cast<DenseElementsAttr>(constant);
    if (!elements)
      return Scalar{type, constant, {}};
    if (!elements.isSplat())
      return std::nullopt;
    return Scalar{type, elements.getSplatValue<Attribute>(), {}};
  }
  if (!isa<ShapedType>(value.getType()))
    return Scalar{type, {}, value};
  Operation *op = value.getDefiningOp();
  if (!op)
    return std::nullopt;
  return llvm::TypeSwitch<Operation *, std::optional<Scalar>>(op)
      .Case([&](linalg::LinalgOp uniform) -> std::optional<Scalar> {
        OpOperand *out =
            uniform.getDpsInitOperand(cast<OpResult>(value).getResultNumber());
        Value yielded = uniform.getMatchingYieldValue(out)->get();
        if (auto argument = dyn_cast<BlockArgument>(yielded))
          return argument.getOwner() == uniform.getBlock()
                     ? uniformValue(
                           uniform.getMatchingOpOperand(argument)->get())
                     : std::nullopt;
        if (op->isAncestor(yielded.getDefiningOp()) &&
            !matchPattern(yielded, m_Constant()))
          return std::nullopt;
        return uniformValue(yielded);
      })
      .Case<tensor::CollapseShapeOp, tensor::ExpandShapeOp, tensor::CastOp,
            tensor::ExtractSliceOp>(
          [](auto view) { return uniformValue(view->getOperand(0)); })
      // Nobody has set it, so that any value is right.
      .Case([&](tensor::EmptyOp empty) -> std::optional<Scalar> {
        if (Attribute zero = Builder(op->getContext()).getZeroAttr(type))
          return Scalar{type, zero, {}};
        return std::nullopt;
      })
      .Default([](Operation *) { return std::nullopt; });
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

namespace {

class PayloadReader {
public:
  PayloadReader(Operation *op, unsigned result, const Einsum &einsum)
      : einsum(einsum) {
    payload.op = op;
    payload.result = result;
  }

  LogicalResult read(const Workload &workload);

  PayloadEinsum payload;

private:
  InFlightDiagnostic refuse() {
    return emitError(payload.op->getLoc())
           << "einsum @" << einsum.name << " cannot be lowered: ";
  }
  void readBody(Block &body);
  LogicalResult readScalars(linalg::LinalgOp op);
  void use(const Scalar &scalar) {
    if (scalar.value)
      payload.captured.insert(scalar.value);
  }

  const Einsum &einsum;
};

} // namespace

/// What the yielded value is made from, and assertions.
void PayloadReader::readBody(Block &body) {
  llvm::SetVector<Value> needed;
  needed.insert(payload.yielded);
  for (Operation &inner : llvm::reverse(body.without_terminator())) {
    if (!isa<cf::AssertOp>(inner) &&
        llvm::none_of(inner.getResults(),
                      [&](Value value) { return needed.contains(value); }))
      continue;
    payload.body.push_back(&inner);
    inner.walk([&](Operation *nested) {
      needed.insert(nested->operand_begin(), nested->operand_end());
    });
  }
  std::reverse(payload.body.begin(), payload.body.end());
  for (Value value : needed)
    if (!payload.op->getRegion(0).isAncestor(value.getParentRegion()) &&
        !matchPattern(value, m_Constant()))
      payload.captured.insert(value);
}

LogicalResult PayloadReader::readScalars(linalg::LinalgOp op) {
  auto isUsed = [&](BlockArgument argument) {
    return argument == payload.yielded ||
           llvm::any_of(argument.getUsers(), [&](Operation *user) {
             return llvm::is_contained(
                 payload.body, op.getBlock()->findAncestorOpInBlock(*user));
           });
  };
  for (OpOperand &operand : op->getOpOperands()) {
    unsigned number = operand.getOperandNumber();
    if (payload.readOfOperand.contains(number) ||
        !isUsed(op.getMatchingBlockArgument(&operand)))
      continue;
    std::optional<Scalar> value = uniformValue(operand.get());
    if (!value)
      return refuse() << "operand #" << number
                      << " is no tensor that is stored, and its elements are "
                         "not alike";
    use(*value);
    if (op.isDpsInit(&operand))
      payload.initial = *value;
    else
      payload.scalars[number] = *value;
  }
  return success();
}

LogicalResult PayloadReader::read(const Workload &workload) {
  Operation *op = payload.op;
  for (Type type : llvm::concat<Type>(
           SmallVector<Type>(op->getOperandTypes()),
           SmallVector<Type>{op->getResult(payload.result).getType()}))
    if (Type element = getElementTypeOrSelf(type);
        isa<ShapedType>(type) && !element.isIntOrIndexOrFloat() &&
        !isa<ComplexType>(element))
      return refuse() << "no memory has elements of type "
                      << getElementTypeOrSelf(type);
  if (auto pad = dyn_cast<tensor::PadOp>(op)) {
    payload.yielded = pad.getBody()->getTerminator()->getOperand(0);
    readBody(*pad.getBody());
    return success();
  }
  if (isa<tensor::CollapseShapeOp, tensor::ExpandShapeOp, tensor::CastOp,
          tensor::ExtractSliceOp>(op))
    return success();
  auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
  if (!linalgOp)
    return refuse() << "'" << op->getName()
                    << "' is neither a linalg op nor a view, so what it "
                       "computes is not known";
  for (const Access &read : einsum.reads)
    if (read.isInit && leavesItsTensor(read, einsum, workload))
      return refuse() << "its initial value is padded";
  payload.yielded =
      linalgOp
          .getMatchingYieldValue(linalgOp.getDpsInitOperand(payload.result))
          ->get();
  readBody(*linalgOp.getBlock());
  SmallVector<Operation *, 1> combiners;
  if (matchReduction(linalgOp.getRegionOutputArgs(), payload.result,
                     combiners) &&
      combiners.size() == 1 && combiners[0]->hasTrait<OpTrait::IsCommutative>())
    if (auto neutral = arith::getNeutralElement(combiners[0])) {
      payload.combiner = combiners[0];
      payload.neutral = *neutral;
    }
  return readScalars(linalgOp);
}

FailureOr<PayloadEinsum>
lowering::readPayload(const bridge::ImportedWorkload &read, unsigned imported,
                      const Einsum &einsum, const Workload &workload) {
  PayloadReader reader(read.payload[imported], read.results[imported], einsum);
  reader.payload.readOfOperand = read.readOfOperand[imported];
  if (failed(reader.read(workload)))
    return failure();
  return std::move(reader.payload);
}

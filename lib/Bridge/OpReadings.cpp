//===- OpReadings.cpp - What each op of a function is ---------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OpReadings.h"

#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Quant/IR/QuantTypes.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/TypeUtilities.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Transforms/RegionUtils.h"

using namespace mlir;
using namespace looptree;
using namespace looptree::bridge;

std::optional<int64_t> bridge::bitsOf(Type elementType) {
  if (elementType.isIndex())
    return 64;
  if (elementType.isIntOrFloat() && elementType.getIntOrFloatBitWidth() > 0)
    return elementType.getIntOrFloatBitWidth();
  if (auto quantized = dyn_cast<quant::QuantizedType>(elementType))
    return quantized.getStorageTypeIntegralWidth();
  if (auto complex = dyn_cast<ComplexType>(elementType))
    if (std::optional<int64_t> part = bitsOf(complex.getElementType()))
      return 2 * *part;
  return std::nullopt;
}

SmallVector<Value> bridge::tensorsReadBy(Operation *barrier) {
  llvm::SetVector<Value> values;
  values.insert_range(barrier->getOperands());
  getUsedValuesDefinedAbove(barrier->getRegions(), values);
  return llvm::filter_to_vector(
      values, [](Value value) { return isa<TensorType>(value.getType()); });
}

static bool hasNoData(Operation *op) {
  if (op->hasTrait<OpTrait::ConstantLike>() ||
      isa<tensor::EmptyOp, tensor::DimOp, cf::AssertOp>(op))
    return true;
  auto isTensor = [](Type type) { return isa<TensorType>(type); };
  return llvm::none_of(op->getOperandTypes(), isTensor) &&
         llvm::none_of(op->getResultTypes(), isTensor) &&
         op->getNumRegions() == 0 && isMemoryEffectFree(op);
}

/// Why a workload has no einsum for the description, or an empty string.
static std::string reasonAgainst(Operation *op, unsigned result,
                                 const ir::EinsumDescription &einsum) {
  for (int64_t extent : einsum.extents)
    if (extent < 1)
      return ShapedType::isDynamic(extent) ? "has a dynamic shape"
                                           : "has a dimension of extent 0";
  const unsigned rankCount = einsum.extents.size();
  auto check = [&](Value value, AffineMap map, const Twine &what,
                   bool isResult) -> std::string {
    auto type = dyn_cast<RankedTensorType>(value.getType());
    if (!type || !type.hasStaticShape())
      return "has a dynamic shape";
    if (!bitsOf(type.getElementType()))
      return ("has " + what + " with elements that are no numbers").str();
    std::optional<LinearIndex> index;
    if (map.getNumSymbols() == 0 && map.getNumDims() == rankCount &&
        map.getNumResults() == type.getRank())
      index = applyMap(map, identityIndex(rankCount), einsum.extents);
    std::string text;
    llvm::raw_string_ostream(text)
        << "has " << what << " indexed by " << map << ", ";
    if (!index || !isAccess(*index))
      return text + "where each dimension should be a sum of loops with "
                    "positive coefficients, no loop in two dimensions";
    if (isResult && !coversExactly(*index, einsum.extents, type.getShape()))
      return text + "which does not reach every element once";
    return "";
  };
  std::string reason =
      check(op->getResult(result), einsum.result, "its result", true);
  for (const ir::EinsumOperand &read : einsum.reads)
    if (reason.empty())
      reason = check(op->getOperand(read.operand), read.map,
                     "operand " + Twine(read.operand), false);
  return reason;
}

namespace {

/// Goes through a block backwards, so that it is known which results are used.
class Reader {
public:
  OpReading read(Operation *op);
  void use(ValueRange values) { live.insert_range(values); }

private:
  OpReading barrier(Operation *op, std::string reason) {
    use(tensorsReadBy(op));
    OpReading reading{OpRole::Barrier};
    reading.reason = std::move(reason);
    return reading;
  }
  OpReading readEinsum(ir::EinsumOpInterface op, ArrayRef<unsigned> used);
  static OpReading readDead(ir::EinsumOpInterface op);

  llvm::DenseSet<Value> live;
};

} // namespace

OpReading Reader::readEinsum(ir::EinsumOpInterface op,
                             ArrayRef<unsigned> used) {
  OpReading reading{OpRole::Einsum};
  if (used.empty())
    return barrier(op, "has no result: it works on buffers, not on tensors");
  if (used.size() > 1)
    return barrier(op, "has " + std::to_string(used.size()) +
                           " results that are used");
  reading.result = used.front();
  std::string reason;
  FailureOr<ir::EinsumDescription> einsum =
      op.describeEinsum(reading.result, reason);
  if (succeeded(einsum))
    reason = reasonAgainst(op, reading.result, *einsum);
  if (!reason.empty())
    return barrier(op, std::move(reason));

  reading.einsum = std::move(*einsum);
  for (const ir::EinsumOperand &operand : reading.einsum.reads)
    use(op->getOperand(operand.operand));
  if (reading.einsum.content == ir::EinsumContent::Uniform)
    reading.role = OpRole::Uniform;
  bool keepsType = reading.einsum.content == ir::EinsumContent::Copy &&
                   getElementTypeOrSelf(op->getResult(reading.result)) ==
                       getElementTypeOrSelf(op->getOperand(
                           reading.einsum.reads.front().operand));
  if (keepsType) {
    reading.role = OpRole::View;
    reading.step = copyStepOf(op, reading.result, reading.einsum);
  }
  return reading;
}

/// An op without users; a fill that nothing starts from is not worth a word.
OpReading Reader::readDead(ir::EinsumOpInterface op) {
  std::string reason;
  if (op)
    if (FailureOr<ir::EinsumDescription> einsum = op.describeEinsum(0, reason);
        succeeded(einsum) && einsum->content == ir::EinsumContent::Uniform)
      return {};
  return {OpRole::Dead};
}

OpReading Reader::read(Operation *op) {
  if (hasNoData(op))
    return {};
  SmallVector<unsigned> used;
  for (OpResult result : op->getResults())
    if (live.contains(result))
      used.push_back(result.getResultNumber());
  auto einsum = dyn_cast<ir::EinsumOpInterface>(op);
  if (used.empty() && op->getNumResults() > 0 &&
      (einsum || isMemoryEffectFree(op)))
    return readDead(einsum);
  if (einsum)
    return readEinsum(einsum, used);

  std::string reason;
  FailureOr<ViewStep> step = viewStepOf(op, reason);
  if (succeeded(step)) {
    use(step->source);
    OpReading reading{OpRole::View};
    reading.einsum = describeCopy(*step);
    reading.step = std::move(*step);
    return reading;
  }
  if (reason.empty())
    reason = "is of no dialect or kind that is read as an einsum";
  return barrier(op, std::move(reason));
}

OpReadings bridge::readOps(Block &block) {
  Reader reader;
  reader.use(block.getTerminator()->getOperands());
  SmallVector<std::pair<Operation *, OpReading>> readings;
  for (Operation &op : llvm::reverse(block.without_terminator()))
    readings.emplace_back(&op, reader.read(&op));
  OpReadings result;
  for (auto &reading : llvm::reverse(readings))
    result.insert(std::move(reading));
  return result;
}

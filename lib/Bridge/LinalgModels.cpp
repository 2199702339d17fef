//===- LinalgModels.cpp - Linalg ops as einsums ---------------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "looptree/Bridge/LinalgModels.h"

#include "looptree/IR/EinsumOpInterface.h"

#include "LinalgBody.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/DialectRegistry.h"

using namespace mlir;
using namespace looptree;
using namespace looptree::bridge;

static FailureOr<ir::EinsumDescription>
describe(linalg::LinalgOp op, unsigned result, std::string &whyNot) {
  auto none = [&](const Twine &reason) {
    whyNot = reason.str();
    return failure();
  };
  if (!op.hasPureTensorSemantics())
    return none("works on buffers, not on tensors");
  if (op.hasDynamicShape())
    return none("has a dynamic shape");
  LinalgBody body(op, result);
  if (Operation *foreign = body.findForeignOp())
    return none("has '" + foreign->getName().getStringRef() + "' in its body");

  ir::EinsumDescription einsum;
  llvm::append_range(einsum.extents, op.getStaticLoopRanges());
  OpOperand *out = op.getDpsInitOperand(result);
  einsum.result = op.getMatchingIndexingMap(out);
  for (OpOperand &operand : op->getOpOperands()) {
    unsigned number = operand.getOperandNumber();
    if (!body.operandsRead().test(number) ||
        !isa<RankedTensorType>(operand.get().getType()))
      continue;
    bool isInit = op.isDpsInit(&operand);
    if (isInit && &operand != out)
      return none("computes one result from the accumulator of another");
    einsum.reads.push_back(
        {number, op.getMatchingIndexingMap(&operand), isInit});
  }

  bool reduces = false;
  for (unsigned dim = 0; dim < einsum.extents.size(); ++dim)
    reduces |= !einsum.result.isFunctionOfDim(dim);
  einsum.accumulates = reduces && body.accumulates();
  einsum.kind = !reduces                 ? ir::EinsumKind::Elementwise
                : body.isSumOfProducts() ? ir::EinsumKind::Contraction
                                         : ir::EinsumKind::Reduction;

  if (!reduces && einsum.result.isPermutation()) {
    std::optional<unsigned> yielded = body.yieldedOperand();
    if (einsum.reads.empty() && !body.usesIndex())
      einsum.content = ir::EinsumContent::Uniform;
    else if (einsum.reads.size() == 1 && !einsum.reads.front().isInit &&
             yielded == einsum.reads.front().operand)
      einsum.content = ir::EinsumContent::Copy;
  }
  return einsum;
}

namespace {

template <typename OpT>
struct LinalgModel
    : ir::EinsumOpInterface::ExternalModel<LinalgModel<OpT>, OpT> {
  FailureOr<ir::EinsumDescription>
  describeEinsum(Operation *op, unsigned result, std::string &whyNot) const {
    return describe(cast<linalg::LinalgOp>(op), result, whyNot);
  }
  bool isNeutral(Operation *op, unsigned operand, unsigned result,
                 Attribute value) const {
    return LinalgBody(cast<linalg::LinalgOp>(op), result)
        .keepsResult(operand, value);
  }
};

template <typename... OpTs> void attachTo(MLIRContext *context) {
  (OpTs::template attachInterface<LinalgModel<OpTs>>(*context), ...);
}

} // namespace

void bridge::registerLinalgModels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, linalg::LinalgDialect *) {
    attachTo<
#define GET_OP_LIST
#include "mlir/Dialect/Linalg/IR/LinalgStructuredOps.cpp.inc"
        >(context);
  });
}

//===- Arithmetic.cpp - A payload in other arithmetic -------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Arithmetic.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/AttrTypeSubElements.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/Verifier.h"
#include "llvm/ADT/APFloat.h"

#include <cmath>

using namespace mlir;
using namespace looptree;
using namespace looptree::runner;

static APFloat widened(APFloat value) {
  bool losesInfo;
  value.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven,
                &losesInfo);
  return value;
}

LogicalResult runner::toFloat64(ModuleOp module) {
  AttrTypeReplacer replacer;
  auto wide = Float64Type::get(module.getContext());
  auto isNarrow = [](Type type) {
    auto number = dyn_cast<FloatType>(type);
    return number && number.getWidth() < 64;
  };
  replacer.addReplacement([&](FloatType type) -> std::optional<Type> {
    return isNarrow(type) ? wide : Type(type);
  });
  using Replaced = std::optional<std::pair<Attribute, WalkResult>>;
  replacer.addReplacement([&](FloatAttr number) -> Replaced {
    if (!isNarrow(number.getType()))
      return std::nullopt;
    return {
        {FloatAttr::get(wide, widened(number.getValue())), WalkResult::skip()}};
  });
  auto widenAll = [&](DenseFPElementsAttr numbers) -> Replaced {
    if (!isNarrow(numbers.getElementType()))
      return std::nullopt;
    auto values = numbers.mapValues(wide, [](const APFloat &value) {
      return widened(value).bitcastToAPInt();
    });
    return {{values, WalkResult::skip()}};
  };
  replacer.addReplacement(widenAll);
  replacer.addReplacement([&](DenseResourceElementsAttr numbers) -> Replaced {
    AsmResourceBlob *blob = numbers.getRawHandle().getBlob();
    bool isSplat;
    if (!blob || !isNarrow(numbers.getElementType()) ||
        !DenseElementsAttr::isValidRawBuffer(numbers.getType(), blob->getData(),
                                             isSplat))
      return std::nullopt;
    return widenAll(
        cast<DenseFPElementsAttr>(DenseElementsAttr::getFromRawBuffer(
            numbers.getType(), blob->getData())));
  });
  replacer.recursivelyReplaceElementsIn(module, /*replaceAttrs=*/true,
                                        /*replaceLocs=*/false,
                                        /*replaceTypes=*/true);
  module.walk([](Operation *op) {
    if (isa<arith::ExtFOp, arith::TruncFOp>(op) &&
        op->getOperand(0).getType() == op->getResult(0).getType()) {
      op->getResult(0).replaceAllUsesWith(op->getOperand(0));
      op->erase();
    }
  });
  return verify(module);
}

static bool isInteger(const APFloat &value) {
  return value.isInteger() || value.isInfinity();
}

static bool isExactConstant(Attribute value) {
  if (auto number = dyn_cast<FloatAttr>(value))
    return isInteger(number.getValue());
  if (auto numbers = dyn_cast<DenseFPElementsAttr>(value))
    return llvm::all_of(numbers.getValues<APFloat>(), isInteger);
  auto elements = dyn_cast<ElementsAttr>(value);
  return !elements || !isa<FloatType>(elements.getElementType());
}

static bool hasFloat(Operation *op) {
  auto isFloat = [](Type type) {
    return isa<FloatType>(getElementTypeOrSelf(type));
  };
  return llvm::any_of(op->getOperandTypes(), isFloat) ||
         llvm::any_of(op->getResultTypes(), isFloat);
}

bool runner::isExactOnIntegers(func::FuncOp function) {
  return !function
              .walk([&](Operation *op) {
                bool isExact = !hasFloat(op);
                if (auto constant = dyn_cast<arith::ConstantOp>(op))
                  isExact = isExactConstant(constant.getValue());
                else if (isa<arith::AddFOp, arith::SubFOp, arith::MulFOp,
                             arith::MaximumFOp, arith::MinimumFOp,
                             arith::MaxNumFOp, arith::MinNumFOp, arith::CmpFOp,
                             arith::SelectOp, arith::NegFOp, math::AbsFOp>(op))
                  isExact = true;
                else if (isa<func::FuncDialect, linalg::LinalgDialect,
                             tensor::TensorDialect>(op->getDialect()))
                  isExact = true;
                return isExact ? WalkResult::advance()
                               : WalkResult::interrupt();
              })
              .wasInterrupted();
}

static Attribute magnitudeOf(Attribute value) {
  auto magnitude = [](APFloat number) {
    number.clearSign();
    // 2^24 is where float32 begins to round integers.
    APFloat limit(std::ldexp(1.0, 24));
    return number > limit ? APFloat(0.0) : number;
  };
  if (auto number = dyn_cast<FloatAttr>(value))
    return FloatAttr::get(number.getType(), magnitude(number.getValue()));
  if (auto numbers = dyn_cast<DenseFPElementsAttr>(value))
    return numbers.mapValues(numbers.getElementType(),
                             [&](const APFloat &number) {
                               return magnitude(number).bitcastToAPInt();
                             });
  return value;
}

void runner::toMagnitudes(func::FuncOp function) {
  SmallVector<Value> sums;
  auto replace = [](Operation *op, Value by) {
    op->getResult(0).replaceAllUsesWith(by);
    op->erase();
  };
  function.walk([&](Operation *op) {
    OpBuilder b(op);
    Location loc = op->getLoc();
    if (auto constant = dyn_cast<arith::ConstantOp>(op)) {
      constant.setValueAttr(cast<TypedAttr>(magnitudeOf(constant.getValue())));
    } else if (isa<linalg::LinalgOp>(op)) {
      for (Value result : op->getResults())
        if (isa<FloatType>(getElementTypeOrSelf(result)))
          sums.push_back(result);
    } else if (isa<arith::NegFOp, math::AbsFOp>(op)) {
      replace(op, op->getOperand(0));
    } else if (isa<arith::SubFOp>(op)) {
      replace(op, arith::AddFOp::create(b, loc, op->getOperand(0),
                                        op->getOperand(1)));
    } else if (isa<arith::MinimumFOp, arith::MinNumFOp>(op)) {
      replace(op, arith::MaximumFOp::create(b, loc, op->getOperand(0),
                                            op->getOperand(1)));
    } else if (isa<arith::SelectOp>(op) && hasFloat(op)) {
      replace(op, arith::MaximumFOp::create(b, loc, op->getOperand(1),
                                            op->getOperand(2)));
    }
  });
  function.getBody().front().getTerminator()->setOperands(sums);
  function.setFunctionType(FunctionType::get(function.getContext(),
                                             function.getArgumentTypes(),
                                             ValueRange(sums).getTypes()));
}

double runner::countRoundings(func::FuncOp function) {
  double roundings = 0;
  function.walk([&](linalg::LinalgOp op) {
    double terms = 1;
    for (auto [extent, kind] :
         llvm::zip_equal(op.getStaticLoopRanges(), op.getIteratorTypesArray()))
      if (kind == utils::IteratorType::reduction)
        terms *= double(extent);
    double perTerm = 0;
    op.getBlock()->walk([&](Operation *inner) {
      perTerm +=
          isa<arith::ArithDialect, math::MathDialect>(inner->getDialect()) &&
          hasFloat(inner);
    });
    roundings += terms * perTerm;
  });
  return roundings;
}

double runner::unitRoundoff(func::FuncOp function) {
  double roundoff = 0;
  function.walk([&](Operation *op) {
    for (Type type : op->getResultTypes())
      if (auto number = dyn_cast<FloatType>(getElementTypeOrSelf(type)))
        roundoff = std::max(roundoff,
                            std::ldexp(1.0, -int(number.getFPMantissaWidth())));
  });
  return roundoff;
}

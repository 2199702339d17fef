//===- EinsumOpInterfaceTest.cpp - A dialect that joins by itself ---------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "looptree/IR/EinsumOpInterface.h"
#include "looptree/Bridge/Import.h"
#include "looptree/Bridge/LinalgModels.h"
#include "looptree/Bridge/Payload.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"

#include <gtest/gtest.h>

using namespace mlir;
using namespace looptree;
using namespace looptree::bridge;

namespace {

/// `filter.fir(signal, taps)`: a correlation of any length, which linalg and
/// the importer know nothing of.
class FirOp : public Op<FirOp, OpTrait::NOperands<2>::Impl, OpTrait::OneResult,
                        ir::EinsumOpInterface::Trait> {
public:
  using Op::Op;
  static StringRef getOperationName() { return "filter.fir"; }
  static ArrayRef<StringRef> getAttributeNames() { return {}; }

  FailureOr<ir::EinsumDescription> describeEinsum(unsigned,
                                                  std::string &whyNot) {
    auto taps = cast<RankedTensorType>(getOperand(1).getType());
    if (taps.getNumElements() > 8) {
      whyNot = "has more than 8 taps";
      return failure();
    }
    AffineExpr position, tap;
    bindDims(getContext(), position, tap);
    ir::EinsumDescription einsum;
    einsum.extents = {
        cast<RankedTensorType>((*this)->getResult(0).getType()).getDimSize(0),
        taps.getDimSize(0)};
    einsum.reads = {{0, AffineMap::get(2, 0, position + tap)},
                    {1, AffineMap::get(2, 0, tap)}};
    einsum.result = AffineMap::get(2, 0, position);
    einsum.accumulates = true;
    return einsum;
  }
  bool isNeutral(unsigned operand, unsigned, Attribute value) {
    auto number = dyn_cast<FloatAttr>(value);
    return operand == 0 && number && number.getValue().isZero();
  }
};

class FilterDialect : public Dialect {
public:
  explicit FilterDialect(MLIRContext *context)
      : Dialect("filter", context, TypeID::get<FilterDialect>()) {
    addOperations<FirOp>();
  }
  static StringRef getDialectNamespace() { return "filter"; }
};

class EinsumOpInterfaceTest : public testing::Test {
protected:
  EinsumOpInterfaceTest() {
    DialectRegistry registry;
    registry.insert<arith::ArithDialect, FilterDialect, func::FuncDialect,
                    ir::LoopTreeDialect, linalg::LinalgDialect,
                    tensor::TensorDialect>();
    registerLinalgModels(registry);
    context.appendDialectRegistry(registry);
    context.loadAllAvailableDialects();
  }

  ImportedWorkload import(StringRef text) {
    module = parseSourceString<ModuleOp>(text, &context);
    EXPECT_TRUE(module);
    function = *module->getOps<func::FuncOp>().begin();
    FailureOr<ImportedWorkload> read = importWorkload(function, {});
    EXPECT_TRUE(succeeded(read));
    return std::move(*read);
  }

  MLIRContext context;
  OwningOpRef<ModuleOp> module;
  func::FuncOp function;
};

} // namespace

MLIR_DECLARE_EXPLICIT_TYPE_ID(FirOp)
MLIR_DEFINE_EXPLICIT_TYPE_ID(FirOp)
MLIR_DECLARE_EXPLICIT_TYPE_ID(FilterDialect)
MLIR_DEFINE_EXPLICIT_TYPE_ID(FilterDialect)

TEST_F(EinsumOpInterfaceTest, opOfAnotherDialect) {
  ImportedWorkload read = import(R"(
    func.func @f(%x: tensor<16xf32>, %t: tensor<3xf32>) -> tensor<16xf32> {
      %zero = arith.constant 0.0 : f32
      %pad = tensor.pad %x low[1] high[1] {
      ^bb0(%i: index):
        tensor.yield %zero : f32
      } : tensor<16xf32> to tensor<18xf32>
      %0 = "filter.fir"(%pad, %t) : (tensor<18xf32>, tensor<3xf32>) -> tensor<16xf32> loc("fir")
      %e = tensor.empty() : tensor<16xf32>
      %1 = linalg.exp ins(%0 : tensor<16xf32>) outs(%e : tensor<16xf32>) -> tensor<16xf32> loc("exp")
      return %1 : tensor<16xf32>
    })");
  EXPECT_TRUE(read.barriers.empty());
  const Workload &workload = read.network.workload;
  ASSERT_EQ(workload.einsums.size(), 2u);
  const Einsum &fir = workload.einsums[0];
  EXPECT_EQ(fir.name, "fir");
  EXPECT_EQ(fir.kind, EinsumKind::Contraction);
  ASSERT_EQ(fir.ranks.size(), 2u);
  EXPECT_EQ(fir.ranks[0].name, "p");
  EXPECT_EQ(fir.ranks[1].name, "r");
  ASSERT_EQ(fir.reads.size(), 2u);
  EXPECT_EQ(looptree::toString(fir.reads[0].index[0], fir), "p + r - 1");
  EXPECT_TRUE(workload.tensors[fir.reads[1].tensor].isWeight);
  EXPECT_EQ(workload.einsums[1].reads[0].tensor, fir.write.tensor);

  // The op takes part in everything that payload ops do.
  ir::WorkloadOp op = insertWorkload(read, function);
  EXPECT_TRUE(succeeded(verify(*module)));
  EXPECT_TRUE(succeeded(checkPayload(op)));
}

TEST_F(EinsumOpInterfaceTest, reasonOfAnotherDialect) {
  ImportedWorkload read = import(R"(
    func.func @f(%x: tensor<16xf32>, %t: tensor<9xf32>) -> tensor<8xf32> {
      %0 = "filter.fir"(%x, %t) : (tensor<16xf32>, tensor<9xf32>) -> tensor<8xf32>
      return %0 : tensor<8xf32>
    })");
  EXPECT_TRUE(read.network.workload.einsums.empty());
  ASSERT_EQ(read.barriers.size(), 1u);
  EXPECT_EQ(read.barriers[0].reason, "has more than 8 taps");
}

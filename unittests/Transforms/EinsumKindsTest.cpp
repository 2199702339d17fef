//===- EinsumKindsTest.cpp - Every kind of einsum, lowered and run -------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Functions that hold what the importer reads as einsums beyond those of
// RandomPayload.h: searched for mappings, lowered, and run beside themselves.
//
//===----------------------------------------------------------------------===//

#include "LoweredRun.h"

#include "looptree/IR/EinsumOpInterface.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Diagnostics.h"

#include <gtest/gtest.h>

using namespace mlir;
using namespace looptree;
using namespace looptree::test;

namespace {

/// Says what it is as an einsum; nobody knows what it computes.
struct OpaqueModel
    : ir::EinsumOpInterface::ExternalModel<OpaqueModel, arith::NegFOp> {
  FailureOr<ir::EinsumDescription> describeEinsum(Operation *op, unsigned,
                                                  std::string &) const {
    auto shape = cast<RankedTensorType>(op->getResult(0).getType()).getShape();
    ir::EinsumDescription einsum;
    einsum.kind = ir::EinsumKind::Elementwise;
    llvm::append_range(einsum.extents, shape);
    einsum.result =
        AffineMap::getMultiDimIdentityMap(shape.size(), op->getContext());
    einsum.reads.push_back({0, einsum.result});
    return einsum;
  }
};

class EinsumKindsTest : public testing::Test {
protected:
  /// How the lowered function differs from what it was, or "".
  std::string difference(const char *arguments, const char *results,
                         const char *body,
                         const std::string &options = "capacity=1KiB") {
    std::string function = std::string("(") + arguments + ") -> (" + results +
                           ") {\n" + body + "}\n";
    auto module = lowered.parse("func.func @payload" + function +
                                "func.func @reference" + function);
    if (!module)
      return "no module";
    lowered.addCompare(*module);
    if (!lowered.run(*module, "fuse-layers{functions=payload " + options +
                                  "},lower-mappings,instrument-transfers"))
      return "not lowered";
    return lowered.execute(*module).difference;
  }

  LoweredRun lowered;
};

TEST_F(EinsumKindsTest, SoftmaxWithAMaximumOfTwoResults) {
  EXPECT_EQ(difference("%a: tensor<6x8xf32>", "tensor<6x8xf32>", R"(
    %low = arith.constant 0xFF800000 : f32
    %zero = arith.constant 0.0 : f32
    %none = arith.constant 0 : i64
    %e = tensor.empty() : tensor<6xf32>
    %i = tensor.empty() : tensor<6xi64>
    %f = tensor.empty() : tensor<6x8xf32>
    %min = linalg.fill ins(%low : f32) outs(%e : tensor<6xf32>) -> tensor<6xf32>
    %at = linalg.fill ins(%none : i64) outs(%i : tensor<6xi64>) -> tensor<6xi64>
    %null = linalg.fill ins(%zero : f32) outs(%e : tensor<6xf32>) -> tensor<6xf32>
    %max:2 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0)>, affine_map<(d0, d1) -> (d0)>], iterator_types = ["parallel", "reduction"]}
        ins(%a : tensor<6x8xf32>) outs(%min, %at : tensor<6xf32>, tensor<6xi64>) {
    ^bb0(%x: f32, %m: f32, %j: i64):
      %d = linalg.index 1 : index
      %n = arith.index_cast %d : index to i64
      %more = arith.cmpf ogt, %x, %m : f32
      %y = arith.maximumf %x, %m : f32
      %k = arith.select %more, %n, %j : i64
      linalg.yield %y, %k : f32, i64
    } -> (tensor<6xf32>, tensor<6xi64>)
    %p = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]}
        ins(%a, %max#0 : tensor<6x8xf32>, tensor<6xf32>) outs(%f : tensor<6x8xf32>) {
    ^bb0(%x: f32, %m: f32, %o: f32):
      %s = arith.subf %x, %m : f32
      %y = arith.mulf %s, %s : f32
      linalg.yield %y : f32
    } -> tensor<6x8xf32>
    %sum = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0)>], iterator_types = ["parallel", "reduction"]}
        ins(%p : tensor<6x8xf32>) outs(%null : tensor<6xf32>) {
    ^bb0(%x: f32, %o: f32):
      %y = arith.addf %x, %o : f32
      linalg.yield %y : f32
    } -> tensor<6xf32>
    %q = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]}
        ins(%p, %sum : tensor<6x8xf32>, tensor<6xf32>) outs(%f : tensor<6x8xf32>) {
    ^bb0(%x: f32, %m: f32, %o: f32):
      %y = arith.subf %x, %m : f32
      linalg.yield %y : f32
    } -> tensor<6x8xf32>
    return %q : tensor<6x8xf32>
)"),
            "");
}

TEST_F(EinsumKindsTest, ScalarsOfTheFunction) {
  EXPECT_EQ(difference("%a: tensor<8xi32>, %s: i32, %t: i32", "tensor<8xi32>",
                       R"(
    %two = arith.constant 2 : i32
    %u = arith.muli %t, %two : i32
    %e = tensor.empty() : tensor<8xi32>
    %full = linalg.fill ins(%s : i32) outs(%e : tensor<8xi32>) -> tensor<8xi32>
    %0 = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> ()>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]}
        ins(%a, %s : tensor<8xi32>, i32) outs(%full : tensor<8xi32>) {
    ^bb0(%x: i32, %f: i32, %o: i32):
      %p = arith.muli %x, %f : i32
      %q = arith.addi %p, %o : i32
      linalg.yield %q : i32
    } -> tensor<8xi32>
    %1 = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]}
        ins(%0 : tensor<8xi32>) outs(%e : tensor<8xi32>) {
    ^bb0(%x: i32, %o: i32):
      %p = arith.addi %x, %u : i32
      linalg.yield %p : i32
    } -> tensor<8xi32>
    return %1 : tensor<8xi32>
)"),
            "");
}

TEST_F(EinsumKindsTest, PadWithAValueThatIsNotNeutral) {
  EXPECT_EQ(difference("%a: tensor<8xi32>, %w: tensor<3xi32>", "tensor<8xi32>",
                       R"(
    %seven = arith.constant 7 : i32
    %zero = arith.constant 0 : i32
    %e = tensor.empty() : tensor<8xi32>
    %0 = linalg.add ins(%a, %a : tensor<8xi32>, tensor<8xi32>) outs(%e : tensor<8xi32>) -> tensor<8xi32>
    %p = tensor.pad %0 low[1] high[1] {
    ^bb0(%i: index):
      %k = arith.index_cast %i : index to i32
      %v = arith.addi %k, %seven : i32
      tensor.yield %v : i32
    } : tensor<8xi32> to tensor<10xi32>
    %f = linalg.fill ins(%zero : i32) outs(%e : tensor<8xi32>) -> tensor<8xi32>
    %1 = linalg.conv_1d ins(%p, %w : tensor<10xi32>, tensor<3xi32>) outs(%f : tensor<8xi32>) -> tensor<8xi32>
    return %1 : tensor<8xi32>
)"),
            "");
}

TEST_F(EinsumKindsTest, ViewsAsEinsums) {
  EXPECT_EQ(difference("%a: tensor<4x6xi32>, %b: tensor<8x3xi32>",
                       "tensor<8x8xi32>, tensor<6x4xi32>, tensor<3x2xi32>", R"(
    %zero = arith.constant 0 : i32
    %e = tensor.empty() : tensor<4x6xi32>
    %0 = linalg.add ins(%a, %a : tensor<4x6xi32>, tensor<4x6xi32>) outs(%e : tensor<4x6xi32>) -> tensor<4x6xi32>
    %t = tensor.empty() : tensor<6x4xi32>
    %1 = linalg.transpose ins(%0 : tensor<4x6xi32>) outs(%t : tensor<6x4xi32>) permutation = [1, 0]
    %c = tensor.collapse_shape %1 [[0, 1]] : tensor<6x4xi32> into tensor<24xi32>
    %r = tensor.expand_shape %c [[0, 1]] output_shape [3, 8] : tensor<24xi32> into tensor<3x8xi32>
    %m = tensor.empty() : tensor<8x8xi32>
    %f = linalg.fill ins(%zero : i32) outs(%m : tensor<8x8xi32>) -> tensor<8x8xi32>
    %2 = linalg.matmul ins(%b, %r : tensor<8x3xi32>, tensor<3x8xi32>) outs(%f : tensor<8x8xi32>) -> tensor<8x8xi32>
    %s = tensor.extract_slice %1[1, 1] [3, 2] [2, 1] : tensor<6x4xi32> to tensor<3x2xi32>
    return %2, %1, %s : tensor<8x8xi32>, tensor<6x4xi32>, tensor<3x2xi32>
)"),
            "");
}

/// Of bytes, the sum is of words; the window's index counts.
TEST_F(EinsumKindsTest, IntegersOfSeveralWidths) {
  EXPECT_EQ(difference("%a: tensor<1x6x6x4xi8>, %w: tensor<3x3x4x5xi8>",
                       "tensor<1x4x4x5xi8>", R"(
    %zero = arith.constant 0 : i32
    %e = tensor.empty() : tensor<1x4x4x5xi32>
    %f = linalg.fill ins(%zero : i32) outs(%e : tensor<1x4x4x5xi32>) -> tensor<1x4x4x5xi32>
    %0 = linalg.conv_2d_nhwc_hwcf ins(%a, %w : tensor<1x6x6x4xi8>, tensor<3x3x4x5xi8>) outs(%f : tensor<1x4x4x5xi32>) -> tensor<1x4x4x5xi32>
    %b = tensor.empty() : tensor<1x4x4x5xi8>
    %1 = linalg.generic {indexing_maps = [affine_map<(a, b, c, d) -> (a, b, c, d)>, affine_map<(a, b, c, d) -> (a, b, c, d)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
        ins(%0 : tensor<1x4x4x5xi32>) outs(%b : tensor<1x4x4x5xi8>) {
    ^bb0(%x: i32, %o: i8):
      %two = arith.constant 2 : i32
      %i = linalg.index 3 : index
      %j = arith.index_cast %i : index to i32
      %y = arith.shrsi %x, %two : i32
      %z = arith.addi %y, %j : i32
      %n = arith.trunci %z : i32 to i8
      linalg.yield %n : i8
    } -> tensor<1x4x4x5xi8>
    return %1 : tensor<1x4x4x5xi8>
)"),
            "");
}

/// Stored as the last view says, and needed as the op makes it too.
TEST_F(EinsumKindsTest, ResultsInSeveralShapes) {
  EXPECT_EQ(difference("%a: tensor<4x6xf32>, %s: tensor<i32>",
                       "tensor<6x4xf32>, tensor<24xf32>", R"(
    %e = tensor.empty() : tensor<4x6xf32>
    %0 = linalg.exp ins(%a : tensor<4x6xf32>) outs(%e : tensor<4x6xf32>) -> tensor<4x6xf32>
    %t = tensor.empty() : tensor<6x4xf32>
    %1 = linalg.transpose ins(%0 : tensor<4x6xf32>) outs(%t : tensor<6x4xf32>) permutation = [1, 0]
    %c = tensor.collapse_shape %1 [[0, 1]] : tensor<6x4xf32> into tensor<24xf32>
    return %1, %c : tensor<6x4xf32>, tensor<24xf32>
)"),
            "");
}

TEST_F(EinsumKindsTest, ReturnedFillAndUndefinedSum) {
  EXPECT_EQ(difference("%a: tensor<4xf32>, %s: f32",
                       "tensor<3xf32>, tensor<4xf32>", R"(
    %e = tensor.empty() : tensor<3xf32>
    %0 = linalg.fill ins(%s : f32) outs(%e : tensor<3xf32>) -> tensor<3xf32>
    %o = tensor.empty() : tensor<4xf32>
    %1 = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]}
        ins(%a : tensor<4xf32>) outs(%o : tensor<4xf32>) {
    ^bb0(%x: f32, %y: f32):
      %k = arith.constant 1 : index
      %i = linalg.index 0 : index
      %c = arith.cmpi eq, %i, %k : index
      %v = scf.if %c -> f32 {
        %n = arith.index_cast %i : index to i32
        %f = arith.sitofp %n : i32 to f32
        scf.yield %f : f32
      } else {
        %f = arith.addf %x, %s : f32
        scf.yield %f : f32
      }
      linalg.yield %v : f32
    } -> tensor<4xf32>
    return %0, %1 : tensor<3xf32>, tensor<4xf32>
)"),
            "");
}

/// Mappings onto arrays, with loops over instances above the computes.
TEST_F(EinsumKindsTest, ConvolutionsOnArrays) {
  for (const char *arch : {"eyeriss_like", "three_level", "cloud"})
    EXPECT_EQ(difference("%a: tensor<1x3x12x12xf32>, %v: tensor<4x3x3x3xf32>, "
                         "%w: tensor<5x4x3x3xf32>",
                         "tensor<1x5x8x8xf32>", R"(
    %zero = arith.constant 0.0 : f32
    %e = tensor.empty() : tensor<1x4x10x10xf32>
    %f = linalg.fill ins(%zero : f32) outs(%e : tensor<1x4x10x10xf32>) -> tensor<1x4x10x10xf32>
    %0 = linalg.conv_2d_nchw_fchw ins(%a, %v : tensor<1x3x12x12xf32>, tensor<4x3x3x3xf32>) outs(%f : tensor<1x4x10x10xf32>) -> tensor<1x4x10x10xf32>
    %g = tensor.empty() : tensor<1x5x8x8xf32>
    %h = linalg.fill ins(%zero : f32) outs(%g : tensor<1x5x8x8xf32>) -> tensor<1x5x8x8xf32>
    %1 = linalg.conv_2d_nchw_fchw ins(%0, %w : tensor<1x4x10x10xf32>, tensor<5x4x3x3xf32>) outs(%h : tensor<1x5x8x8xf32>) -> tensor<1x5x8x8xf32>
    return %1 : tensor<1x5x8x8xf32>
)",
                         std::string("arch=") + arch),
              "")
        << arch;
}

/// The error is at the op, and nothing has changed.
TEST_F(EinsumKindsTest, OpOfAnotherDialectIsRefused) {
  lowered.context.loadDialect<arith::ArithDialect>();
  arith::NegFOp::attachInterface<OpaqueModel>(lowered.context);
  auto module = lowered.parse(R"(
func.func @payload(%a: tensor<8xf32>) -> tensor<8xf32> {
  %0 = arith.negf %a : tensor<8xf32> loc("minus")
  return %0 : tensor<8xf32>
})");
  ASSERT_TRUE(module);
  ASSERT_TRUE(lowered.run(*module, "fuse-layers"));
  std::string before, after, error;
  llvm::raw_string_ostream(before) << *module;
  ScopedDiagnosticHandler handler(&lowered.context, [&](Diagnostic &diag) {
    llvm::raw_string_ostream(error) << diag.getLocation() << ": " << diag;
  });
  EXPECT_FALSE(lowered.run(*module, "lower-mappings"));
  EXPECT_EQ(error, "loc(\"minus\"): einsum @minus cannot be lowered: "
                   "'arith.negf' is neither a linalg op nor a view, so what it "
                   "computes is not known");
  llvm::raw_string_ostream(after) << *module;
  EXPECT_EQ(before, after);
}

} // namespace

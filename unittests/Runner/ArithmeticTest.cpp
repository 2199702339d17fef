//===- ArithmeticTest.cpp - A payload in other arithmetic ---------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Runner/Arithmetic.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/Verifier.h"
#include "mlir/InitAllDialects.h"
#include "mlir/Parser/Parser.h"

#include <gmock/gmock.h>

#include <cmath>

using namespace mlir;
using namespace looptree;
using namespace looptree::runner;

namespace {

class ArithmeticTest : public testing::Test {
protected:
  ArithmeticTest() {
    DialectRegistry registry;
    registerAllDialects(registry);
    context.appendDialectRegistry(registry);
  }

  /// @f of one generic over 8 elements of f32 with the body `body`, which
  /// yields %z.
  func::FuncOp elementwise(const std::string &body) {
    module = parseSourceString<ModuleOp>(R"(
#id = affine_map<(d0) -> (d0)>
func.func @f(%a: tensor<8xf32>) -> tensor<8xf32> {
  %e = tensor.empty() : tensor<8xf32>
  %0 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%a : tensor<8xf32>) outs(%e : tensor<8xf32>) {
  ^bb0(%x: f32, %y: f32):
)" + body + R"(
    linalg.yield %z : f32
  } -> tensor<8xf32>
  return %0 : tensor<8xf32>
})",
                                         &context);
    return module->lookupSymbol<func::FuncOp>("f");
  }

  std::string text() {
    std::string text;
    llvm::raw_string_ostream stream(text);
    module->print(stream);
    return text;
  }

  MLIRContext context;
  OwningOpRef<ModuleOp> module;
};

TEST_F(ArithmeticTest, WhatIsExactOnIntegers) {
  EXPECT_TRUE(isExactOnIntegers(elementwise("%z = arith.mulf %x, %x : f32")));
  EXPECT_TRUE(isExactOnIntegers(elementwise(
      "%c = arith.constant 6.0 : f32 %z = arith.minimumf %x, %c : f32")));
  EXPECT_TRUE(isExactOnIntegers(elementwise(
      "%c = arith.constant 0xFF800000 : f32 %z = arith.maximumf %x, %c : "
      "f32")));
  EXPECT_FALSE(isExactOnIntegers(elementwise(
      "%c = arith.constant 0.5 : f32 %z = arith.mulf %x, %c : f32")));
  EXPECT_FALSE(isExactOnIntegers(elementwise("%z = arith.divf %x, %x : f32")));
  EXPECT_FALSE(isExactOnIntegers(elementwise("%z = math.exp %x : f32")));
}

TEST_F(ArithmeticTest, Float64KeepsConstants) {
  elementwise("%c = arith.constant 0.1 : f32 %z = arith.mulf %x, %c : f32");
  ASSERT_TRUE(succeeded(toFloat64(*module)));
  EXPECT_THAT(text(), testing::Not(testing::HasSubstr("f32")));
  module->walk([](arith::ConstantOp constant) {
    auto value = cast<FloatAttr>(constant.getValue());
    EXPECT_EQ(value.getValueAsDouble(), double(0.1f));
  });
}

TEST_F(ArithmeticTest, Float64DropsWidening) {
  elementwise("%w = arith.extf %x : f32 to f64 %z = arith.truncf %w : f64 to "
              "f32");
  ASSERT_TRUE(succeeded(toFloat64(*module)));
  EXPECT_THAT(text(), testing::Not(testing::HasSubstr("extf")));
}

TEST_F(ArithmeticTest, MagnitudesNeverShrink) {
  func::FuncOp f = elementwise(
      "%c = arith.constant -3.0 : f32 %low = arith.constant 0xFF800000 : f32 "
      "%d = arith.subf %x, %c : f32 %m = arith.maximumf %d, %low : f32 "
      "%p = arith.cmpf ugt, %m, %c : f32 "
      "%z = arith.select %p, %m, %c : f32");
  ASSERT_TRUE(succeeded(toFloat64(*module)));
  toMagnitudes(f);
  ASSERT_TRUE(succeeded(verify(*module)));
  std::string made = text();
  EXPECT_THAT(made, testing::HasSubstr("arith.addf"));
  EXPECT_THAT(made, testing::HasSubstr("3.000000e+00"));
  EXPECT_THAT(made, testing::HasSubstr("constant 0.000000e+00"));
  EXPECT_THAT(made, testing::Not(testing::HasSubstr("subf")));
  EXPECT_THAT(made, testing::Not(testing::HasSubstr("arith.select")));
}

TEST_F(ArithmeticTest, Roundings) {
  module = parseSourceString<ModuleOp>(R"(
func.func @f(%a: tensor<4x10xf32>, %b: tensor<10x4xf32>, %c: tensor<4x4xf32>) -> tensor<4x4xf32> {
  %0 = linalg.matmul ins(%a, %b : tensor<4x10xf32>, tensor<10x4xf32>) outs(%c : tensor<4x4xf32>) -> tensor<4x4xf32>
  return %0 : tensor<4x4xf32>
})",
                                       &context);
  auto f = module->lookupSymbol<func::FuncOp>("f");
  // A product and a sum for each of ten terms.
  EXPECT_EQ(countRoundings(f), 20);
  EXPECT_EQ(unitRoundoff(f), std::ldexp(1.0, -24));
}

} // namespace

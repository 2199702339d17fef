//===- Arithmetic.h - A payload in other arithmetic -*- C++ -*- ---------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_LIB_RUNNER_ARITHMETIC_H
#define LOOPTREE_LIB_RUNNER_ARITHMETIC_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"

namespace looptree::runner {

/// Makes every float of the module a float64, constants with the values that
/// they have. Fails, with an error, where that is no valid module: a bit cast
/// of a float, say.
mlir::LogicalResult toFloat64(mlir::ModuleOp module);

/// Whether a function of integers gives integers, each a sum, product or
/// selection of such: then nothing is rounded as long as no sum is too large,
/// and no order of the sums matters.
bool isExactOnIntegers(mlir::func::FuncOp function);

/// Makes a function of float64 that is exact on integers return, for magnitudes
/// of its inputs, an upper bound on the magnitude of every sum that it
/// computes, in whatever order its terms are added, one tensor for each op:
/// differences become sums, selections become the larger value. Constants that
/// no float32 sum can hold (what a maximum begins with) become zero.
void toMagnitudes(mlir::func::FuncOp function);

/// Roundings that an element of the function's results is behind: the sum over
/// its linalg ops of terms added times float ops per term.
double countRoundings(mlir::func::FuncOp function);

/// The unit roundoff of the shortest float of the function: 2^-24 for f32; 0
/// when it has none.
double unitRoundoff(mlir::func::FuncOp function);

} // namespace looptree::runner

#endif // LOOPTREE_LIB_RUNNER_ARITHMETIC_H

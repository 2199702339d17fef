//===- RandomData.h - What the functions are run on -*- C++ -*- ---------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_LIB_RUNNER_RANDOMDATA_H
#define LOOPTREE_LIB_RUNNER_RANDOMDATA_H

#include "HostTensor.h"

#include "looptree/Workload/Workload.h"

namespace looptree::runner {

/// What an input is used for, which says how large its values may be.
struct Use {
  /// Some contraction reads it.
  bool isContracted = false;
  /// Of a weight: terms that a contraction adds to one element of its result.
  /// 0: it is no weight.
  int64_t terms = 0;
};

Use useOf(TensorId tensor, const Workload &workload);

/// Reals, the same for one seed, number and use wherever the program runs:
/// weights so that a contraction keeps the scale of its input, what
/// contractions read else in [-1, 1), the rest in [0.25, 1), where roots and
/// quotients are harmless. Integer tensors get randomIntegers().
HostTensor randomReals(mlir::RankedTensorType type, const Use &use,
                       uint64_t seed, unsigned number);

/// Integers in [-3, 3], of weights about `perSum` for each sum that are not
/// zero, of size 1.
HostTensor randomIntegers(mlir::RankedTensorType type, const Use &use,
                          uint64_t seed, unsigned number, int64_t perSum);

} // namespace looptree::runner

#endif // LOOPTREE_LIB_RUNNER_RANDOMDATA_H

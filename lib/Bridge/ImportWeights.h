//===- ImportWeights.h - Which inputs are weights -*- C++ -*--------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_LIB_BRIDGE_IMPORTWEIGHTS_H
#define LOOPTREE_LIB_BRIDGE_IMPORTWEIGHTS_H

#include "looptree/Workload/Workload.h"

#include <vector>

namespace looptree::bridge {

/// Sets Tensor::isWeight of the inputs. `isActivation` says of each tensor
/// whether it is known not to be one: what a barrier computes.
///
/// An argument or constant is a weight unless it is data that the network works
/// on. Data is what, as it is or after elementwise ops on nothing but other
/// arguments in full size (not broadcast),
///   - is the first operand of a contraction whose other operands are not
///     computed by a contraction, a reduction or a barrier,
///   - or is what a reduction (a pool) reduces,
///   - or is an output.
void markWeights(Workload &workload, const std::vector<bool> &isActivation);

} // namespace looptree::bridge

#endif // LOOPTREE_LIB_BRIDGE_IMPORTWEIGHTS_H

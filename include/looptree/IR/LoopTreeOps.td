//===- LoopTreeOps.td - All ops -*- tablegen -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_IR_LOOPTREEOPS_TD
#define LOOPTREE_IR_LOOPTREEOPS_TD

include "looptree/IR/LoopTreeArchOps.td"
include "looptree/IR/LoopTreeLoweredOps.td"
include "looptree/IR/LoopTreeMappingOps.td"
include "looptree/IR/LoopTreeWorkloadOps.td"

#endif // LOOPTREE_IR_LOOPTREEOPS_TD

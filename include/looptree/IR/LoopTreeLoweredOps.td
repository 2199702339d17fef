//===- LoopTreeLoweredOps.td - Marks in lowered code -*- tablegen -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_IR_LOOPTREELOWEREDOPS_TD
#define LOOPTREE_IR_LOOPTREELOWEREDOPS_TD

include "looptree/IR/LoopTreeOpBase.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def LoopTree_WindowOp : LoopTree_Op<"window", [MemoryEffects<[MemWrite]>]> {
  let summary = "a window of a buffer opens";
  let description = [{
    Stands in lowered code where control enters a `retain`, which was the node
    of that number in preorder: from here on its buffer is meant to hold
    `elements` elements of the tensor. Computes nothing.

    **Constraints:**
    - (WN1) At least one element.

    Example:
    ```mlir
    looptree.window 258 of @A at @GLB node 3
    ```
  }];
  let arguments = (ins ConfinedAttr<I64Attr, [IntPositive]>:$elements,
                       SymbolNameAttr:$tensor, SymbolNameAttr:$level,
                       ConfinedAttr<I64Attr, [IntNonNegative]>:$node);
  let assemblyFormat =
      "$elements `of` $tensor `at` $level `node` $node attr-dict";
}

def LoopTree_SkipOp : LoopTree_Op<"skip", [MemoryEffects<[MemWrite]>]> {
  let summary = "ops that have nothing to do";
  let description = [{
    Stands in lowered code beside the leaves: `ops` ops of the einsum read
    padding, which leaves their result as it is. Computes nothing.

    **Constraints:**
    - (SK1) At least one op.

    Example:
    ```mlir
    looptree.skip 12 of @convA
    ```
  }];
  let arguments = (ins ConfinedAttr<I64Attr, [IntPositive]>:$ops,
                       SymbolNameAttr:$einsum);
  let assemblyFormat = "$ops `of` $einsum attr-dict";
}

#endif // LOOPTREE_IR_LOOPTREELOWEREDOPS_TD

//===- LoopTreeInterfaces.td - Interfaces -*- tablegen -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_IR_LOOPTREEINTERFACES_TD
#define LOOPTREE_IR_LOOPTREEINTERFACES_TD

include "mlir/IR/OpBase.td"

def LoopTree_NodeOpInterface : OpInterface<"NodeOpInterface"> {
  let cppNamespace = "::looptree::ir";
  let description = [{
    A node of a mapping tree. A block of a mapping is a chain: any number of
    `retain`s, each of which applies to what follows it, then one node that
    ends the chain (a loop, a split or a compute).
  }];
  let methods = [
    InterfaceMethod<[{
      The einsum that the node names, or null: that of a loop or a compute.
    }], "::mlir::StringAttr", "getNodeEinsum", (ins), [{}],
    /*defaultImplementation=*/[{ return {}; }]>,
    StaticInterfaceMethod<"Whether the chain goes on after the node.",
      "bool", "continuesChain", (ins), [{}],
      /*defaultImplementation=*/[{ return false; }]>
  ];
}

#endif // LOOPTREE_IR_LOOPTREEINTERFACES_TD

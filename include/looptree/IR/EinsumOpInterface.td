//===- EinsumOpInterface.td - What an op is as an einsum -*- tablegen -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_IR_EINSUMOPINTERFACE_TD
#define LOOPTREE_IR_EINSUMOPINTERFACE_TD

include "mlir/IR/OpBase.td"

def LoopTree_EinsumOpInterface : OpInterface<"EinsumOpInterface"> {
  let cppNamespace = "::looptree::ir";
  let description = [{
    The one door by which an op of any dialect says what it is as an einsum.
    Whoever reads a workload asks through it and knows no op by name, so a
    dialect joins by attaching the interface to its ops, as
    looptree/Bridge/LinalgModels.h does for linalg.

    An op with several results is asked about one of them, the only one that
    is used: what computes the others alone is no part of the answer.
  }];
  let methods = [
    InterfaceMethod<[{
      The einsum that computes a result, or failure and in `whyNot` the reason
      in words that continue "this op ...": "has a dynamic shape".
    }], "::mlir::FailureOr<::looptree::ir::EinsumDescription>",
      "describeEinsum", (ins "unsigned":$result, "::std::string &":$whyNot)>,
    InterfaceMethod<[{
      Whether ops that take `value` from `operand` leave their element of the
      result as it was: 0 in a sum of products, the least value in a maximum.
      A border of neutral values need not be stored, read or computed with.
    }], "bool", "isNeutral",
      (ins "unsigned":$operand, "unsigned":$result, "::mlir::Attribute":$value),
      [{}], /*defaultImplementation=*/[{ return false; }]>
  ];
}

#endif // LOOPTREE_IR_EINSUMOPINTERFACE_TD

//===- Passes.td - Passes of LoopTree -*- tablegen -*- --------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_TRANSFORMS_PASSES_TD
#define LOOPTREE_TRANSFORMS_PASSES_TD

include "mlir/Pass/PassBase.td"

def ImportWorkload : Pass<"import-workload", "::mlir::ModuleOp"> {
  let summary = "Read functions on tensors as workloads";
  let description = [{
    Writes a `looptree.workload` before every function that has an op to read as
    an einsum, and on each such op the name of its einsum. The function stays as
    it is. What cannot be read is a barrier, with a remark at the op. A function
    that some workload was read from already is left alone. A module with
    nothing to read gets a warning.
  }];
  let options = [
    Option<"elementBits", "element-bits", "int64_t", "0",
      "Bits of an element in place of its type's; i1 stays one bit. 0: those of "
      "the types">,
    Option<"accumulatorBits", "accumulator-bits", "int64_t", "0",
      "Bits of an element that is a sum or product still in the making. 0: "
      "those of the element">
  ];
  let dependentDialects = ["::looptree::ir::LoopTreeDialect"];
}

def StripCosts : Pass<"strip-costs", "::mlir::ModuleOp"> {
  let summary = "Remove every cost";
  let description = [{
    Removes the costs of mappings, of their nodes and of plans, whoever wrote
    them. `estimate-cost` followed by this pass is the identity.
  }];
}

#endif // LOOPTREE_TRANSFORMS_PASSES_TD

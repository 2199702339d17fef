//===- LoopTreeDialect.td - The looptree dialect -*- tablegen -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_IR_LOOPTREEDIALECT_TD
#define LOOPTREE_IR_LOOPTREEDIALECT_TD

include "mlir/IR/DialectBase.td"

def LoopTree_Dialect : Dialect {
  let name = "looptree";
  let cppNamespace = "::looptree::ir";
  let summary = "Fused-layer dataflow of tensor programs, and what it costs";
  let description = [{
    A *candidate* is three things: a workload (`looptree.workload`), an
    architecture (`looptree.arch`) and a mapping of one onto the other
    (`looptree.mapping`). A `looptree.plan` names one mapping for each fused set
    of a network. Costs are attributes on mappings, plans and their nodes,
    written by `estimate-cost` and removed by `strip-costs`.

    The ops stand beside the payload (linalg on tensors), which stays as it is.
    A payload op names the einsum that it was read as by one discardable
    attribute, whose symbol must exist:

    ```mlir
    linalg.matmul {looptree.einsum = @net::@fc} ins(...) outs(...)
    ```

    Inside the regions of this dialect's ops the prefix `looptree.` may be left
    out. Names of tensors, einsums and ranks belong to their workload, names of
    levels and fan-out dimensions to their architecture.

    What a workload, an architecture or a mapping must fulfil beyond the shape
    of its ops is decided by the model, which the dialect asks through
    `ModelCheckInterface`.
  }];
  let useDefaultAttributePrinterParser = 1;
  let hasOperationAttrVerify = 1;
  let extraClassDeclaration = [{
    void registerAttributes();
  }];
}

#endif // LOOPTREE_IR_LOOPTREEDIALECT_TD

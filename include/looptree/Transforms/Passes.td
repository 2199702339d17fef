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

def StripCosts : Pass<"strip-costs", "::mlir::ModuleOp"> {
  let summary = "Remove every cost";
  let description = [{
    Removes the costs of mappings, of their nodes and of plans, whoever wrote
    them. `estimate-cost` followed by this pass is the identity.
  }];
}

#endif // LOOPTREE_TRANSFORMS_PASSES_TD

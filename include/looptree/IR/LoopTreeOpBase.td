//===- LoopTreeOpBase.td - What every op shares -*- tablegen -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_IR_LOOPTREEOPBASE_TD
#define LOOPTREE_IR_LOOPTREEOPBASE_TD

include "looptree/IR/LoopTreeAttrs.td"
include "looptree/IR/LoopTreeInterfaces.td"
include "mlir/IR/BuiltinAttributes.td"
include "mlir/IR/CommonAttrConstraints.td"
include "mlir/IR/OpAsmInterface.td"
include "mlir/IR/OpBase.td"
include "mlir/IR/SymbolInterfaces.td"

// Only einsums are symbols: payload ops refer to them. The other names (levels,
// fan-out dimensions, tensors) live in spaces of their own, as in the model, and
// are strings that print as `@name` (SymbolNameAttr).

class LoopTree_Op<string mnemonic, list<Trait> traits = []>
    : Op<LoopTree_Dialect, mnemonic, traits>;

/// An op with regions, in which the prefix `looptree.` may be left out.
class LoopTree_RegionOp<string mnemonic, list<Trait> traits = []>
    : LoopTree_Op<mnemonic, !listconcat(traits, [
        NoRegionArguments, NoTerminator, SingleBlock,
        DeclareOpInterfaceMethods<OpAsmOpInterface, ["getDefaultDialect"]>])>;

#endif // LOOPTREE_IR_LOOPTREEOPBASE_TD

//===- LoopTreeMappingOps.td - Mappings and plans -*- tablegen -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_IR_LOOPTREEMAPPINGOPS_TD
#define LOOPTREE_IR_LOOPTREEMAPPINGOPS_TD

include "looptree/IR/LoopTreeOpBase.td"

class LoopTree_Node<string mnemonic, list<Trait> traits = []>
    : LoopTree_Op<mnemonic, !listconcat(traits, [
        ParentOneOf<["MappingOp", "ForOp", "SpatialForOp", "SequentialOp",
                     "PipelineOp"]>])>;

class LoopTree_RegionNode<string mnemonic, list<Trait> traits = []>
    : LoopTree_RegionOp<mnemonic, !listconcat(traits, [
        ParentOneOf<["MappingOp", "ForOp", "SpatialForOp", "SequentialOp",
                     "PipelineOp"]>])>;

def LoopTree_MappingOp : LoopTree_RegionOp<"mapping", [
    Symbol, IsolatedFromAbove,
    DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "how a set of einsums runs on an architecture";
  let description = [{
    A tree of nodes. The body, and each region of a node, is a chain: `retain`s,
    which apply to everything after them, then one loop, split or `compute`. A
    mapping may cover a part of its workload: the einsums that it computes are
    its fused set, and what they read from outside comes from, and what is read
    outside goes to, the outermost level.

    The names inside are those of the workload and the architecture.

    **Constraints:**
    - (MP1) `of` names a workload, `on` an architecture, of the symbol table
      that holds the mapping.
    - (MP2) Every chain is `retain`s and one other node, which ends it.
    - (MP3) Einsums, ranks, tensors, levels and fan-out dimensions that nodes
      name exist; a rank is one of the loop's einsum.
    - (MP4) No `barrier` stands between two einsums of the mapping.
    - (MP5) Every einsum of the set has exactly one `compute`.
    - (MP6) A loop's einsum is the only head of its group: the one whose result
      no other einsum below the loop reads.
    - (MP7) A producer's branch comes before its consumers'.
    - (MP8) A `retain` names tensors that an einsum below it uses, at a level
      that holds them.
    - (MP9) Every operand is retained above its compute; along a path the
      retains of one tensor go strictly inward through the levels, and the first
      stands above every einsum that uses the tensor.
    - (MP10) Inputs and outputs of the set are retained at the outermost level
      above every loop and split.
    - (MP11) A `retain` at the level above a fan-out dimension or further out
      stands above the `spatial_for` over it, one further in below.
    - (MP12) Steps are at least 1 and the tree is at most 256 deep.

    Example:
    ```mlir
    looptree.mapping @line_buffer of @pair on @edge {
      retain @I, @WA, @WB, @B at @DRAM
      retain @WA, @WB at @GLB
      for pb of @convB step 4 {
        retain @I, @A, @B at @GLB no_reuse @A
        sequential {
          compute @convA
        }, {
          compute @convB
        }
      }
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, FlatSymbolRefAttr:$workload,
                       FlatSymbolRefAttr:$arch,
                       OptionalAttr<LoopTree_CostAttr>:$cost);
  let regions = (region AnyRegion:$body);
  let assemblyFormat = [{
    $sym_name `of` $workload `on` $arch attr-dict-with-keyword $body
    (`costs` $cost^)?
  }];
  let hasRegionVerifier = 1;
  let extraClassDeclaration = [{
    /// The computes of the tree, in tree order.
    ::llvm::SmallVector<ComputeOp> getComputes();
  }];
}

def LoopTree_ForOp : LoopTree_RegionNode<"for", [
    DeclareOpInterfaceMethods<LoopTree_NodeOpInterface, ["getNodeEinsum"]>]> {
  let summary = "a temporal loop over a rank";
  let description = [{
    Tile i covers `[lo + i*step, min(lo + (i+1)*step, hi))` of the rank; the
    last tile may be short.

    **Constraints:**
    - (FR1) The step is at least 1.
    - (FR2) The body is a chain, see (MP2) of `looptree.mapping`.

    Example:
    ```mlir
    for pb of @convB step 4 {
      compute @convB
    }
    ```
  }];
  let arguments = (ins StrAttr:$rank, SymbolNameAttr:$einsum, I64Attr:$step);
  let regions = (region AnyRegion:$body);
  let assemblyFormat = [{
    custom<Name>($rank) `of` $einsum `step` $step attr-dict-with-keyword $body
  }];
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
}

def LoopTree_SpatialForOp : LoopTree_RegionNode<"spatial_for", [
    DeclareOpInterfaceMethods<LoopTree_NodeOpInterface, ["getNodeEinsum"]>]> {
  let summary = "a loop over a rank whose iterations run side by side";
  let description = [{
    As `for`, with the iterations on the indices of a fan-out dimension.

    **Constraints:**
    - (SF1) The step is at least 1.
    - (SF2) The body is a chain, see (MP2) of `looptree.mapping`.

    Example:
    ```mlir
    spatial_for ra of @convA step 1 over @X {
      compute @convA
    }
    ```
  }];
  let arguments = (ins StrAttr:$rank, SymbolNameAttr:$einsum, I64Attr:$step,
                       SymbolNameAttr:$fanout);
  let regions = (region AnyRegion:$body);
  let assemblyFormat = [{
    custom<Name>($rank) `of` $einsum `step` $step `over` $fanout
    attr-dict-with-keyword $body
  }];
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
}

def LoopTree_RetainOp : LoopTree_Node<"retain", [
    DeclareOpInterfaceMethods<LoopTree_NodeOpInterface, ["continuesChain"]>]> {
  let summary = "a level keeps tensors from here down";
  let description = [{
    Applies to everything after it in its block. A tensor of `no_reuse` is
    dropped at every entry, and made or fetched anew.

    **Constraints:**
    - (RT1) At least one tensor, none twice.
    - (RT2) Every tensor of `no_reuse` is retained here.

    Example:
    ```mlir
    retain @I, @A, @B at @GLB no_reuse @A
    ```
  }];
  let arguments = (ins StrArrayAttr:$tensors,
    SymbolNameAttr:$level,
    OptionalAttr<StrArrayAttr>:$no_reuse,
    OptionalAttr<TypedArrayAttrBase<LoopTree_BufferCostAttr,
                                    "buffer costs">>:$costs);
  let assemblyFormat = [{
    custom<NameList>($tensors) `at` $level
    (`no_reuse` custom<NameList>($no_reuse)^)?
    (`costs` custom<CostList>($costs)^)? attr-dict
  }];
  let hasVerifier = 1;
}

def LoopTree_SequentialOp : LoopTree_RegionNode<"sequential", [
    DeclareOpInterfaceMethods<LoopTree_NodeOpInterface>]> {
  let summary = "branches one after another, sharing buffer space";
  let description = [{
    **Constraints:**
    - (SQ1) At least one branch; every branch is a chain, see (MP2) of
      `looptree.mapping`.

    Example:
    ```mlir
    sequential {
      compute @convA
    }, {
      compute @convB
    }
    ```
  }];
  let regions = (region VariadicRegion<AnyRegion>:$branches);
  let assemblyFormat = "attr-dict-with-keyword $branches";
  let hasRegionVerifier = 1;
}

def LoopTree_PipelineOp : LoopTree_RegionNode<"pipeline", [
    DeclareOpInterfaceMethods<LoopTree_NodeOpInterface>]> {
  let summary = "branches at the same time, on consecutive tiles";
  let description = [{
    Each branch is a stage with buffers of its own.

    **Constraints:**
    - (PL1) At least one branch; every branch is a chain, see (MP2) of
      `looptree.mapping`.

    Example:
    ```mlir
    pipeline {
      compute @convA
    }, {
      compute @convB
    }
    ```
  }];
  let regions = (region VariadicRegion<AnyRegion>:$branches);
  let assemblyFormat = "attr-dict-with-keyword $branches";
  let hasRegionVerifier = 1;
}

def LoopTree_ComputeOp : LoopTree_Node<"compute", [
    DeclareOpInterfaceMethods<LoopTree_NodeOpInterface, ["getNodeEinsum"]>]> {
  let summary = "run the ops of an einsum's tile";
  let description = [{
    One op at a time, in lexicographic order of the einsum's ranks as declared.

    **Constraints:** none of its own; see (MP5) of `looptree.mapping`.

    Example:
    ```mlir
    compute @convA
    ```
  }];
  let arguments = (ins SymbolNameAttr:$einsum,
                       OptionalAttr<LoopTree_EinsumCostAttr>:$cost);
  let assemblyFormat = "$einsum (`costs` $cost^)? attr-dict";
}

def LoopTree_PlanOp : LoopTree_RegionOp<"plan", [
    Symbol, IsolatedFromAbove,
    DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "one mapping for each fused set of a network, in order";
  let description = [{
    Runs its mappings one after another: together they compute the workload.
    The role says which of the executions that a report compares the plan is,
    the certificate what a search claims of the plan, and what it left out.

    **Constraints:**
    - (PN1) `of` names a workload, `on` an architecture, of the symbol table
      that holds the plan; the body holds `execute` ops only, each of a mapping
      of them.
    - (PN2) Every einsum of the workload is computed by exactly one mapping.
    - (PN3) An einsum's mapping is not executed before those of the einsums
      whose results it reads.

    Example:
    ```mlir
    looptree.plan @fused of @pair on @edge role fused certificate "least off_chip_bits of 12 mappings; other orders of loops: not searched" {
      execute @line_buffer
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, FlatSymbolRefAttr:$workload,
    FlatSymbolRefAttr:$arch, OptionalAttr<LoopTree_PlanRoleAttr>:$role,
    OptionalAttr<StrAttr>:$certificate,
    OptionalAttr<LoopTree_CostAttr>:$cost);
  let regions = (region AnyRegion:$body);
  let assemblyFormat = [{
    $sym_name `of` $workload `on` $arch (`role` custom<Role>($role)^)?
    (`certificate` $certificate^)? attr-dict-with-keyword $body (`costs` $cost^)?
  }];
  let hasRegionVerifier = 1;
}

def LoopTree_ExecuteOp : LoopTree_Op<"execute", [HasParent<"PlanOp">]> {
  let summary = "one mapping of a plan";
  let description = [{
    **Constraints:** none of its own; see (PN1) of `looptree.plan`.

    Example:
    ```mlir
    execute @line_buffer
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$mapping);
  let assemblyFormat = "$mapping attr-dict";
}

#endif // LOOPTREE_IR_LOOPTREEMAPPINGOPS_TD

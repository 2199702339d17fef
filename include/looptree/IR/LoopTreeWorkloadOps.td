//===- LoopTreeWorkloadOps.td - Workloads -*- tablegen -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_IR_LOOPTREEWORKLOADOPS_TD
#define LOOPTREE_IR_LOOPTREEWORKLOADOPS_TD

include "looptree/IR/LoopTreeOpBase.td"

def LoopTree_WorkloadOp : LoopTree_RegionOp<"workload", [
    Symbol, SymbolTable, IsolatedFromAbove,
    DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "tensors and einsums of a network";
  let description = [{
    The einsums stand in topological order. A `barrier` between two of them
    cuts the network: no mapping holds einsums from both sides. `from` names the
    function whose ops the einsums were read from; each einsum is then the
    `looptree.einsum` of exactly one op of it, which `check-mappings` checks.

    **Constraints:**
    - (WL1) The body holds `tensor`, `einsum` and `barrier` ops only, at least
      one einsum.
    - (WL2) No two tensors and no two einsums have one name.
    - (WL3) An access names a tensor of the workload and has one expression
      per dimension of it.
    - (WL4) A tensor has at most one producer; an input none, an intermediate
      or output one; an intermediate is read.
    - (WL5) Einsums that read a tensor come after the one that writes it.
    - (WL6) No write falls outside its tensor's shape.
    - (WL7) Ops of an einsum, elements and bits of a tensor fit 64 bit.

    Example:
    ```mlir
    looptree.workload @pair {
      tensor @I : 20xi8 input
      tensor @WA : 3xi8 input weight
      tensor @A : 18xi8 intermediate
      tensor @WB : 3xi8 input weight
      tensor @B : 16xi8 output
      einsum @convA (pa = 18, ra = 3) writes @A[pa] reads @I[pa + ra], @WA[ra]
      einsum @convB (pb = 16, rb = 3) writes @B[pb] reads @A[pb + rb], @WB[rb]
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name,
                       OptionalAttr<FlatSymbolRefAttr>:$payload);
  let regions = (region AnyRegion:$body);
  let assemblyFormat = [{
    $sym_name (`from` $payload^)? attr-dict-with-keyword $body
  }];
  let hasRegionVerifier = 1;
}

def LoopTree_TensorOp
    : LoopTree_Op<"tensor", [HasParent<"WorkloadOp">]> {
  let summary = "a tensor of a workload";
  let description = [{
    Shape and bits of an element are spelled as in a tensor type, `1x64xi8`; a
    scalar is `i8`. `partial iN` gives the bits of an element while not all its
    ops have run. A `weight` counts as such for the levels that hold only
    certain roles.

    **Constraints:**
    - (TN1) Every extent, the bits and the partial bits are at least 1.

    Example:
    ```mlir
    tensor @Mid : 1x64x56x56xi8 intermediate partial i32
    ```
  }];
  let arguments = (ins SymbolNameAttr:$tensor_name, DenseI64ArrayAttr:$shape,
    I64Attr:$bits, LoopTree_TensorKindAttr:$kind,
    OptionalAttr<I64Attr>:$partial_bits, UnitAttr:$weight);
  let assemblyFormat = [{
    $tensor_name `:` custom<ShapeAndBits>($shape, $bits) custom<Kind>($kind)
    (`partial` custom<Bits>($partial_bits)^)? (`weight` $weight^)? attr-dict
  }];
  let hasVerifier = 1;
}

def LoopTree_EinsumOp
    : LoopTree_Op<"einsum", [Symbol, HasParent<"WorkloadOp">]> {
  let summary = "one einsum of a workload";
  let description = [{
    Ranks with their extents span the iteration space; their order is the order
    in which `compute` runs. One tensor is written, others are read, each at
    affine expressions of the ranks. A read outside a tensor's shape touches
    nothing, which is how padding is written. `init` stands before a bias or
    given accumulator.

    **Constraints:**
    - (EI1) Ranks have unique names, which are identifiers, and extents of at
      least 1.
    - (EI2) An access has the einsum's ranks as dimensions, no symbols; its
      expressions are sums of ranks times coefficients above 0, and a constant.
    - (EI3) No rank stands in two dimensions of one access.
    - (EI4) The write is not an init.

    Example:
    ```mlir
    einsum @conv2 (m = 64, p = 56, q = 56, c = 64, r = 3, s = 3) writes @Out[0, m, p, q] reads @Mid[0, c, p + r - 1, q + s - 1], @W2[m, c, r, s], init @bias[m]
    einsum @relu elementwise (i = 64) writes @R[i] reads @O[i]
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, LoopTree_EinsumKindAttr:$kind,
    StrArrayAttr:$rank_names, DenseI64ArrayAttr:$extents,
    LoopTree_AccessAttr:$write,
    TypedArrayAttrBase<LoopTree_AccessAttr, "accesses">:$reads);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// Position of a rank, or nothing.
    std::optional<unsigned> findRank(::llvm::StringRef name);
  }];
}

def LoopTree_BarrierOp : LoopTree_Op<"barrier", [HasParent<"WorkloadOp">]> {
  let summary = "where fusion stops, and why";
  let description = [{
    Stands where the payload has something that is not an einsum. No mapping
    holds einsums from both sides.

    **Constraints:** none of its own; see (MP4) of `looptree.mapping`.

    Example:
    ```mlir
    barrier "tensor.gather: not an affine access"
    ```
  }];
  let arguments = (ins StrAttr:$reason);
  let assemblyFormat = "$reason attr-dict";
}

#endif // LOOPTREE_IR_LOOPTREEWORKLOADOPS_TD

//===- LoopTreeArchOps.td - Architectures -*- tablegen -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_IR_LOOPTREEARCHOPS_TD
#define LOOPTREE_IR_LOOPTREEARCHOPS_TD

include "looptree/IR/LoopTreeOpBase.td"

def LoopTree_ArchOp : LoopTree_RegionOp<"arch", [Symbol, IsolatedFromAbove]> {
  let summary = "an accelerator: memory levels, fan-outs and compute";
  let description = [{
    An ordered list of memory levels, outermost first, fan-out dimensions, and
    one description of compute.

    **Constraints:**
    - (AR1) The body holds `level`, `fanout` and `compute_unit` ops only, at
      least one level and exactly one compute unit.
    - (AR2) No two levels and no two fan-out dimensions have one name.
    - (AR3) A fan-out dimension lies below a level of the same architecture.
    - (AR4) Sizes and rates are above 0, capacities and energies not below 0,
      and the number of instances of each level fits 64 bit.

    Example:
    ```mlir
    looptree.arch @edge {
      level @DRAM {read_pj_per_bit = 64, write_pj_per_bit = 64, read_bits_per_cycle = 64, write_bits_per_cycle = 64}
      level @GLB {capacity_bits = 128 KiB, read_pj_per_bit = 6, write_pj_per_bit = 6, shared_bits_per_cycle = 0.3}
      fanout @X size 16 below @GLB
      compute_unit {ops_per_cycle = 1, pj_per_op = 1, elementwise = {ops_per_cycle = unbounded}}
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name);
  let regions = (region AnyRegion:$body);
  let assemblyFormat = "$sym_name attr-dict-with-keyword $body";
  let hasRegionVerifier = 1;
}

def LoopTree_LevelOp : LoopTree_Op<"level", [HasParent<"ArchOp">]> {
  let summary = "one memory level";
  let description = [{
    Fields stand in braces as `name = value`, in any order; those at their
    default are not printed:

    | field | default | meaning |
    |---|---|---|
    | `capacity_bits` | unbounded | of one instance; `KiB`, `MiB`, `GiB` may follow |
    | `read_pj_per_bit`, `write_pj_per_bit` | 0 | energy of moving a bit |
    | `access_bits` | none | width of an access, which the convention looptree-v1 takes for each element |
    | `read_bits_per_cycle`, `write_bits_per_cycle`, `shared_bits_per_cycle` | unbounded | exact rates of one instance: `64`, `0.3`, `1/3` |
    | `leakage_pj_per_cycle` | 0 | of one instance |
    | `multicast`, `reduce` | true | what the network below can do |
    | `double_buffered` | false | buffers that have a parent count twice |
    | `holds` | every role | the roles of tensors that it can hold |

    **Constraints:**
    - (LV1) No field twice, no unknown field.
    - (LV2) Numbers are finite, and access_bits at least 1.

    Example:
    ```mlir
    level @GLB {capacity_bits = 128 KiB, read_pj_per_bit = 6, multicast = false, holds = [input, weight]}
    ```
  }];
  let arguments = (ins SymbolNameAttr:$level_name,
    OptionalAttr<I64Attr>:$capacity_bits,
    DefaultValuedAttr<F64Attr, "0.0">:$read_pj_per_bit,
    DefaultValuedAttr<F64Attr, "0.0">:$write_pj_per_bit,
    OptionalAttr<I64Attr>:$access_bits,
    OptionalAttr<LoopTree_RationalAttr>:$read_bits_per_cycle,
    OptionalAttr<LoopTree_RationalAttr>:$write_bits_per_cycle,
    OptionalAttr<LoopTree_RationalAttr>:$shared_bits_per_cycle,
    DefaultValuedAttr<F64Attr, "0.0">:$leakage_pj_per_cycle,
    DefaultValuedAttr<BoolAttr, "true">:$multicast,
    DefaultValuedAttr<BoolAttr, "true">:$reduce,
    DefaultValuedAttr<BoolAttr, "false">:$double_buffered,
    OptionalAttr<TypedArrayAttrBase<LoopTree_TensorRoleAttr, "roles">>:$holds);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
}

def LoopTree_FanOutOp : LoopTree_Op<"fanout", [HasParent<"ArchOp">]> {
  let summary = "a fan-out dimension";
  let description = [{
    Lies directly below one level: levels further in, and compute, have one
    instance for each of its indices.

    **Constraints:**
    - (FO1) The size is at least 1.

    Example:
    ```mlir
    fanout @X size 16 below @GLB
    ```
  }];
  let arguments = (ins SymbolNameAttr:$fanout_name, I64Attr:$size,
                       SymbolNameAttr:$below);
  let assemblyFormat = "$fanout_name `size` $size `below` $below attr-dict";
  let hasVerifier = 1;
}

def LoopTree_ComputeUnitOp
    : LoopTree_Op<"compute_unit", [HasParent<"ArchOp">]> {
  let summary = "compute: rates and energies per kind of einsum";
  let description = [{
    `ops_per_cycle` (default 1; `unbounded`: ops take no time) and `pj_per_op`
    (default 0) hold for every kind of einsum but those that follow with fields
    of their own. `clock_hz` defaults to 10^9, `leakage_pj_per_cycle` to 0.

    **Constraints:**
    - (CU1) No field twice, no unknown field.
    - (CU2) Numbers are finite.

    Example:
    ```mlir
    compute_unit {ops_per_cycle = 256, pj_per_op = 0.5, elementwise = {ops_per_cycle = unbounded}}
    ```
  }];
  let arguments = (ins LoopTree_OpCostAttr:$contraction,
    LoopTree_OpCostAttr:$reduction, LoopTree_OpCostAttr:$elementwise,
    DefaultValuedAttr<F64Attr, "0.0">:$leakage_pj_per_cycle,
    DefaultValuedAttr<F64Attr, "1.0e9">:$clock_hz);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
}

#endif // LOOPTREE_IR_LOOPTREEARCHOPS_TD

//===- LoopTreeAttrs.td - Attributes -*- tablegen -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_IR_LOOPTREEATTRS_TD
#define LOOPTREE_IR_LOOPTREEATTRS_TD

include "looptree/IR/LoopTreeEnums.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/BuiltinAttributeInterfaces.td"

class LoopTree_Attr<string name, string attrMnemonic>
    : AttrDef<LoopTree_Dialect, name> {
  let mnemonic = attrMnemonic;
}

/// A double that prints as the shortest decimal that reads back as itself.
class LoopTree_Decimal<string desc> : APFloatParameter<desc> {
  let parser = "::looptree::ir::parseDecimalParameter($_parser)";
  let printer = "::looptree::ir::printDecimal($_printer, $_self)";
}

//===----------------------------------------------------------------------===//
// Parts of architectures and workloads
//===----------------------------------------------------------------------===//

def LoopTree_RationalAttr : LoopTree_Attr<"Rational", "rational"> {
  let summary = "an exact rate";
  let description = [{
    Bits or operations per cycle, as a fraction in lowest terms. Written as a
    decimal where there is one, else as `numerator / denominator`.

    **Constraints:**
    - (R1) The denominator is at least 1 and the fraction in lowest terms.

    Example:
    ```mlir
    #looptree.rational<0.3>
    #looptree.rational<1/3>
    ```
  }];
  let parameters = (ins "int64_t":$num, "int64_t":$den);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
}

def LoopTree_OpCostAttr : LoopTree_Attr<"OpCost", "op_cost"> {
  let summary = "rate and energy of one kind of einsum";
  let description = [{
    Operations per cycle of one compute instance (`unbounded`: they take no
    time) and picojoules per operation.

    Example:
    ```mlir
    #looptree.op_cost<ops_per_cycle = 1, pj_per_op = 0.5>
    #looptree.op_cost<ops_per_cycle = unbounded>
    ```
  }];
  let parameters = (ins
    OptionalParameter<"RationalAttr", "absent: unbounded">:$opsPerCycle,
    LoopTree_Decimal<"pJ">:$pjPerOp);
  let hasCustomAssemblyFormat = 1;
}

def LoopTree_AccessAttr : LoopTree_Attr<"Access", "access"> {
  let summary = "an operand or the result of an einsum";
  let description = [{
    A tensor of the workload and, for each of its dimensions, an affine
    expression of the einsum's ranks. `init` marks a bias or given accumulator:
    only the ops that begin an element take it. Inside an einsum it is written
    with rank names, `@Mid[c, 2*p + r - 1]`.

    **Constraints:**
    - (A1) The map has no symbols.

    Example:
    ```mlir
    #looptree.access<@A, affine_map<(d0, d1) -> (d0 + d1)>>
    #looptree.access<@bias, affine_map<(d0, d1) -> (d0)>, init>
    ```
  }];
  let parameters = (ins "::mlir::StringAttr":$tensor,
                        "::mlir::AffineMapAttr":$map,
                        "bool":$isInit);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    ::mlir::ArrayRef<::mlir::AffineExpr> getIndex() const {
      return getMap().getValue().getResults();
    }
  }];
}

//===----------------------------------------------------------------------===//
// Costs
//===----------------------------------------------------------------------===//

def LoopTree_LevelCostAttr : LoopTree_Attr<"LevelCost", "level_cost"> {
  let summary = "what a mapping asks of one memory level";
  let description = [{
    Space (bits of one instance), elements read and written, bits moved, cycles
    at the level's bandwidth, and energy in pJ. All instances together but for
    the space.

    Example:
    ```mlir
    #looptree.level_cost<level = "GLB", capacity_bits = 192, reads = 136, writes = 60, read_bits = 1088, write_bits = 480, cycles = 5, energy_pj = 9408>
    ```
  }];
  let parameters = (ins StringRefParameter<"name of the level">:$level,
    "int64_t":$capacity_bits, "int64_t":$reads, "int64_t":$writes,
    "int64_t":$read_bits, "int64_t":$write_bits, "int64_t":$cycles,
    LoopTree_Decimal<"pJ">:$energy_pj);
  let assemblyFormat = "`<` struct(params) `>`";
}

def LoopTree_EinsumCostAttr : LoopTree_Attr<"EinsumCost", "einsum_cost"> {
  let summary = "ops of one einsum under a mapping";
  let description = [{
    Ops executed, ops executed again (`recompute`), and ops of the einsum's
    iteration space never executed (`not_needed`).

    Example:
    ```mlir
    #looptree.einsum_cost<einsum = "convA", ops = 72, recompute = 18, not_needed = 0>
    ```
  }];
  let parameters = (ins StringRefParameter<"name of the einsum">:$einsum,
    "int64_t":$ops, "int64_t":$recompute, "int64_t":$not_needed);
  let assemblyFormat = "`<` struct(params) `>`";
}

def LoopTree_BufferCostAttr : LoopTree_Attr<"BufferCost", "buffer_cost"> {
  let summary = "size and traffic of one buffer of a mapping";
  let description = [{
    The largest window of a retained tensor, in elements and bits; its most
    frequent size (`steady`); the elements of the smallest addressable box
    around a window (`footprint`); and what the buffer moves, in elements and
    bits: all its reads and writes, and those of them that are with its parent
    (`fills` are writes, `drains` reads).

    Example:
    ```mlir
    #looptree.buffer_cost<tensor = "A", elements = 6, bits = 48, steady = 6, footprint = 6, reads = 48, writes = 24, fills = 0, drains = 0, read_bits = 384, write_bits = 192>
    ```
  }];
  let parameters = (ins StringRefParameter<"name of the tensor">:$tensor,
    "int64_t":$elements, "int64_t":$bits, "int64_t":$steady,
    "int64_t":$footprint, "int64_t":$reads, "int64_t":$writes,
    "int64_t":$fills, "int64_t":$drains, "int64_t":$read_bits,
    "int64_t":$write_bits);
  let assemblyFormat = "`<` struct(params) `>`";
}

def LoopTree_ProblemAttr : LoopTree_Attr<"Problem", "problem"> {
  let summary = "a limit of the architecture that a mapping exceeds";
  let description = [{
    The limit (a level's capacity in bits, a fan-out dimension's size, or the
    number of compute instances), what the mapping asks for and the excess.

    Example:
    ```mlir
    #looptree.problem<limit = capacity, of = "GLB", needed = 192, excess = 64>
    ```
  }];
  let parameters = (ins
    EnumParameter<LoopTree_ProblemKind>:$limit,
    StringRefParameter<"level or dimension; empty for compute">:$of,
    "int64_t":$needed, "int64_t":$excess);
  let assemblyFormat = "`<` struct(params) `>`";
}

def LoopTree_CostAttr : LoopTree_Attr<"Cost", "cost"> {
  let summary = "what a mapping or a plan costs";
  let description = [{
    The result of an evaluation: convention, version of the model, a hash of
    everything else that the numbers depend on, and the numbers. `off_chip` counts
    reads and writes at the outermost level, `minimum` is the algorithmic
    minimum. Of a plan the numbers are sums over its mappings, space is the
    largest, utilisation weighted by cycles, of each limit exceeded the worst is
    a problem, and `bound_by` and `einsums` are left out. A cost without
    `problems` is that of a valid mapping. `model` and `inputs` make a stale cost
    detectable: `check-mappings` warns of one.

    Example:
    ```mlir
    #looptree.cost<exact, model = 1, inputs = "90c3f2a1b0d4e5f6",
      off_chip_elements = 42, off_chip_bits = 336,
      minimum_elements = 42, minimum_bits = 336,
      ops = 120, recompute = 18, not_needed = 0,
      latency_cycles = 72, compute_cycles = 72, bound_by = "compute",
      utilisation = 0.5, fill_cycles = 0, drain_cycles = 0,
      energy_pj = 34200, compute_energy_pj = 120, leakage_energy_pj = 0,
      levels = [<level = "GLB", capacity_bits = 192, reads = 136, writes = 60, read_bits = 1088, write_bits = 480, cycles = 5, energy_pj = 9408>],
      einsums = [<einsum = "convA", ops = 72, recompute = 18, not_needed = 0>]>
    ```
  }];
  let parameters = (ins
    EnumParameter<LoopTree_Convention>:$convention,
    "int64_t":$model, StringRefParameter<"16 hex digits">:$inputs,
    "int64_t":$off_chip_elements, "int64_t":$off_chip_bits,
    "int64_t":$minimum_elements, "int64_t":$minimum_bits,
    "int64_t":$ops, "int64_t":$recompute, "int64_t":$not_needed,
    "int64_t":$latency_cycles, "int64_t":$compute_cycles,
    StringRefParameter<"level or compute; empty for a plan", [{""}]>:$bound_by,
    LoopTree_Decimal<"share">:$utilisation,
    "int64_t":$fill_cycles, "int64_t":$drain_cycles,
    LoopTree_Decimal<"pJ">:$energy_pj,
    LoopTree_Decimal<"pJ">:$compute_energy_pj,
    LoopTree_Decimal<"pJ">:$leakage_energy_pj,
    OptionalArrayRefParameter<"LevelCostAttr">:$levels,
    OptionalArrayRefParameter<"EinsumCostAttr">:$einsums,
    OptionalArrayRefParameter<"ProblemAttr">:$problems);
  let assemblyFormat = [{
    `<` $convention `,` struct($model, $inputs, $off_chip_elements,
      $off_chip_bits, $minimum_elements, $minimum_bits, $ops, $recompute,
      $not_needed, $latency_cycles, $compute_cycles, $bound_by, $utilisation,
      $fill_cycles, $drain_cycles, $energy_pj, $compute_energy_pj,
      $leakage_energy_pj, custom<AttrList>($levels),
      custom<AttrList>($einsums), custom<AttrList>($problems)) `>`
  }];
  let extraClassDeclaration = [{
    bool isValid() const { return getProblems().empty(); }
  }];
}

#endif // LOOPTREE_IR_LOOPTREEATTRS_TD

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

def LoopTree_ConventionOption : Option<"convention", "convention",
    "::looptree::Convention", /*default=*/"::looptree::Convention::Exact",
    "By whose rules to count; docs/CostModel.md says where they differ",
    [{::llvm::cl::values(
      clEnumValN(::looptree::Convention::Exact, "exact",
                 "the abstract machine"),
      clEnumValN(::looptree::Convention::LoopTreeV1, "looptree-v1",
                 "the LoopTree paper's implementation, which has one trunk, "
                 "one split and a chain of einsums"))}]>;

def CarryTokens : Pass<"carry-tokens", "::mlir::ModuleOp"> {
  let summary = "Carry the tokens of loops in memory";
  let description = [{
    Upstream's passes from async to LLVM know no loop that carries an
    `!async.token`, as `lower-mappings` makes one of the jobs of a pipeline.
    This pass keeps such tokens in memory, as pointers, with the references that
    `async-runtime-ref-counting` counts. It comes before
    `async-to-async-runtime`; `convert-scf-to-cf` comes after
    `convert-async-to-llvm`.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
    "::mlir::async::AsyncDialect", "::mlir::LLVM::LLVMDialect",
    "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect"];
}

def CheckMappings : Pass<"check-mappings", "::mlir::ModuleOp"> {
  let summary = "Check that mappings fit their chip and payload";
  let description = [{
    Evaluates every mapping and reports

    - a level whose capacity it exceeds, with the buffers there, and fan-out
      dimensions or compute instances that do not suffice;
    - an incomplete mapping: the tensor, the element, and who reads it where
      nothing holds it;
    - of a workload that was read from a function, einsums that no op or more
      than one op is named as, and ops that are not what their einsum says;
    - a stale cost, as a warning: the workload, the architecture or the mapping
      has changed since, or it comes from another version of the model.

    Fails on all but the last.
  }];
  let options = [LoopTree_ConventionOption];
}

def EstimateCost : Pass<"estimate-cost", "::mlir::ModuleOp"> {
  let summary = "Annotate mappings and plans with what they cost";
  let description = [{
    Evaluates every mapping in closed form (docs/CostModel.md) and puts the
    result on the mapping, the sizes of buffers on its retains, the ops of
    einsums on its computes; on a plan the sums over its mappings. A mapping that
    exceeds a limit of the architecture has a cost, which says so. One that has
    no cost, because it is incomplete, a count exceeds 64 bit or the convention
    does not cover it, is an error. A cost says by which convention it counts.

    Then reports what was found, by workload and architecture: each fused set
    beside the layer-by-layer and op-by-op plans of the module, if there are any,
    and the totals.
  }];
  let options = [
    Option<"report", "report", "::looptree::ReportFormat",
      /*default=*/"::looptree::ReportFormat::Table",
      "Form of the report", [{::llvm::cl::values(
        clEnumValN(::looptree::ReportFormat::None, "none", "no report"),
        clEnumValN(::looptree::ReportFormat::Table, "table", "for people"),
        clEnumValN(::looptree::ReportFormat::Json, "json", "for programs"))}]>,
    Option<"reportFile", "report-file", "std::string", /*default=*/"",
      "File for the report instead of standard error">,
    LoopTree_ConventionOption
  ];
}

def DecomposeBarriers : Pass<"decompose-barriers"> {
  let summary = "Turn ops that are no einsums into ops that have buffers";
  let description = [{
    Mappings stop at `linalg.softmax`, `tensor.concat` and whatever else upstream
    knows how to decompose, and leave such ops as they are. They have no form on
    buffers; what they decompose into has.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
    "::mlir::linalg::LinalgDialect", "::mlir::math::MathDialect",
    "::mlir::tensor::TensorDialect"];
}

def ExpandCopies : Pass<"expand-copies"> {
  let summary = "Turn copies between strided views into linalg.copy";
  let description = [{
    Upstream lowers a `memref.copy` of a view that is not contiguous to a call of
    its runtime library, which moves one element at a time. A `linalg.copy`
    becomes loops instead, and the code needs no library.
  }];
  let dependentDialects = ["::mlir::linalg::LinalgDialect"];
}

def FreeBuffers : Pass<"free-buffers", "::mlir::ModuleOp"> {
  let summary = "Free what bufferized functions allocate";
  let description = [{
    Frees every buffer that a function allocates and does not return, right after
    its last use. What it returns is memory of its own, never that of an
    argument, a constant or another result, and the caller's to free.

    A function that frees something itself, as those that `lower-mappings` makes
    of mappings do, is left as it is.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
    "::mlir::bufferization::BufferizationDialect", "::mlir::func::FuncDialect",
    "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect"];
}

def FuseLayers : Pass<"fuse-layers", "::mlir::ModuleOp"> {
  let summary = "Choose fused sets of layers and their mappings";
  let description = [{
    Reads every function as a workload (see `import-workload`), searches for the
    fused sets and mappings that cost least, and writes what it found: the
    architecture, the workload, a mapping for each fused set, and three plans:
    `fused`; `layer_by_layer`, where a layer is a contraction, pool or reduction
    with the single-consumer elementwise einsums that follow it; and `op_by_op`.
    All three come from one search at one capacity. A fused plan is never worse
    than layer by layer by the objective, unless it has to meet `constraints` or
    keep `pinned` mappings, of which the other two plans are free. The payload stays as it is but for the
    names of einsums on its ops. The certificate of the fused plan says what the
    search did not look at.

    A workload that stands in the module already, read from a function or
    written by hand, is used as it is; plans with a role that an earlier run
    made for it are replaced.

    `constraints` are `partitioned_ranks`, `loop_order`, `max_loops`, `steps`,
    `unfused`, `fused`, `retain` and `splits` of a problem file
    (docs/Candidates.md), for einsums and tensors of the workload: what is said of an einsum's ranks holds for the
    sets that end with it. The braces around them may be left out:
    `constraints={max_loops: 1, fused: [T1]}`. A set of `fused` holds all
    einsums that touch the tensor; `unfused` tensors go from set to set.

    Example:
    ```
    looptree-opt model.mlir --estimate-cost \\
      --fuse-layers="arch=edge capacity=128KiB objective=off_chip_bits"
    ```
  }];
  let options = [
    Option<"arch", "arch", "std::string", /*default=*/"\"edge\"",
      "Architecture: a preset's name, @name of one in the module, or a YAML "
      "file">,
    Option<"capacity", "capacity", "std::string", /*default=*/"\"\"",
      "Overrides capacities: SIZE of the only level that has one, or "
      "LEVEL:SIZE,... (sizes as in 4096, 128KiB, 2MiB)">,
    Option<"objective", "objective", "::looptree::Objective",
      /*default=*/"::looptree::Objective::OffChipBits",
      "What to minimise", [{::llvm::cl::values(
        clEnumValN(::looptree::Objective::OffChipBits, "off_chip_bits",
                   "bits moved at the outermost level"),
        clEnumValN(::looptree::Objective::EnergyPj, "energy_pj", "energy"),
        clEnumValN(::looptree::Objective::Latency, "latency", "cycles"),
        clEnumValN(::looptree::Objective::Edp, "edp",
                   "energy times cycles"))}]>,
    Option<"constraints", "constraints", "std::string", /*default=*/"\"\"",
      "What the fused plan must meet: a YAML file, or its text">,
    ListOption<"pinned", "pinned", "std::string",
      "Mappings of the module that the fused plan executes as they are">,
    Option<"seconds", "seconds", "double", /*default=*/"0",
      "End the search after so long with the best plan so far; 0: when it is "
      "done">,
    ListOption<"functions", "functions", "std::string",
      "Functions to fuse; all when absent">,
    Option<"elementBits", "element-bits", "int64_t", /*default=*/"0",
      "As of import-workload">,
    Option<"accumulatorBits", "accumulator-bits", "int64_t", /*default=*/"0",
      "As of import-workload">
  ];
  let dependentDialects = ["::looptree::ir::LoopTreeDialect"];
}

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

def InstrumentTransfers : Pass<"instrument-transfers", "::mlir::ModuleOp"> {
  let summary = "Count what lowered code does";
  let description = [{
    Puts counters beside the leaves, copies and marks that `lower-mappings`
    made: the ops of each einsum, the elements of each kind of copy (`fill`,
    `drain`, `move`) by tensor, level and einsum, and the largest window of each
    buffer. After a run each is what docs/CostModel.md says, but for moves,
    which the machine does not have.

    `@looptree_counts() -> memref<?xi64>` returns the counters. Its attribute
    `counters` says what each one counts. A declaration that stands in the
    module is replaced by it, so code there may call it.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
    "::mlir::func::FuncDialect", "::mlir::memref::MemRefDialect"];
}

def LowerMappings : Pass<"lower-mappings", "::mlir::ModuleOp"> {
  let summary = "Turn mappings into buffers, copies and loops";
  let description = [{
    For each workload that was read from a function, takes the mappings of its
    plan of role `fused`, else of its only plan, else its only mapping, and makes
    of each a function of its name: a `memref.alloc` for each tensor of a
    `retain`, in the memory space of the level's name; loops; copies between the
    buffers; einsums as `linalg.generic` on views of them. The payload calls
    these functions, and the workload, its mappings and its plans are gone.
    docs/Lowering.md describes the result.

    What cannot be lowered is an error that names the einsum or the mapping and
    the reason; the module then stays as it is.
  }];
  let dependentDialects = ["::mlir::affine::AffineDialect",
    "::mlir::arith::ArithDialect", "::mlir::async::AsyncDialect",
    "::mlir::bufferization::BufferizationDialect",
    "::mlir::complex::ComplexDialect", "::mlir::func::FuncDialect",
    "::mlir::linalg::LinalgDialect", "::mlir::memref::MemRefDialect",
    "::mlir::scf::SCFDialect", "::mlir::tensor::TensorDialect"];
}

def OutlineLeaves : Pass<"outline-leaves", "::mlir::ModuleOp"> {
  let summary = "Turn linalg on buffers into calls, equal ones of one function";
  let description = [{
    Puts each linalg op on memrefs into a private function. Ops that differ only
    in where their operands lie share one, so the first, the steady and the last
    tiles of a mapping are compiled once where they have the same shape. An op
    whose body uses a value from outside that is no constant stays.
  }];
  let dependentDialects = ["::mlir::func::FuncDialect",
    "::mlir::memref::MemRefDialect"];
}

def StripCosts : Pass<"strip-costs", "::mlir::ModuleOp"> {
  let summary = "Remove every cost";
  let description = [{
    Removes the costs of mappings, of their nodes and of plans, whoever wrote
    them. `estimate-cost` followed by this pass is the identity.
  }];
}

def StripLevels : Pass<"strip-levels", "::mlir::ModuleOp"> {
  let summary = "Remove levels and marks from lowered code";
  let description = [{
    Puts every buffer into the default memory space and removes the marks of
    `lower-mappings` and architectures that no mapping is for. What is left is
    upstream's alone, and runs on a CPU.
  }];
}

def VectorizeLeaves : Pass<"vectorize-leaves"> {
  let summary = "Turn linalg on buffers into register tiles";
  let description = [{
    Rewrites each linalg op on memrefs, lowered from a mapping or not, as loops
    around a register tile in the vector dialect. Vectors run along the loop
    along which the result is contiguous, or where there is none along one that
    pays when sums are long; as many of them, for as many points of
    another parallel loop, as registers hold. They are loaded once, carried
    through the reductions by `scf.for`, and stored once, so a convolution, a
    matmul, a pool and an elementwise op each come out as the kernel that it is.
    An extent that is no multiple of the tile has a tile of its own for the rest,
    with masked vectors; extents may be dynamic. A result sums in the order of
    the op's loops, with `vector.fma` where the body multiplies and adds.

    Strided copies become such loops as well. An op whose body or types no
    vector has stays linalg, with a remark that says why and the contiguous loop
    innermost, for `convert-linalg-to-loops`.

    Example:
    ```
    looptree-opt model.mlir --lower-mappings --strip-levels \
      --vectorize-leaves="vector-bits=256 registers=16"
    ```
  }];
  let options = [
    Option<"vectorBits", "vector-bits", "int64_t", /*default=*/"512",
      "Bits of a vector register">,
    Option<"registers", "registers", "int64_t", /*default=*/"32",
      "Vector registers of the machine">
  ];
  let dependentDialects = ["::mlir::affine::AffineDialect",
    "::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect",
    "::mlir::vector::VectorDialect"];
}

#endif // LOOPTREE_TRANSFORMS_PASSES_TD

//===- LoopTreeEnums.td - Enumerations -*- tablegen -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_IR_LOOPTREEENUMS_TD
#define LOOPTREE_IR_LOOPTREEENUMS_TD

include "looptree/IR/LoopTreeDialect.td"
include "mlir/IR/EnumAttr.td"

class LoopTree_Enum<string name, string summary, list<I32EnumAttrCase> cases>
    : I32EnumAttr<name, summary, cases> {
  let cppNamespace = "::looptree::ir";
  let genSpecializedAttr = 0;
}

def LoopTree_TensorKind : LoopTree_Enum<"TensorKind",
    "what a tensor is to its workload", [
      I32EnumAttrCase<"Input", 0, "input">,
      I32EnumAttrCase<"Intermediate", 1, "intermediate">,
      I32EnumAttrCase<"Output", 2, "output">]>;
def LoopTree_TensorKindAttr
    : EnumAttr<LoopTree_Dialect, LoopTree_TensorKind, "tensor_kind">;

def LoopTree_EinsumKind : LoopTree_Enum<"EinsumKind",
    "which rate of compute an einsum takes", [
      I32EnumAttrCase<"Contraction", 0, "contraction">,
      I32EnumAttrCase<"Reduction", 1, "reduction">,
      I32EnumAttrCase<"Elementwise", 2, "elementwise">]>;
def LoopTree_EinsumKindAttr
    : EnumAttr<LoopTree_Dialect, LoopTree_EinsumKind, "einsum_kind">;

def LoopTree_TensorRole : LoopTree_Enum<"TensorRole",
    "what a memory level may be restricted to hold", [
      I32EnumAttrCase<"Input", 0, "input">,
      I32EnumAttrCase<"Weight", 1, "weight">,
      I32EnumAttrCase<"Intermediate", 2, "intermediate">,
      I32EnumAttrCase<"Output", 3, "output">]>;
def LoopTree_TensorRoleAttr
    : EnumAttr<LoopTree_Dialect, LoopTree_TensorRole, "role">;

def LoopTree_PlanRole : LoopTree_Enum<"PlanRole",
    "which of the compared executions a plan is", [
      I32EnumAttrCase<"Fused", 0, "fused">,
      I32EnumAttrCase<"LayerByLayer", 1, "layer_by_layer">,
      I32EnumAttrCase<"OpByOp", 2, "op_by_op">]>;
def LoopTree_PlanRoleAttr
    : EnumAttr<LoopTree_Dialect, LoopTree_PlanRole, "plan_role">;

def LoopTree_Convention : LoopTree_Enum<"Convention",
    "how the abstract machine counts", [
      I32EnumAttrCase<"Exact", 0, "exact">,
      I32EnumAttrCase<"LoopTreeV1", 1, "looptree_v1">]>;

def LoopTree_ProblemKind : LoopTree_Enum<"ProblemKind",
    "why a mapping is not valid", [
      I32EnumAttrCase<"Capacity", 0, "capacity">,
      I32EnumAttrCase<"FanOut", 1, "fanout">,
      I32EnumAttrCase<"ComputeInstances", 2, "compute_instances">]>;

#endif // LOOPTREE_IR_LOOPTREEENUMS_TD

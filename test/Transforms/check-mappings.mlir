// RUN: looptree-opt %S/Inputs/three_convs.mlir --check-mappings 2>&1 | FileCheck %s
// RUN: looptree-opt %S/Inputs/three_convs.mlir --estimate-cost="report=none" --check-mappings 2>&1 | FileCheck %s

// A module in order passes as it is, and fresh costs are not stale.
// CHECK-NOT: {{error|warning}}
// CHECK: looptree.plan @ops
// CHECK-NOT: {{error|warning}}

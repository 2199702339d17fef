// RUN: looptree-opt %s --lower-mappings | FileCheck %s
// RUN: looptree-opt %s --lower-mappings --instrument-transfers | FileCheck %s --check-prefix=COUNT

// Branches take turns: @a and @y lie over each other, @x beside them, and the
// level takes what the model says, 64 bytes for 96 of buffers. @a comes in when
// its branch begins.

// CHECK-LABEL: func.func private @turns
// CHECK: %[[ARENA:.*]] = memref.alloc() {alignment = 64 : i64, looptree.lowered = {kind = "arena", level = "GLB"}} : memref<64xi8, "GLB">
// CHECK-DAG: %[[X:.*]] = memref.view %[[ARENA]][%{{.*}}][] {looptree.lowered = {kind = "buffer", level = "GLB", tensor = "x"}} : memref<64xi8, "GLB"> to memref<8xf32, "GLB">
// CHECK-DAG: %[[A:.*]] = memref.view %[[ARENA]][%{{.*}}][] {looptree.lowered = {kind = "buffer", level = "GLB", tensor = "a"}}
// CHECK-DAG: %[[Y:.*]] = memref.view %[[ARENA]][%{{.*}}][] {looptree.lowered = {kind = "buffer", level = "GLB", tensor = "y"}}
// CHECK: memref.dealloc %[[ARENA]]

// COUNT: func.func @looptree_counts() -> memref<?xi64>
// COUNT-SAME: "live bytes at GLB in turns", "peak bytes at GLB in turns"
looptree.arch @chip {
  level @DRAM
  level @GLB
  compute_unit
}
looptree.workload @w from @main {
  tensor @a : 8xi32 input
  tensor @x : 8xi32 intermediate
  tensor @y : 8xi32 output
  einsum @x elementwise (i = 8) writes @x[i] reads @a[i]
  einsum @y elementwise (i = 8) writes @y[i] reads @x[i]
}
looptree.mapping @turns of @w on @chip {
  retain @a, @y at @DRAM
  retain @x at @GLB
  sequential {
    retain @a at @GLB
    compute @x
  }, {
    retain @y at @GLB
    compute @y
  }
}
func.func @main(%a: tensor<8xf32>) -> tensor<8xf32> {
  %o = tensor.empty() : tensor<8xf32>
  %0 = linalg.exp {looptree.einsum = @w::@x} ins(%a : tensor<8xf32>) outs(%o : tensor<8xf32>) -> tensor<8xf32>
  %1 = linalg.exp {looptree.einsum = @w::@y} ins(%0 : tensor<8xf32>) outs(%o : tensor<8xf32>) -> tensor<8xf32>
  return %1 : tensor<8xf32>
}

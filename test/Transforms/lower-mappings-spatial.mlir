// RUN: looptree-opt %s --lower-mappings --split-input-file | FileCheck %s

// Each instance makes its own rows: a copy of the buffers for each, and all of
// its tile at once.

// CHECK-LABEL: func.func private @rows
// CHECK: %[[X:.*]] = memref.alloc() {{.*}} : memref<4x2x8xf32, "REG">
// CHECK: scf.forall (%[[I:.*]]) in (4) {
// CHECK: memref.subview %[[X]][%[[I]], 0, 0] [1, 2, 8] [1, 1, 1]
// CHECK: linalg.generic
// CHECK: } {looptree.lowered = {fanout = "row", kind = "spatial"}}
looptree.arch @chip {
  level @GLB
  level @REG
  fanout @row size 4 below @GLB
  compute_unit
}
looptree.workload @w from @main_rows {
  tensor @a : 8x8xi32 input
  tensor @x : 8x8xi32 intermediate
  tensor @y : 8x8xi32 output
  einsum @x elementwise (i = 8, j = 8) writes @x[i, j] reads @a[i, j]
  einsum @y elementwise (i = 8, j = 8) writes @y[i, j] reads @x[i, j]
}
looptree.mapping @rows of @w on @chip {
  retain @a, @y at @GLB
  spatial_for i of @y step 2 over @row {
    retain @x at @REG
    sequential {
      compute @x
    }, {
      compute @y
    }
  }
}
func.func @main_rows(%a: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %o = tensor.empty() : tensor<8x8xf32>
  %0 = linalg.exp {looptree.einsum = @w::@x} ins(%a : tensor<8x8xf32>) outs(%o : tensor<8x8xf32>) -> tensor<8x8xf32>
  %1 = linalg.exp {looptree.einsum = @w::@y} ins(%0 : tensor<8x8xf32>) outs(%o : tensor<8x8xf32>) -> tensor<8x8xf32>
  return %1 : tensor<8x8xf32>
}

// -----

// Each instance has a part of every sum. One begins with what the op starts
// from, the others with zero; their parts are added one after another.

// CHECK-LABEL: func.func private @parts
// CHECK: %[[Y:.*]] = memref.alloc() {{.*}} : memref<4x8xf32, "REG">
// CHECK: arith.constant 5.0
// CHECK: scf.forall (%{{.*}}) in (3)
// CHECK: arith.constant 0.0
// CHECK: memref.copy
// CHECK: scf.for
// CHECK: linalg.generic
// CHECK-SAME: kind = "drain"
// CHECK: ^bb0(%[[PART:.*]]: f32, %[[SUM:.*]]: f32):
// CHECK: arith.addf %[[SUM]], %[[PART]]
looptree.arch @chip {
  level @GLB
  level @REG
  fanout @col size 4 below @GLB
  compute_unit
}
looptree.workload @w from @main_parts {
  tensor @a : 8x8xi32 input
  tensor @y : 8xi32 output
  einsum @y reduction (i = 8, k = 8) writes @y[i] reads @a[i, k]
}
looptree.mapping @parts of @w on @chip {
  retain @a, @y at @GLB
  spatial_for k of @y step 2 over @col {
    retain @y at @REG
    compute @y
  }
}
func.func @main_parts(%a: tensor<8x8xf32>) -> tensor<8xf32> {
  %five = arith.constant 5.0 : f32
  %o = tensor.empty() : tensor<8xf32>
  %f = linalg.fill ins(%five : f32) outs(%o : tensor<8xf32>) -> tensor<8xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(i, k) -> (i, k)>, affine_map<(i, k) -> (i)>], iterator_types = ["parallel", "reduction"]}
      ins(%a : tensor<8x8xf32>) outs(%f : tensor<8xf32>) attrs = {looptree.einsum = @w::@y} {
  ^bb0(%x: f32, %s: f32):
    %p = arith.addf %x, %s : f32
    linalg.yield %p : f32
  } -> tensor<8xf32>
  return %0 : tensor<8xf32>
}

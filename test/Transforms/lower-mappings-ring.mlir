// RUN: looptree-opt %s --lower-mappings --split-input-file | FileCheck %s

// Rows move while two of them stay: row i of @x lies at slot i mod 4, so nothing
// moves, and leaves take one row at a time.

// CHECK: #[[SLOT:.*]] = affine_map<(d0, d1) -> ((d0 * 2 + d1) mod 4)>
// CHECK-LABEL: func.func private @rows
// CHECK: %[[X:.*]] = memref.alloc() {{.*}}tensor = "x"}} : memref<4x8xf32, "GLB">
// CHECK-NOT: kind = "move"
// CHECK: %[[AT:.*]] = affine.apply #[[SLOT]](%{{.*}}, %{{.*}})
// CHECK: memref.subview %[[X]][%[[AT]], 0] [1, 8] [1, 1]
// CHECK-NOT: kind = "move"
// CHECK-LABEL: func.func @main_rows
looptree.arch @chip {
  level @DRAM
  level @GLB
  compute_unit
}
looptree.workload @w from @main_rows {
  tensor @a : 10x8xi32 input
  tensor @x : 10x8xi32 intermediate
  tensor @y : 8x8xi32 output
  einsum @x elementwise (i = 10, j = 8) writes @x[i, j] reads @a[i, j]
  einsum @y reduction (i = 8, j = 8, r = 3) writes @y[i, j] reads @x[i + r, j]
}
looptree.mapping @rows of @w on @chip {
  retain @a, @y at @DRAM
  for i of @y step 2 {
    retain @x at @GLB
    sequential {
      compute @x
    }, {
      compute @y
    }
  }
}
func.func @main_rows(%a: tensor<10x8xf32>) -> tensor<8x8xf32> {
  %zero = arith.constant 0.0 : f32
  %o = tensor.empty() : tensor<10x8xf32>
  %p = tensor.empty() : tensor<8x8xf32>
  %w = tensor.empty() : tensor<3xf32>
  %f = linalg.fill ins(%zero : f32) outs(%p : tensor<8x8xf32>) -> tensor<8x8xf32>
  %0 = linalg.exp {looptree.einsum = @w::@x} ins(%a : tensor<10x8xf32>) outs(%o : tensor<10x8xf32>) -> tensor<10x8xf32>
  %1 = linalg.generic {indexing_maps = [affine_map<(i, j, r) -> (i + r, j)>, affine_map<(i, j, r) -> (r)>, affine_map<(i, j, r) -> (i, j)>], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%0, %w : tensor<10x8xf32>, tensor<3xf32>) outs(%f : tensor<8x8xf32>) attrs = {looptree.einsum = @w::@y} {
  ^bb0(%x: f32, %u: f32, %s: f32):
    %q = arith.addf %x, %s : f32
    linalg.yield %q : f32
  } -> tensor<8x8xf32>
  return %1 : tensor<8x8xf32>
}

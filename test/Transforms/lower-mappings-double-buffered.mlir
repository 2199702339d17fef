// RUN: looptree-opt %s --lower-mappings | FileCheck %s
// RUN: looptree run %s | FileCheck %s --check-prefix=RAN

// A level that is double-buffered has room for two windows of what comes from
// another level, and they lie in its two halves by turns: the next four rows of
// @a may come in while the last four are read. What is made at the level has no
// parent, and room for one.

// CHECK: #[[HALF:.*]] = affine_map<(d0) -> (d0 - ((d0 + 1) floordiv 2) * 2 + 1)>
// CHECK-LABEL: func.func private @rows
// CHECK-DAG: %[[A:.*]] = memref.alloc() {{.*}}tensor = "a"}} : memref<2x4x8xf32, "GLB">
// CHECK-DAG: %[[X:.*]] = memref.alloc() {{.*}}tensor = "x"}} : memref<4x8xf32, "GLB">
// CHECK: %[[FIRST:.*]] = memref.subview %[[A]][0, 0, 0] [1, 4, 8]
// CHECK: memref.copy %{{.*}}, %[[FIRST]] {{.*}}kind = "fill"
// CHECK: scf.for %[[I:.*]] = %
// CHECK-DAG: %[[TURN:.*]] = affine.apply #[[HALF]](%[[I]])
// CHECK-DAG: %[[NOW:.*]] = memref.subview %[[A]][%[[TURN]], 0, 0] [1, 2, 8]

// RAN: window GLB a (node 2) 32 32
// RAN: window GLB x (node 2) 32 32
// RAN: bytes GLB 384 384
// RAN: no difference
looptree.arch @chip {
  level @DRAM
  level @GLB {double_buffered = true}
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
    retain @a, @x at @GLB
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

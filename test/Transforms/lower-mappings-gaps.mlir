// RUN: looptree-opt %s --lower-mappings --verify-diagnostics | FileCheck %s
// RUN: looptree run %s | FileCheck %s --check-prefix=RAN

// @b and @y take turns. Beside @x and @b the six bytes of @a are followed by a
// gap of two: all buffers of a level begin where its widest element may.

// CHECK: memref.alloc() {{.*}}gaps = "2", kind = "arena", level = "GLB"}} : memref<56xi8, "GLB">
// RAN: bytes GLB 54 56
// RAN: no difference
looptree.arch @chip {
  level @DRAM
  level @GLB
  compute_unit
}
looptree.workload @w from @main {
  tensor @a : 6xi8 input
  tensor @b : 6xi32 input
  tensor @x : 6xi32 intermediate
  tensor @y : 6xi32 output
  einsum @x elementwise (i = 6) writes @x[i] reads @a[i], @b[i]
  einsum @y elementwise (i = 6) writes @y[i] reads @x[i], @a[i]
}
// expected-remark@+1 {{mapping @turns: buffers that take turns take 56 bytes of level @GLB, 2 of them gaps}}
looptree.mapping @turns of @w on @chip {
  retain @a, @b, @y at @DRAM
  retain @x, @a at @GLB
  sequential {
    retain @b at @GLB
    compute @x
  }, {
    retain @y at @GLB
    compute @y
  }
}
#id = affine_map<(i) -> (i)>
func.func @main(%a: tensor<6xi8>, %b: tensor<6xi32>) -> tensor<6xi32> {
  %e = tensor.empty() : tensor<6xi32>
  %0 = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel"]}
      ins(%a, %b : tensor<6xi8>, tensor<6xi32>) outs(%e : tensor<6xi32>) attrs = {looptree.einsum = @w::@x} {
  ^bb0(%p: i8, %q: i32, %o: i32):
    %w = arith.extsi %p : i8 to i32
    %s = arith.addi %w, %q : i32
    linalg.yield %s : i32
  } -> tensor<6xi32>
  %1 = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel"]}
      ins(%0, %a : tensor<6xi32>, tensor<6xi8>) outs(%e : tensor<6xi32>) attrs = {looptree.einsum = @w::@y} {
  ^bb0(%p: i32, %q: i8, %o: i32):
    %w = arith.extsi %q : i8 to i32
    %s = arith.muli %p, %w : i32
    linalg.yield %s : i32
  } -> tensor<6xi32>
  return %1 : tensor<6xi32>
}

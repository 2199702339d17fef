// RUN: looptree-opt %s --lower-mappings --split-input-file --verify-diagnostics

// Of differences, parts do not add up.

looptree.arch @chip {
  level @GLB
  level @REG
  fanout @col size 4 below @GLB
  compute_unit
}
looptree.workload @w from @difference {
  tensor @a : 8x8xi32 input
  tensor @y : 8xi32 output
  einsum @y reduction (i = 8, k = 8) writes @y[i] reads @a[i, k]
}
looptree.mapping @m of @w on @chip {
  retain @a, @y at @GLB
  spatial_for k of @y step 2 over @col {
    retain @y at @REG
    compute @y
  }
}
func.func @difference(%a: tensor<8x8xf32>) -> tensor<8xf32> {
  %five = arith.constant 5.0 : f32
  %o = tensor.empty() : tensor<8xf32>
  %f = linalg.fill ins(%five : f32) outs(%o : tensor<8xf32>) -> tensor<8xf32>
  // expected-error@+1 {{einsum @y cannot be lowered: a spatial loop of mapping @m makes its elements in parts, and how two parts add up is not known}}
  %0 = linalg.generic {indexing_maps = [affine_map<(i, k) -> (i, k)>, affine_map<(i, k) -> (i)>], iterator_types = ["parallel", "reduction"]}
      ins(%a : tensor<8x8xf32>) outs(%f : tensor<8xf32>) attrs = {looptree.einsum = @w::@y} {
  ^bb0(%x: f32, %s: f32):
    %p = arith.subf %s, %x : f32
    linalg.yield %p : f32
  } -> tensor<8xf32>
  return %0 : tensor<8xf32>
}

// -----

looptree.arch @chip {
  level @DRAM
  // expected-note@+1 {{the level is declared here}}
  level @GLB {capacity_bits = 31}
  compute_unit
}
looptree.workload @w from @capacity {
  tensor @a : 8xi32 input
  tensor @y : 8xi32 output
  einsum @y elementwise (i = 8) writes @y[i] reads @a[i]
}
// expected-error@+1 {{mapping @m needs 32 bits of level @GLB, which has 31: 1 too many; buffers there: @a 32 bits}}
looptree.mapping @m of @w on @chip {
  retain @a, @y at @DRAM
  for i of @y step 1 {
    retain @a at @GLB
    compute @y
  }
}
func.func @capacity(%a: tensor<8xf32>, %o: tensor<8xf32>) -> tensor<8xf32> {
  %0 = linalg.exp {looptree.einsum = @w::@y} ins(%a : tensor<8xf32>) outs(%o : tensor<8xf32>) -> tensor<8xf32>
  return %0 : tensor<8xf32>
}

// -----

looptree.arch @chip {
  level @DRAM
  compute_unit
}
// expected-error@+1 {{workload @w has no plan and 2 mappings; which one to lower?}}
looptree.workload @w from @which {
  tensor @a : 8xi32 input
  tensor @y : 8xi32 output
  einsum @y elementwise (i = 8) writes @y[i] reads @a[i]
}
looptree.mapping @m of @w on @chip {
  retain @a, @y at @DRAM
  compute @y
}
looptree.mapping @n of @w on @chip {
  retain @a, @y at @DRAM
  compute @y
}
func.func @which(%a: tensor<8xf32>, %o: tensor<8xf32>) -> tensor<8xf32> {
  %0 = linalg.exp {looptree.einsum = @w::@y} ins(%a : tensor<8xf32>) outs(%o : tensor<8xf32>) -> tensor<8xf32>
  return %0 : tensor<8xf32>
}

// -----

// expected-warning@-2 {{no mapping of a workload that was read from a function: nothing to lower}}
func.func @nothing() {
  return
}

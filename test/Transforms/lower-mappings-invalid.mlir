// RUN: looptree-opt %s --lower-mappings --split-input-file --verify-diagnostics

looptree.arch @chip {
  level @DRAM
  level @GLB
  compute_unit
}
looptree.workload @w from @pipeline {
  tensor @a : 8xi32 input
  tensor @x : 8xi32 intermediate
  tensor @y : 8xi32 output
  einsum @x elementwise (i = 8) writes @x[i] reads @a[i]
  einsum @y elementwise (i = 8) writes @y[i] reads @x[i]
}
// expected-error@+1 {{mapping @m cannot be lowered: it has a pipeline}}
looptree.mapping @m of @w on @chip {
  retain @a, @y at @DRAM
  for i of @y step 2 {
    retain @x at @GLB
    pipeline {
      compute @x
    }, {
      compute @y
    }
  }
}
func.func @pipeline(%a: tensor<8xf32>, %o: tensor<8xf32>) -> tensor<8xf32> {
  %0 = linalg.exp {looptree.einsum = @w::@x} ins(%a : tensor<8xf32>) outs(%o : tensor<8xf32>) -> tensor<8xf32>
  %1 = linalg.exp {looptree.einsum = @w::@y} ins(%0 : tensor<8xf32>) outs(%o : tensor<8xf32>) -> tensor<8xf32>
  return %1 : tensor<8xf32>
}

// -----

looptree.arch @chip {
  level @DRAM
  level @GLB {capacity_bits = 31}
  compute_unit
}
looptree.workload @w from @capacity {
  tensor @a : 8xi32 input
  tensor @y : 8xi32 output
  einsum @y elementwise (i = 8) writes @y[i] reads @a[i]
}
// expected-error@+1 {{mapping @m cannot be lowered: it exceeds what @chip has, as check-mappings says}}
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

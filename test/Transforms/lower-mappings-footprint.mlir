// RUN: looptree-opt %s --lower-mappings --verify-diagnostics

// Two pairs of elements, five apart, in the box around them.

looptree.arch @chip {
  level @DRAM
  level @GLB
  compute_unit
}
looptree.workload @w from @main {
  tensor @a : 16xi32 input
  tensor @y : 8xi32 output
  einsum @y elementwise (i = 8) writes @y[i] reads @a[i], @a[i + 5]
}
// expected-remark@+1 {{mapping @gap: tensor @a takes 7 elements of level @GLB, its largest window has 4}}
looptree.mapping @gap of @w on @chip {
  retain @a, @y at @DRAM
  for i of @y step 2 {
    retain @a at @GLB
    compute @y
  }
}
func.func @main(%a: tensor<16xf32>) -> tensor<8xf32> {
  %o = tensor.empty() : tensor<8xf32>
  %l = tensor.extract_slice %a[0] [8] [1] : tensor<16xf32> to tensor<8xf32>
  %r = tensor.extract_slice %a[5] [8] [1] : tensor<16xf32> to tensor<8xf32>
  %0 = linalg.add {looptree.einsum = @w::@y} ins(%l, %r : tensor<8xf32>, tensor<8xf32>) outs(%o : tensor<8xf32>) -> tensor<8xf32>
  return %0 : tensor<8xf32>
}

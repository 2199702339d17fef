// RUN: not engine-opt %s --lower-mappings --lower-to-engine 2>&1 | FileCheck %s

// CHECK: error: the engine computes on what is in GLB alone
// CHECK: error: the engine has one level, GLB, not "L2"
looptree.arch @flat {
  level @DRAM
  compute_unit
}
looptree.arch @other {
  level @DRAM
  level @L2
  compute_unit
}
looptree.workload @a from @a_fn {
  tensor @I : 20xi32 input
  tensor @W : 3xi32 input
  tensor @O : 18xi32 output
  einsum @conv (p = 18, r = 3) writes @O[p] reads @I[p + r], @W[r]
}
looptree.mapping @in_dram of @a on @flat {
  retain @I, @W, @O at @DRAM
  compute @conv
}
looptree.workload @b from @b_fn {
  tensor @I : 20xi32 input
  tensor @W : 3xi32 input
  tensor @O : 18xi32 output
  einsum @conv (p = 18, r = 3) writes @O[p] reads @I[p + r], @W[r]
}
looptree.mapping @in_l2 of @b on @other {
  retain @I, @W, @O at @DRAM
  retain @I, @W, @O at @L2
  compute @conv
}
func.func @a_fn(%I: tensor<20xf32>, %W: tensor<3xf32>) -> tensor<18xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<18xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<18xf32>) -> tensor<18xf32>
  %O = linalg.conv_1d {looptree.einsum = @a::@conv} ins(%I, %W : tensor<20xf32>, tensor<3xf32>) outs(%f : tensor<18xf32>) -> tensor<18xf32>
  return %O : tensor<18xf32>
}
func.func @b_fn(%I: tensor<20xf32>, %W: tensor<3xf32>) -> tensor<18xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<18xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<18xf32>) -> tensor<18xf32>
  %O = linalg.conv_1d {looptree.einsum = @b::@conv} ins(%I, %W : tensor<20xf32>, tensor<3xf32>) outs(%f : tensor<18xf32>) -> tensor<18xf32>
  return %O : tensor<18xf32>
}

// RUN: looptree-opt %s --import-workload --split-input-file | FileCheck %s

// CHECK-LABEL: workload @matmul_workload
// CHECK: einsum @matmul (m = 4, n = 16, k = 8) writes @matmul[m, n] reads @a[m, k], @b[k, n], init @c[m, n]
func.func @matmul(%a: tensor<4x8xf32> loc("a"), %b: tensor<8x16xf32> loc("b"), %c: tensor<4x16xf32> loc("c")) -> tensor<4x16xf32> {
  %0 = linalg.matmul ins(%a, %b : tensor<4x8xf32>, tensor<8x16xf32>) outs(%c : tensor<4x16xf32>) -> tensor<4x16xf32>
  return %0 : tensor<4x16xf32>
}

// -----

// CHECK-LABEL: workload @batch_workload
// CHECK: einsum @batch_matmul (b = 2, m = 4, n = 16, k = 8) writes @batch_matmul[b, m, n] reads @a[b, m, k], @b[b, k, n]
func.func @batch(%a: tensor<2x4x8xf32> loc("a"), %b: tensor<2x8x16xf32> loc("b")) -> tensor<2x4x16xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<2x4x16xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<2x4x16xf32>) -> tensor<2x4x16xf32>
  %0 = linalg.batch_matmul ins(%a, %b : tensor<2x4x8xf32>, tensor<2x8x16xf32>) outs(%f : tensor<2x4x16xf32>) -> tensor<2x4x16xf32>
  return %0 : tensor<2x4x16xf32>
}

// -----

// The maps of a named op say how it reads; nothing depends on its name.
// CHECK-LABEL: workload @transposed_workload
// CHECK: einsum @matmul (m = 4, n = 16, k = 8) writes @matmul[m, n] reads @a[k, m], @b[n, k]
func.func @transposed(%a: tensor<8x4xf32> loc("a"), %b: tensor<16x8xf32> loc("b")) -> tensor<4x16xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<4x16xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<4x16xf32>) -> tensor<4x16xf32>
  %0 = linalg.matmul
      indexing_maps = [affine_map<(m, n, k) -> (k, m)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]
      ins(%a, %b : tensor<8x4xf32>, tensor<16x8xf32>) outs(%f : tensor<4x16xf32>) -> tensor<4x16xf32>
  return %0 : tensor<4x16xf32>
}

// -----

// CHECK-LABEL: workload @matvec_and_dot_workload
// CHECK: einsum @matvec (m = 4, k = 8) writes @matvec[m] reads @a[m, k], @x[k]
// CHECK: einsum @dot (k = 4) writes @dot[] reads @matvec[k], @y[k]
func.func @matvec_and_dot(%a: tensor<4x8xf32> loc("a"), %x: tensor<8xf32> loc("x"), %y: tensor<4xf32> loc("y")) -> tensor<f32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<4xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<4xf32>) -> tensor<4xf32>
  %0 = linalg.matvec ins(%a, %x : tensor<4x8xf32>, tensor<8xf32>) outs(%f : tensor<4xf32>) -> tensor<4xf32>
  %e1 = tensor.empty() : tensor<f32>
  %f1 = linalg.fill ins(%zero : f32) outs(%e1 : tensor<f32>) -> tensor<f32>
  %1 = linalg.dot ins(%0, %y : tensor<4xf32>, tensor<4xf32>) outs(%f1 : tensor<f32>) -> tensor<f32>
  return %1 : tensor<f32>
}

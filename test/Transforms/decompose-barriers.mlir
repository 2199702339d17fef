// RUN: looptree-opt %s --decompose-barriers | FileCheck %s
// RUN: looptree-opt %s --fuse-layers 2>%t | looptree run - | FileCheck %s --check-prefix=RAN

// Mappings end at both barriers, and the whole function runs.

// RAN: Function @attention, 2 sets
// RAN: no difference

// CHECK-LABEL: func.func @attention
// CHECK-NOT: linalg.softmax
// CHECK-NOT: tensor.concat
// CHECK: return
func.func @attention(%q: tensor<16x8xf32>, %k: tensor<8x16xf32>, %v: tensor<16x8xf32>) -> tensor<16x16xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<16x16xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<16x16xf32>) -> tensor<16x16xf32>
  %0 = linalg.matmul ins(%q, %k : tensor<16x8xf32>, tensor<8x16xf32>) outs(%f : tensor<16x16xf32>) -> tensor<16x16xf32>
  %1 = linalg.softmax dimension(1) ins(%0 : tensor<16x16xf32>) outs(%e : tensor<16x16xf32>) -> tensor<16x16xf32>
  %g = tensor.empty() : tensor<16x8xf32>
  %h = linalg.fill ins(%zero : f32) outs(%g : tensor<16x8xf32>) -> tensor<16x8xf32>
  %2 = linalg.matmul ins(%1, %v : tensor<16x16xf32>, tensor<16x8xf32>) outs(%h : tensor<16x8xf32>) -> tensor<16x8xf32>
  %3 = tensor.concat dim(1) %2, %v : (tensor<16x8xf32>, tensor<16x8xf32>) -> tensor<16x16xf32>
  return %3 : tensor<16x16xf32>
}

// RUN: looptree-opt %s --import-workload --split-input-file | FileCheck %s

// The window gives its shape and nothing else. Padding with the least value is
// neutral to a maximum.
// CHECK-LABEL: workload @max_pool_workload
// CHECK-NOT: tensor @window
// CHECK: einsum @pool reduction (n = 1, c = 2, p = 4, q = 4, r = 3, s = 3) writes @pool[n, c, p, q] reads @x[n, c, 2*p + r - 1, 2*q + s - 1]{{$}}
func.func @max_pool(%x: tensor<1x2x8x8xf32> loc("x"), %window: tensor<3x3xf32> loc("window")) -> tensor<1x2x4x4xf32> {
  %least = arith.constant 0xFF800000 : f32
  %pad = tensor.pad %x low[0, 0, 1, 1] high[0, 0, 1, 1] {
  ^bb0(%a: index, %b: index, %c: index, %d: index):
    tensor.yield %least : f32
  } : tensor<1x2x8x8xf32> to tensor<1x2x10x10xf32>
  %e = tensor.empty() : tensor<1x2x4x4xf32>
  %f = linalg.fill ins(%least : f32) outs(%e : tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  %0 = linalg.pooling_nchw_max {strides = dense<2> : vector<2xi64>} ins(%pad, %window : tensor<1x2x10x10xf32>, tensor<3x3xf32>) outs(%f : tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("pool")
  return %0 : tensor<1x2x4x4xf32>
}

// -----

// CHECK-LABEL: workload @sum_pool_workload
// CHECK: einsum @pool reduction (n = 1, p = 4, q = 4, c = 2, r = 2, s = 2) writes @pool[n, p, q, c] reads @x[n, 2*p + r, 2*q + s, c]{{$}}
func.func @sum_pool(%x: tensor<1x8x8x2xf32> loc("x")) -> tensor<1x4x4x2xf32> {
  %zero = arith.constant 0.0 : f32
  %window = tensor.empty() : tensor<2x2xf32>
  %e = tensor.empty() : tensor<1x4x4x2xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<1x4x4x2xf32>) -> tensor<1x4x4x2xf32>
  %0 = linalg.pooling_nhwc_sum {strides = dense<2> : vector<2xi64>} ins(%x, %window : tensor<1x8x8x2xf32>, tensor<2x2xf32>) outs(%f : tensor<1x4x4x2xf32>) -> tensor<1x4x4x2xf32> loc("pool")
  return %0 : tensor<1x4x4x2xf32>
}

// -----

// CHECK-LABEL: workload @reduce_workload
// CHECK: einsum @sum reduction (i = 4, j = 8) writes @sum[i] reads @x[i, j]{{$}}
func.func @reduce(%x: tensor<4x8xf32> loc("x")) -> tensor<4xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<4xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<4xf32>) -> tensor<4xf32>
  %0 = linalg.reduce ins(%x : tensor<4x8xf32>) outs(%f : tensor<4xf32>) dimensions = [1]
    (%a: f32, %b: f32) {
      %1 = arith.addf %a, %b : f32
      linalg.yield %1 : f32
    } loc("sum")
  return %0 : tensor<4xf32>
}

// -----

#id = affine_map<(d0, d1) -> (d0, d1)>
#row = affine_map<(d0, d1) -> (d0)>

// A maximum with the index at which it stands, which nobody reads: the op is
// the maximum alone. Sums of squares of one operand are no contraction.
// CHECK-LABEL: workload @dead_result_workload
// CHECK: tensor @max : 4xi32 intermediate
// CHECK-NOT: i64
// CHECK: einsum @max reduction (i = 4, j = 8) writes @max[i] reads @x[i, j]{{$}}
// CHECK: einsum @squares reduction (i = 4, j = 8) writes @squares[i] reads @x[i, j], @max[i]{{$}}
func.func @dead_result(%x: tensor<4x8xf32> loc("x")) -> tensor<4xf32> {
  %least = arith.constant 0xFF800000 : f32
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : i64
  %e = tensor.empty() : tensor<4xf32>
  %f = linalg.fill ins(%least : f32) outs(%e : tensor<4xf32>) -> tensor<4xf32>
  %ei = tensor.empty() : tensor<4xi64>
  %fi = linalg.fill ins(%c0 : i64) outs(%ei : tensor<4xi64>) -> tensor<4xi64>
  %0:2 = linalg.generic {indexing_maps = [#id, #row, #row], iterator_types = ["parallel", "reduction"]} ins(%x : tensor<4x8xf32>) outs(%f, %fi : tensor<4xf32>, tensor<4xi64>) {
  ^bb0(%in: f32, %out: f32, %at: i64):
    %1 = linalg.index 1 : index
    %2 = arith.index_cast %1 : index to i64
    %3 = arith.maximumf %in, %out : f32
    %4 = arith.cmpf ogt, %in, %out : f32
    %5 = arith.select %4, %2, %at : i64
    linalg.yield %3, %5 : f32, i64
  } -> (tensor<4xf32>, tensor<4xi64>) loc("max")
  %f0 = linalg.fill ins(%zero : f32) outs(%e : tensor<4xf32>) -> tensor<4xf32>
  %6 = linalg.generic {indexing_maps = [#id, #row, #row], iterator_types = ["parallel", "reduction"]} ins(%x, %0#0 : tensor<4x8xf32>, tensor<4xf32>) outs(%f0 : tensor<4xf32>) {
  ^bb0(%in: f32, %max: f32, %out: f32):
    %7 = arith.subf %in, %max : f32
    %8 = arith.mulf %7, %7 : f32
    %9 = arith.addf %8, %out : f32
    linalg.yield %9 : f32
  } -> tensor<4xf32> loc("squares")
  return %6 : tensor<4xf32>
}

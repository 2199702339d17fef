// RUN: looptree-opt %s --import-workload --split-input-file | FileCheck %s

// CHECK-LABEL: workload @nchw_workload from @nchw
// CHECK: tensor @x : 2x3x9x9xi32 input{{$}}
// CHECK: tensor @w : 8x3x3x3xi32 input weight
// CHECK: einsum @conv (n = 2, m = 8, p = 4, q = 4, c = 3, r = 3, s = 3) writes @conv[n, m, p, q] reads @x[n, c, 2*p + r, 2*q + s], @w[m, c, r, s]
// CHECK: linalg.conv_2d_nchw_fchw {{.*}}looptree.einsum = @nchw_workload::@conv
func.func @nchw(%x: tensor<2x3x9x9xf32> loc("x"), %w: tensor<8x3x3x3xf32> loc("w"), %o: tensor<2x8x4x4xf32>) -> tensor<2x8x4x4xf32> {
  %zero = arith.constant 0.0 : f32
  %fill = linalg.fill ins(%zero : f32) outs(%o : tensor<2x8x4x4xf32>) -> tensor<2x8x4x4xf32>
  %0 = linalg.conv_2d_nchw_fchw {strides = dense<2> : vector<2xi64>} ins(%x, %w : tensor<2x3x9x9xf32>, tensor<8x3x3x3xf32>) outs(%fill : tensor<2x8x4x4xf32>) -> tensor<2x8x4x4xf32> loc("conv")
  return %0 : tensor<2x8x4x4xf32>
}

// -----

// CHECK-LABEL: workload @nhwc_dilated_workload
// CHECK: einsum @conv (n = 1, p = 5, q = 3, m = 8, r = 3, s = 3, c = 4) writes @conv[n, p, q, m] reads @x[n, p + 2*r, q + 3*s, c], @w[r, s, c, m], init @o[n, p, q, m]
func.func @nhwc_dilated(%x: tensor<1x9x9x4xf32> loc("x"), %w: tensor<3x3x4x8xf32> loc("w"), %o: tensor<1x5x3x8xf32> loc("o")) -> tensor<1x5x3x8xf32> {
  %0 = linalg.conv_2d_nhwc_hwcf {dilations = dense<[2, 3]> : tensor<2xi64>} ins(%x, %w : tensor<1x9x9x4xf32>, tensor<3x3x4x8xf32>) outs(%o : tensor<1x5x3x8xf32>) -> tensor<1x5x3x8xf32> loc("conv")
  return %0 : tensor<1x5x3x8xf32>
}

// -----

// CHECK-LABEL: workload @grouped_workload
// CHECK: einsum @conv (n = 1, g = 2, m = 8, p = 6, q = 6, c = 4, r = 3, s = 3) writes @conv[n, g, m, p, q] reads @x[n, g, c, p + r, q + s], @w[g, m, c, r, s]
func.func @grouped(%x: tensor<1x2x4x8x8xf32> loc("x"), %w: tensor<2x8x4x3x3xf32> loc("w")) -> tensor<1x2x8x6x6xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<1x2x8x6x6xf32>
  %fill = linalg.fill ins(%zero : f32) outs(%e : tensor<1x2x8x6x6xf32>) -> tensor<1x2x8x6x6xf32>
  %0 = linalg.conv_2d_ngchw_gfchw ins(%x, %w : tensor<1x2x4x8x8xf32>, tensor<2x8x4x3x3xf32>) outs(%fill : tensor<1x2x8x6x6xf32>) -> tensor<1x2x8x6x6xf32> loc("conv")
  return %0 : tensor<1x2x8x6x6xf32>
}

// -----

// The result with a multiplier is stored as its collapsed reader sees it.
// CHECK-LABEL: workload @depthwise_workload
// CHECK: tensor @conv : 1x6x6x8xi32 intermediate
// CHECK: einsum @conv (n = 1, p = 6, q = 6, g = 4, m = 2, r = 3, s = 3) writes @conv[n, p, q, 2*g + m] reads @x[n, p + r, q + s, g], @w[r, s, g, m]
// CHECK: einsum @relu elementwise (i = 1, j = 6, k = 6, l = 8) writes @relu[i, j, k, l] reads @conv[i, j, k, l]
func.func @depthwise(%x: tensor<1x8x8x4xf32> loc("x"), %w: tensor<3x3x4x2xf32> loc("w")) -> tensor<1x6x6x8xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<1x6x6x4x2xf32>
  %fill = linalg.fill ins(%zero : f32) outs(%e : tensor<1x6x6x4x2xf32>) -> tensor<1x6x6x4x2xf32>
  %0 = linalg.depthwise_conv_2d_nhwc_hwcm ins(%x, %w : tensor<1x8x8x4xf32>, tensor<3x3x4x2xf32>) outs(%fill : tensor<1x6x6x4x2xf32>) -> tensor<1x6x6x4x2xf32> loc("conv")
  %1 = tensor.collapse_shape %0 [[0], [1], [2], [3, 4]] : tensor<1x6x6x4x2xf32> into tensor<1x6x6x8xf32>
  %e1 = tensor.empty() : tensor<1x6x6x8xf32>
  %fill1 = linalg.fill ins(%zero : f32) outs(%e1 : tensor<1x6x6x8xf32>) -> tensor<1x6x6x8xf32>
  %2 = linalg.max ins(%1, %fill1 : tensor<1x6x6x8xf32>, tensor<1x6x6x8xf32>) outs(%e1 : tensor<1x6x6x8xf32>) -> tensor<1x6x6x8xf32> loc("relu")
  return %2 : tensor<1x6x6x8xf32>
}

// -----

// CHECK-LABEL: workload @line_and_volume_workload
// CHECK: einsum @line (n = 1, p = 6, m = 4, r = 3, c = 2) writes @line[n, p, m] reads @x[n, p + r, c], @w[r, c, m]
// CHECK: einsum @volume (n = 1, p = 2, q = 2, u = 2, m = 4, r = 2, s = 2, v = 2, c = 2) writes @volume[n, p, q, u, m] reads @y[n, p + r, q + s, u + v, c], @k[r, s, v, c, m]
func.func @line_and_volume(%x: tensor<1x8x2xf32> loc("x"), %w: tensor<3x2x4xf32> loc("w"), %y: tensor<1x3x3x3x2xf32> loc("y"), %k: tensor<2x2x2x2x4xf32> loc("k")) -> (tensor<1x6x4xf32>, tensor<1x2x2x2x4xf32>) {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<1x6x4xf32>
  %fill = linalg.fill ins(%zero : f32) outs(%e : tensor<1x6x4xf32>) -> tensor<1x6x4xf32>
  %0 = linalg.conv_1d_nwc_wcf ins(%x, %w : tensor<1x8x2xf32>, tensor<3x2x4xf32>) outs(%fill : tensor<1x6x4xf32>) -> tensor<1x6x4xf32> loc("line")
  %e1 = tensor.empty() : tensor<1x2x2x2x4xf32>
  %fill1 = linalg.fill ins(%zero : f32) outs(%e1 : tensor<1x2x2x2x4xf32>) -> tensor<1x2x2x2x4xf32>
  %1 = linalg.conv_3d_ndhwc_dhwcf ins(%y, %k : tensor<1x3x3x3x2xf32>, tensor<2x2x2x2x4xf32>) outs(%fill1 : tensor<1x2x2x2x4xf32>) -> tensor<1x2x2x2x4xf32> loc("volume")
  return %0, %1 : tensor<1x6x4xf32>, tensor<1x2x2x2x4xf32>
}

// -----

// A quantised convolution reads its zero points as scalars; the padding with
// the input's zero point is neutral. Sums are as wide as their type says.
// CHECK-LABEL: workload @quantised_workload
// CHECK: tensor @x : 1x4x4x2xi8 input
// CHECK: tensor @conv : 1x4x4x4xi32 output
// CHECK: einsum @conv (n = 1, p = 4, q = 4, m = 4, r = 3, s = 3, c = 2) writes @conv[n, p, q, m] reads @x[n, p + r - 1, q + s - 1, c], @w[r, s, c, m]
// CHECK-NOT: {{^ *}}einsum @
func.func @quantised(%x: tensor<1x4x4x2xi8> loc("x"), %w: tensor<3x3x2x4xi8> loc("w")) -> tensor<1x4x4x4xi32> {
  %zero = arith.constant 0 : i32
  %zx = arith.constant 5 : i32
  %zx8 = arith.constant 5 : i8
  %zw = arith.constant 3 : i32
  %pad = tensor.pad %x low[0, 1, 1, 0] high[0, 1, 1, 0] {
  ^bb0(%a: index, %b: index, %c: index, %d: index):
    tensor.yield %zx8 : i8
  } : tensor<1x4x4x2xi8> to tensor<1x6x6x2xi8>
  %e = tensor.empty() : tensor<1x4x4x4xi32>
  %fill = linalg.fill ins(%zero : i32) outs(%e : tensor<1x4x4x4xi32>) -> tensor<1x4x4x4xi32>
  %0 = linalg.conv_2d_nhwc_hwcf_q ins(%pad, %w, %zx, %zw : tensor<1x6x6x2xi8>, tensor<3x3x2x4xi8>, i32, i32) outs(%fill : tensor<1x4x4x4xi32>) -> tensor<1x4x4x4xi32> loc("conv")
  return %0 : tensor<1x4x4x4xi32>
}

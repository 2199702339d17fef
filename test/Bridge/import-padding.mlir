// RUN: looptree-opt %s --import-workload --split-input-file | FileCheck %s

// On one side only, as some frameworks pad; of a producer with another reader.
// CHECK-LABEL: workload @asymmetric_workload
// CHECK: tensor @relu : 1x2x8x8xi32 intermediate
// CHECK: einsum @conv (n = 1, m = 4, p = 4, q = 4, c = 2, r = 3, s = 3) writes @conv[n, m, p, q] reads @relu[n, c, 2*p + r, 2*q + s - 1], @w[m, c, r, s]
// CHECK: einsum @other elementwise (i = 1, j = 2, k = 8, l = 8) writes @other[i, j, k, l] reads @relu[i, j, k, l]
func.func @asymmetric(%x: tensor<1x2x8x8xf32> loc("x"), %w: tensor<4x2x3x3xf32> loc("w")) -> (tensor<1x4x4x4xf32>, tensor<1x2x8x8xf32>) {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<1x2x8x8xf32>
  %relu = linalg.exp ins(%x : tensor<1x2x8x8xf32>) outs(%e : tensor<1x2x8x8xf32>) -> tensor<1x2x8x8xf32> loc("relu")
  %pad = tensor.pad %relu low[0, 0, 0, 1] high[0, 0, 1, 0] {
  ^bb0(%a: index, %b: index, %c: index, %d: index):
    tensor.yield %zero : f32
  } : tensor<1x2x8x8xf32> to tensor<1x2x9x9xf32>
  %e1 = tensor.empty() : tensor<1x4x4x4xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e1 : tensor<1x4x4x4xf32>) -> tensor<1x4x4x4xf32>
  %0 = linalg.conv_2d_nchw_fchw {strides = dense<2> : vector<2xi64>} ins(%pad, %w : tensor<1x2x9x9xf32>, tensor<4x2x3x3xf32>) outs(%f : tensor<1x4x4x4xf32>) -> tensor<1x4x4x4xf32> loc("conv")
  %1 = linalg.exp ins(%relu : tensor<1x2x8x8xf32>) outs(%e : tensor<1x2x8x8xf32>) -> tensor<1x2x8x8xf32> loc("other")
  return %0, %1 : tensor<1x4x4x4xf32>, tensor<1x2x8x8xf32>
}

// -----

// 1 changes a sum of products: the pad is an einsum that writes the border and
// copies the rest.
// CHECK-LABEL: workload @not_neutral_workload
// CHECK: tensor @pad : 1x10x2xi32 intermediate
// CHECK: einsum @pad elementwise (i = 1, j = 10, k = 2) writes @pad[i, j, k] reads @x[i, j - 1, k]{{$}}
// CHECK: einsum @conv (n = 1, p = 8, m = 4, r = 3, c = 2) writes @conv[n, p, m] reads @pad[n, p + r, c], @w[r, c, m]
// CHECK: tensor.pad {{.*}} {
// CHECK: } {looptree.einsum = @not_neutral_workload::@pad}
func.func @not_neutral(%x: tensor<1x8x2xf32> loc("x"), %w: tensor<3x2x4xf32> loc("w")) -> tensor<1x8x4xf32> {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %pad = tensor.pad %x low[0, 1, 0] high[0, 1, 0] {
  ^bb0(%a: index, %b: index, %c: index):
    tensor.yield %one : f32
  } : tensor<1x8x2xf32> to tensor<1x10x2xf32> loc("pad")
  %e = tensor.empty() : tensor<1x8x4xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<1x8x4xf32>) -> tensor<1x8x4xf32>
  %0 = linalg.conv_1d_nwc_wcf ins(%pad, %w : tensor<1x10x2xf32>, tensor<3x2x4xf32>) outs(%f : tensor<1x8x4xf32>) -> tensor<1x8x4xf32> loc("conv")
  return %0 : tensor<1x8x4xf32>
}

// -----

// What is neutral depends on the reader: 0 in a sum, the least value in a
// maximum, 1 in a product. A border stored for one reader is there for all.
// CHECK-LABEL: workload @by_reader_workload
// CHECK: einsum @pad elementwise (i = 6) writes @pad[i] reads @x[i - 1]
// CHECK: einsum @sum reduction (i = 6) writes @sum[] reads @pad[i]
// CHECK: einsum @max reduction (i = 6) writes @max[] reads @pad[i]
// CHECK: einsum @exp elementwise (i = 6) writes @exp[i] reads @pad[i]
func.func @by_reader(%x: tensor<4xf32> loc("x")) -> (tensor<f32>, tensor<f32>, tensor<6xf32>) {
  %zero = arith.constant 0.0 : f32
  %pad = tensor.pad %x low[1] high[1] {
  ^bb0(%a: index):
    tensor.yield %zero : f32
  } : tensor<4xf32> to tensor<6xf32> loc("pad")
  %e = tensor.empty() : tensor<f32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<f32>) -> tensor<f32>
  %0 = linalg.reduce { arith.addf } ins(%pad : tensor<6xf32>) outs(%f : tensor<f32>) dimensions = [0] loc("sum")
  %1 = linalg.reduce { arith.maximumf } ins(%pad : tensor<6xf32>) outs(%f : tensor<f32>) dimensions = [0] loc("max")
  %e1 = tensor.empty() : tensor<6xf32>
  %2 = linalg.exp ins(%pad : tensor<6xf32>) outs(%e1 : tensor<6xf32>) -> tensor<6xf32> loc("exp")
  return %0, %1, %2 : tensor<f32>, tensor<f32>, tensor<6xf32>
}

// -----

// CHECK-LABEL: workload @neutral_values_workload
// CHECK-NOT: einsum @pad
// CHECK: einsum @product reduction (i = 6) writes @product[] reads @x[i - 1]
// CHECK: einsum @min reduction (i = 6) writes @min[] reads @x[i - 1]
// CHECK: einsum @int_max reduction (i = 6) writes @int_max[] reads @n[i - 1]
// CHECK: einsum @float_max reduction (i = 6) writes @float_max[] reads @x[i - 1]
func.func @neutral_values(%x: tensor<4xf32> loc("x"), %n: tensor<4xi8> loc("n")) -> (tensor<f32>, tensor<f32>, tensor<i8>, tensor<f32>) {
  %one = arith.constant 1.0 : f32
  %greatest = arith.constant 0x7F800000 : f32
  %least = arith.constant -128 : i8
  %lowest = arith.constant -3.40282347E+38 : f32
  %p1 = tensor.pad %x low[1] high[1] {
  ^bb0(%a: index):
    tensor.yield %one : f32
  } : tensor<4xf32> to tensor<6xf32> loc("pad")
  %p2 = tensor.pad %x low[1] high[1] {
  ^bb0(%a: index):
    tensor.yield %greatest : f32
  } : tensor<4xf32> to tensor<6xf32> loc("pad")
  %p3 = tensor.pad %n low[1] high[1] {
  ^bb0(%a: index):
    tensor.yield %least : i8
  } : tensor<4xi8> to tensor<6xi8> loc("pad")
  %p4 = tensor.pad %x low[1] high[1] {
  ^bb0(%a: index):
    tensor.yield %lowest : f32
  } : tensor<4xf32> to tensor<6xf32> loc("pad")
  %e = tensor.empty() : tensor<f32>
  %ei = tensor.empty() : tensor<i8>
  %0 = linalg.reduce { arith.mulf } ins(%p1 : tensor<6xf32>) outs(%e : tensor<f32>) dimensions = [0] loc("product")
  %1 = linalg.reduce { arith.minimumf } ins(%p2 : tensor<6xf32>) outs(%e : tensor<f32>) dimensions = [0] loc("min")
  %2 = linalg.reduce { arith.maxsi } ins(%p3 : tensor<6xi8>) outs(%ei : tensor<i8>) dimensions = [0] loc("int_max")
  %3 = linalg.reduce { arith.maximumf } ins(%p4 : tensor<6xf32>) outs(%e : tensor<f32>) dimensions = [0] loc("float_max")
  return %0, %1, %2, %3 : tensor<f32>, tensor<f32>, tensor<i8>, tensor<f32>
}

// -----

// A border that a reshape would fold into the interior has to be stored.
// CHECK-LABEL: workload @then_collapsed_workload
// CHECK: tensor @pad : 24xi32 intermediate
// CHECK: einsum @pad elementwise (i = 4, j = 6) writes @pad[6*i + j] reads @x[i - 1, j - 1]
// CHECK: einsum @sum reduction (i = 24) writes @sum[] reads @pad[i]
func.func @then_collapsed(%x: tensor<2x4xf32> loc("x")) -> tensor<f32> {
  %zero = arith.constant 0.0 : f32
  %pad = tensor.pad %x low[1, 1] high[1, 1] {
  ^bb0(%a: index, %b: index):
    tensor.yield %zero : f32
  } : tensor<2x4xf32> to tensor<4x6xf32> loc("pad")
  %c = tensor.collapse_shape %pad [[0, 1]] : tensor<4x6xf32> into tensor<24xf32>
  %e = tensor.empty() : tensor<f32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<f32>) -> tensor<f32>
  %0 = linalg.reduce { arith.addf } ins(%c : tensor<24xf32>) outs(%f : tensor<f32>) dimensions = [0] loc("sum")
  return %0 : tensor<f32>
}

// RUN: looptree-opt %s --import-workload --split-input-file | FileCheck %s

// Heads of an attention: expand, transpose and collapse between two products
// are the reader's business.
// CHECK-LABEL: workload @heads_workload
// CHECK: tensor @q : 8x12xi32 intermediate
// CHECK: einsum @scores (b = 3, m = 8, n = 8, k = 4) writes @scores[b, m, n] reads @q[m, 4*b + k], @k[b, k, n]
func.func @heads(%x: tensor<8x5xf32> loc("x"), %w: tensor<5x12xf32> loc("w"), %k: tensor<3x4x8xf32> loc("k"), %o: tensor<8x12xf32>, %s: tensor<3x8x8xf32>) -> tensor<3x8x8xf32> {
  %zero = arith.constant 0.0 : f32
  %f = linalg.fill ins(%zero : f32) outs(%o : tensor<8x12xf32>) -> tensor<8x12xf32>
  %q = linalg.matmul ins(%x, %w : tensor<8x5xf32>, tensor<5x12xf32>) outs(%f : tensor<8x12xf32>) -> tensor<8x12xf32> loc("q")
  %1 = tensor.expand_shape %q [[0, 1], [2, 3]] output_shape [1, 8, 3, 4] : tensor<8x12xf32> into tensor<1x8x3x4xf32>
  %e = tensor.empty() : tensor<1x3x8x4xf32>
  %2 = linalg.transpose ins(%1 : tensor<1x8x3x4xf32>) outs(%e : tensor<1x3x8x4xf32>) permutation = [0, 2, 1, 3]
  %3 = tensor.collapse_shape %2 [[0, 1], [2], [3]] : tensor<1x3x8x4xf32> into tensor<3x8x4xf32>
  %fs = linalg.fill ins(%zero : f32) outs(%s : tensor<3x8x8xf32>) -> tensor<3x8x8xf32>
  %4 = linalg.batch_matmul ins(%3, %k : tensor<3x8x4xf32>, tensor<3x4x8xf32>) outs(%fs : tensor<3x8x8xf32>) -> tensor<3x8x8xf32> loc("scores")
  return %4 : tensor<3x8x8xf32>
}

// -----

// The other way round the producer writes into the shape that the reader needs.
// CHECK-LABEL: workload @heads_joined_workload
// CHECK: tensor @v : 8x12xi32 intermediate
// CHECK: einsum @v (b = 3, m = 8, n = 4, k = 8) writes @v[m, 4*b + n] reads @p[b, m, k], @h[b, k, n]
// CHECK: einsum @out (m = 8, n = 5, k = 12) writes @out[m, n] reads @v[m, k], @w[n, k]
func.func @heads_joined(%p: tensor<3x8x8xf32> loc("p"), %h: tensor<3x8x4xf32> loc("h"), %w: tensor<5x12xf32> loc("w"), %o: tensor<3x8x4xf32>, %r: tensor<8x5xf32>) -> tensor<8x5xf32> {
  %zero = arith.constant 0.0 : f32
  %f = linalg.fill ins(%zero : f32) outs(%o : tensor<3x8x4xf32>) -> tensor<3x8x4xf32>
  %v = linalg.batch_matmul ins(%p, %h : tensor<3x8x8xf32>, tensor<3x8x4xf32>) outs(%f : tensor<3x8x4xf32>) -> tensor<3x8x4xf32> loc("v")
  %e = tensor.empty() : tensor<8x3x4xf32>
  %1 = linalg.transpose ins(%v : tensor<3x8x4xf32>) outs(%e : tensor<8x3x4xf32>) permutation = [1, 0, 2]
  %2 = tensor.collapse_shape %1 [[0], [1, 2]] : tensor<8x3x4xf32> into tensor<8x12xf32>
  %e1 = tensor.empty() : tensor<12x5xf32>
  %3 = linalg.transpose ins(%w : tensor<5x12xf32>) outs(%e1 : tensor<12x5xf32>) permutation = [1, 0]
  %fr = linalg.fill ins(%zero : f32) outs(%r : tensor<8x5xf32>) -> tensor<8x5xf32>
  %4 = linalg.matmul ins(%2, %3 : tensor<8x12xf32>, tensor<12x5xf32>) outs(%fr : tensor<8x5xf32>) -> tensor<8x5xf32> loc("out")
  return %4 : tensor<8x5xf32>
}

// -----

// CHECK-LABEL: workload @slices_workload
// CHECK: einsum @sum elementwise (i = 2, j = 3) writes @sum[i, j] reads @x[i + 1, 2*j], @y[3, i, j + 1]
func.func @slices(%x: tensor<4x6xf32> loc("x"), %y: tensor<5x2x4xf32> loc("y")) -> tensor<2x3xf32> {
  %0 = tensor.extract_slice %x[1, 0] [2, 3] [1, 2] : tensor<4x6xf32> to tensor<2x3xf32>
  %1 = tensor.extract_slice %y[3, 0, 1] [1, 2, 3] [1, 1, 1] : tensor<5x2x4xf32> to tensor<2x3xf32>
  %e = tensor.empty() : tensor<2x3xf32>
  %2 = linalg.add ins(%0, %1 : tensor<2x3xf32>, tensor<2x3xf32>) outs(%e : tensor<2x3xf32>) -> tensor<2x3xf32> loc("sum")
  return %2 : tensor<2x3xf32>
}

// -----

#id = affine_map<(d0, d1) -> (d0, d1)>
#swap = affine_map<(d0, d1) -> (d1, d0)>
#row = affine_map<(d0, d1) -> (d0, 0)>

// Ops that only copy, whatever their name; a bias spread over `outs` is an
// init.
// CHECK-LABEL: workload @copies_workload
// CHECK: tensor @bias : 5xi32 input weight
// CHECK: einsum @product (m = 4, n = 5, k = 3) writes @product[m, n] reads @x[k, m], @w[0, n], init @bias[n]
// CHECK-NOT: {{^ *}}einsum @
func.func @copies(%x: tensor<3x4xf32> loc("x"), %w: tensor<1x5xf32> loc("w"), %bias: tensor<5xf32> loc("bias")) -> tensor<4x5xf32> {
  %e0 = tensor.empty() : tensor<4x3xf32>
  %0 = linalg.generic {indexing_maps = [#swap, #id], iterator_types = ["parallel", "parallel"]} ins(%x : tensor<3x4xf32>) outs(%e0 : tensor<4x3xf32>) {
  ^bb0(%in: f32, %out: f32):
    linalg.yield %in : f32
  } -> tensor<4x3xf32>
  %1 = linalg.copy ins(%0 : tensor<4x3xf32>) outs(%e0 : tensor<4x3xf32>) -> tensor<4x3xf32>
  %e1 = tensor.empty() : tensor<3x5xf32>
  %w1 = tensor.collapse_shape %w [[0, 1]] : tensor<1x5xf32> into tensor<5xf32>
  %2 = linalg.broadcast ins(%w1 : tensor<5xf32>) outs(%e1 : tensor<3x5xf32>) dimensions = [0]
  %e2 = tensor.empty() : tensor<4x5xf32>
  %3 = linalg.broadcast ins(%bias : tensor<5xf32>) outs(%e2 : tensor<4x5xf32>) dimensions = [0]
  %4 = linalg.matmul ins(%1, %2 : tensor<4x3xf32>, tensor<3x5xf32>) outs(%3 : tensor<4x5xf32>) -> tensor<4x5xf32> loc("product")
  return %4 : tensor<4x5xf32>
}

// -----

// A reader that takes the columns as one dimension: stored so, rows are no
// harder to read.
// CHECK-LABEL: workload @column_major_workload
// CHECK: tensor @a : 24xi32 intermediate
// CHECK: einsum @a elementwise (i = 4, j = 6) writes @a[i + 4*j] reads @x[i, j]
// CHECK: einsum @rows elementwise (i = 4, j = 6) writes @rows[i, j] reads @a[i + 4*j]
// CHECK: einsum @columns elementwise (i = 24) writes @columns[i] reads @a[i]
func.func @column_major(%x: tensor<4x6xf32> loc("x")) -> (tensor<4x6xf32>, tensor<24xf32>) {
  %e = tensor.empty() : tensor<4x6xf32>
  %0 = linalg.exp ins(%x : tensor<4x6xf32>) outs(%e : tensor<4x6xf32>) -> tensor<4x6xf32> loc("a")
  %e1 = tensor.empty() : tensor<6x4xf32>
  %1 = linalg.transpose ins(%0 : tensor<4x6xf32>) outs(%e1 : tensor<6x4xf32>) permutation = [1, 0]
  %2 = tensor.collapse_shape %1 [[0, 1]] : tensor<6x4xf32> into tensor<24xf32>
  %3 = linalg.exp ins(%0 : tensor<4x6xf32>) outs(%e : tensor<4x6xf32>) -> tensor<4x6xf32> loc("rows")
  %e2 = tensor.empty() : tensor<24xf32>
  %4 = linalg.exp ins(%2 : tensor<24xf32>) outs(%e2 : tensor<24xf32>) -> tensor<24xf32> loc("columns")
  return %3, %4 : tensor<4x6xf32>, tensor<24xf32>
}

// -----

// Rows in one dimension here, columns in one dimension there: no shape serves
// both, and the transpose is an einsum.
// CHECK-LABEL: workload @both_orders_workload
// CHECK: tensor @a : 24xi32 intermediate
// CHECK: tensor @turned : 24xi32 intermediate
// CHECK: einsum @a elementwise (i = 4, j = 6) writes @a[6*i + j] reads @x[i, j]
// CHECK: einsum @turned elementwise (i = 6, j = 4) writes @turned[4*i + j] reads @a[i + 6*j]
// CHECK: einsum @rows elementwise (i = 24) writes @rows[i] reads @a[i]
// CHECK: einsum @columns elementwise (i = 24) writes @columns[i] reads @turned[i]
func.func @both_orders(%x: tensor<4x6xf32> loc("x")) -> (tensor<24xf32>, tensor<24xf32>) {
  %e = tensor.empty() : tensor<4x6xf32>
  %0 = linalg.exp ins(%x : tensor<4x6xf32>) outs(%e : tensor<4x6xf32>) -> tensor<4x6xf32> loc("a")
  %e1 = tensor.empty() : tensor<6x4xf32>
  %1 = linalg.transpose ins(%0 : tensor<4x6xf32>) outs(%e1 : tensor<6x4xf32>) permutation = [1, 0] loc("turned")
  %2 = tensor.collapse_shape %1 [[0, 1]] : tensor<6x4xf32> into tensor<24xf32>
  %3 = tensor.collapse_shape %0 [[0, 1]] : tensor<4x6xf32> into tensor<24xf32>
  %e2 = tensor.empty() : tensor<24xf32>
  %4 = linalg.exp ins(%3 : tensor<24xf32>) outs(%e2 : tensor<24xf32>) -> tensor<24xf32> loc("rows")
  %5 = linalg.exp ins(%2 : tensor<24xf32>) outs(%e2 : tensor<24xf32>) -> tensor<24xf32> loc("columns")
  return %4, %5 : tensor<24xf32>, tensor<24xf32>
}

// -----

// A reshape that no shape lets a reader see through is an einsum too.
// CHECK-LABEL: workload @slice_collapsed_workload
// CHECK: einsum @flat elementwise (i = 2, j = 3) writes @flat[3*i + j] reads @x[i + 1, j + 2]
// CHECK: einsum @exp elementwise (i = 6) writes @exp[i] reads @flat[i]
// CHECK: tensor.collapse_shape {{.*}} {looptree.einsum = @slice_collapsed_workload::@flat}
func.func @slice_collapsed(%x: tensor<4x6xf32> loc("x")) -> tensor<6xf32> {
  %0 = tensor.extract_slice %x[1, 2] [2, 3] [1, 1] : tensor<4x6xf32> to tensor<2x3xf32>
  %1 = tensor.collapse_shape %0 [[0, 1]] : tensor<2x3xf32> into tensor<6xf32> loc("flat")
  %e = tensor.empty() : tensor<6xf32>
  %2 = linalg.exp ins(%1 : tensor<6xf32>) outs(%e : tensor<6xf32>) -> tensor<6xf32> loc("exp")
  return %2 : tensor<6xf32>
}

// -----

// What is returned after a transpose is written in that order to begin with;
// an argument has to be moved, and so has a part of a tensor.
// CHECK-LABEL: workload @returned_workload
// CHECK: tensor @a : 4x6xi32 output
// CHECK: einsum @a elementwise (i = 4, j = 6) writes @a[i, j] reads @x[i, j]
// CHECK: einsum @moved elementwise (i = 6, j = 4) writes @moved[i, j] reads @y[j, i]
// CHECK: einsum @part elementwise (i = 2, j = 6) writes @part[i, j] reads @x[i, j]
// CHECK-NOT: {{^ *}}einsum @
func.func @returned(%x: tensor<4x6xf32> loc("x"), %y: tensor<4x6xf32> loc("y")) -> (tensor<6x4xf32>, tensor<6x4xf32>, tensor<2x6xf32>, tensor<24xf32>) {
  %e = tensor.empty() : tensor<4x6xf32>
  %0 = linalg.exp ins(%x : tensor<4x6xf32>) outs(%e : tensor<4x6xf32>) -> tensor<4x6xf32> loc("a")
  %e1 = tensor.empty() : tensor<6x4xf32>
  %1 = linalg.transpose ins(%0 : tensor<4x6xf32>) outs(%e1 : tensor<6x4xf32>) permutation = [1, 0] loc("turned")
  %2 = linalg.transpose ins(%y : tensor<4x6xf32>) outs(%e1 : tensor<6x4xf32>) permutation = [1, 0] loc("moved")
  %3 = tensor.extract_slice %x[0, 0] [2, 6] [1, 1] : tensor<4x6xf32> to tensor<2x6xf32> loc("part")
  %4 = tensor.collapse_shape %x [[0, 1]] : tensor<4x6xf32> into tensor<24xf32> loc("same")
  return %1, %2, %3, %4 : tensor<6x4xf32>, tensor<6x4xf32>, tensor<2x6xf32>, tensor<24xf32>
}

// RUN: looptree-opt %s --import-workload --split-input-file | FileCheck %s

#id = affine_map<(d0, d1) -> (d0, d1)>
#row = affine_map<(d0, d1) -> (d0, 0)>
#column = affine_map<(d0, d1) -> (d1)>
#none = affine_map<(d0, d1) -> ()>

// Unit dimensions do not move; a rank-0 argument is a tensor, a rank-0 constant
// and a scalar are none.
// CHECK-LABEL: workload @broadcasts_workload
// CHECK: tensor @s : i32 input weight
// CHECK-NOT: tensor @constant
// CHECK: einsum @sum elementwise (i = 4, j = 8) writes @sum[i, j] reads @x[i, j], @r[i, 0], @c[j], @s[]{{$}}
func.func @broadcasts(%x: tensor<4x8xf32> loc("x"), %r: tensor<4x1xf32> loc("r"), %c: tensor<8xf32> loc("c"), %s: tensor<f32> loc("s"), %k: f32) -> tensor<4x8xf32> {
  %six = arith.constant dense<6.0> : tensor<f32>
  %e = tensor.empty() : tensor<4x8xf32>
  %0 = linalg.generic {indexing_maps = [#id, #row, #column, #none, #none, #none, #id], iterator_types = ["parallel", "parallel"]}
      ins(%x, %r, %c, %s, %six, %k : tensor<4x8xf32>, tensor<4x1xf32>, tensor<8xf32>, tensor<f32>, tensor<f32>, f32) outs(%e : tensor<4x8xf32>) {
  ^bb0(%a: f32, %b: f32, %d: f32, %f: f32, %g: f32, %h: f32, %out: f32):
    %1 = arith.addf %a, %b : f32
    %2 = arith.addf %1, %d : f32
    %3 = arith.addf %2, %f : f32
    %4 = arith.addf %3, %g : f32
    %5 = arith.addf %4, %h : f32
    linalg.yield %5 : f32
  } -> tensor<4x8xf32> loc("sum")
  return %0 : tensor<4x8xf32>
}

// -----

#id = affine_map<(d0, d1) -> (d0, d1)>

// An operand that the body does not use is not read; one that stands there
// twice is read once; an `outs` that the body uses is read.
// CHECK-LABEL: workload @operands_workload
// CHECK: einsum @op elementwise (i = 4, j = 8) writes @op[i, j] reads @x[i, j], init @o[i, j]{{$}}
func.func @operands(%x: tensor<4x8xf32> loc("x"), %unused: tensor<4x8xf32> loc("unused"), %o: tensor<4x8xf32> loc("o")) -> tensor<4x8xf32> {
  %0 = linalg.generic {indexing_maps = [#id, #id, #id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%x, %x, %unused : tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>) outs(%o : tensor<4x8xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32, %out: f32):
    %1 = arith.mulf %a, %b : f32
    %2 = arith.addf %1, %out : f32
    linalg.yield %2 : f32
  } -> tensor<4x8xf32> loc("op")
  return %0 : tensor<4x8xf32>
}

// -----

#id = affine_map<(d0, d1) -> (d0, d1)>

// One fill is the start of several ops: it ties them to nothing. As an operand
// it is a scalar. Nothing needs it to be stored but a return.
// CHECK-LABEL: workload @fills_workload
// CHECK: einsum @exp elementwise (i = 4, j = 8) writes @exp[i, j] reads @x[i, j]
// CHECK: einsum @max elementwise (i = 4, j = 8) writes @max[i, j] reads @exp[i, j]{{$}}
// CHECK: einsum @returned elementwise (i = 4, j = 8) writes @returned[i, j]{{$}}
func.func @fills(%x: tensor<4x8xf32> loc("x")) -> (tensor<4x8xf32>, tensor<4x8xf32>) {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<4x8xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<4x8xf32>) -> tensor<4x8xf32>
  %0 = linalg.exp ins(%x : tensor<4x8xf32>) outs(%f : tensor<4x8xf32>) -> tensor<4x8xf32>
  %1 = linalg.max ins(%0, %f : tensor<4x8xf32>, tensor<4x8xf32>) outs(%f : tensor<4x8xf32>) -> tensor<4x8xf32>
  %2 = linalg.fill ins(%zero : f32) outs(%e : tensor<4x8xf32>) -> tensor<4x8xf32> loc("returned")
  return %1, %2 : tensor<4x8xf32>, tensor<4x8xf32>
}

// -----

#id = affine_map<(d0, d1) -> (d0, d1)>

// An assertion in a body is no reason not to read it. An index as a value is
// none either.
// CHECK-LABEL: workload @assertion_workload
// CHECK: einsum @div elementwise (i = 4, j = 8) writes @div[i, j] reads @x[i, j]{{$}}
// CHECK: einsum @iota elementwise (i = 4, j = 8) writes @iota[i, j] reads @div[i, j]{{$}}
func.func @assertion(%x: tensor<4x8xf32> loc("x")) -> tensor<4x8xf32> {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %e = tensor.empty() : tensor<4x8xf32>
  %0 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%x : tensor<4x8xf32>) outs(%e : tensor<4x8xf32>) {
  ^bb0(%a: f32, %out: f32):
    %1 = arith.cmpf one, %a, %zero : f32
    cf.assert %1, "zero"
    %2 = arith.divf %one, %a : f32
    linalg.yield %2 : f32
  } -> tensor<4x8xf32> loc("div")
  %3 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%0 : tensor<4x8xf32>) outs(%e : tensor<4x8xf32>) {
  ^bb0(%a: f32, %out: f32):
    %4 = linalg.index 1 : index
    %5 = arith.index_cast %4 : index to i32
    %6 = arith.sitofp %5 : i32 to f32
    %7 = arith.addf %a, %6 : f32
    linalg.yield %7 : f32
  } -> tensor<4x8xf32> loc("iota")
  return %3 : tensor<4x8xf32>
}

// -----

// A tensor with two readers is one tensor.
// CHECK-LABEL: workload @residual_workload
// CHECK: tensor @a : 4xi32 intermediate
// CHECK: einsum @a elementwise (i = 4) writes @a[i] reads @x[i]
// CHECK: einsum @b elementwise (i = 4) writes @b[i] reads @a[i]
// CHECK: einsum @sum elementwise (i = 4) writes @sum[i] reads @a[i], @b[i]
func.func @residual(%x: tensor<4xf32> loc("x")) -> tensor<4xf32> {
  %e = tensor.empty() : tensor<4xf32>
  %0 = linalg.exp ins(%x : tensor<4xf32>) outs(%e : tensor<4xf32>) -> tensor<4xf32> loc("a")
  %1 = linalg.exp ins(%0 : tensor<4xf32>) outs(%e : tensor<4xf32>) -> tensor<4xf32> loc("b")
  %2 = linalg.add ins(%0, %1 : tensor<4xf32>, tensor<4xf32>) outs(%e : tensor<4xf32>) -> tensor<4xf32> loc("sum")
  return %2 : tensor<4xf32>
}

// -----

// An intermediate that is returned too is an output.
// CHECK-LABEL: workload @returned_too_workload
// CHECK: tensor @a : 4xi32 output
// CHECK: tensor @b : 4xi32 output
func.func @returned_too(%x: tensor<4xf32> loc("x")) -> (tensor<4xf32>, tensor<4xf32>) {
  %e = tensor.empty() : tensor<4xf32>
  %0 = linalg.exp ins(%x : tensor<4xf32>) outs(%e : tensor<4xf32>) -> tensor<4xf32> loc("a")
  %1 = linalg.exp ins(%0 : tensor<4xf32>) outs(%e : tensor<4xf32>) -> tensor<4xf32> loc("b")
  return %0, %1 : tensor<4xf32>, tensor<4xf32>
}

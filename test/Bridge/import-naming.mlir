// RUN: looptree-opt %s --import-workload --split-input-file | FileCheck %s
// RUN: looptree-opt %s --import-workload="element-bits=8 accumulator-bits=24" --split-input-file | FileCheck %s --check-prefix=BITS

// Names come from locations, else from arguments and ops; each is made unique
// and such that it needs no quotes.
// CHECK-LABEL: workload @names_workload
// CHECK: tensor @_0.weight : 4xi32
// CHECK: tensor @arg1 : 4xi32
// CHECK: tensor @a_b : 4xi32 intermediate
// CHECK: tensor @layer1.0.conv1 : 4xi32 intermediate
// CHECK: tensor @layer1.0.conv1_1 : 4xi32 intermediate
// CHECK: tensor @fused : 4xi32 intermediate
// CHECK: tensor @exp : 4xi32 output
// CHECK: einsum @a_b
// CHECK: einsum @layer1.0.conv1 elementwise
// CHECK: einsum @layer1.0.conv1_1 elementwise
// CHECK: einsum @fused
// CHECK: einsum @exp
func.func @names(%x: tensor<4xf32> loc("0.weight"), %y: tensor<4xf32>) -> tensor<4xf32> {
  %e = tensor.empty() : tensor<4xf32>
  %0 = linalg.add ins(%x, %y : tensor<4xf32>, tensor<4xf32>) outs(%e : tensor<4xf32>) -> tensor<4xf32> loc("a/b")
  %1 = linalg.exp ins(%0 : tensor<4xf32>) outs(%e : tensor<4xf32>) -> tensor<4xf32> loc("layer1.0.conv1")
  %2 = linalg.exp ins(%1 : tensor<4xf32>) outs(%e : tensor<4xf32>) -> tensor<4xf32> loc("layer1.0.conv1")
  %3 = linalg.exp ins(%2 : tensor<4xf32>) outs(%e : tensor<4xf32>) -> tensor<4xf32> loc(fused["f.mlir":1:2, "fused"])
  %4 = linalg.exp ins(%3 : tensor<4xf32>) outs(%e : tensor<4xf32>) -> tensor<4xf32>
  return %4 : tensor<4xf32>
}

// -----

#id = affine_map<(d0, d1) -> (d0, d1)>

// Bits are those of the types, or what the options say: of sums while they are
// not complete, but not of maxima; a mask stays one bit.
// CHECK-LABEL: workload @bits_workload
// CHECK: tensor @x : 4x8xi32 input
// CHECK: tensor @h : 8x2xi16 input
// CHECK: tensor @mask : 4x8xi1 intermediate
// CHECK: tensor @at : 4x8xi64 output
// BITS-LABEL: workload @bits_workload
// BITS: tensor @x : 4x8xi8 input{{$}}
// BITS: tensor @h : 8x2xi8 input weight
// BITS: tensor @mask : 4x8xi1 intermediate
// BITS: tensor @at : 4x8xi8 output
// BITS: tensor @product : 4x2xi8 output partial i24
// BITS: tensor @max : 4xi8 output{{$}}
// BITS: tensor @sum : 4xi8 output partial i24
func.func @bits(%x: tensor<4x8xf32> loc("x"), %h: tensor<8x2xf16> loc("h")) -> (tensor<4x8xi64>, tensor<4x2xf32>, tensor<4xf32>, tensor<4xf32>) {
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %e = tensor.empty() : tensor<4x8xi1>
  %0 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%x : tensor<4x8xf32>) outs(%e : tensor<4x8xi1>) {
  ^bb0(%in: f32, %out: i1):
    %9 = arith.cmpf ogt, %in, %zero : f32
    linalg.yield %9 : i1
  } -> tensor<4x8xi1> loc("mask")
  %e1 = tensor.empty() : tensor<4x8xi64>
  %1 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%0 : tensor<4x8xi1>) outs(%e1 : tensor<4x8xi64>) {
  ^bb0(%in: i1, %out: i64):
    %9 = arith.select %in, %c1, %c0 : i64
    linalg.yield %9 : i64
  } -> tensor<4x8xi64> loc("at")
  %e2 = tensor.empty() : tensor<4x2xf32>
  %f2 = linalg.fill ins(%zero : f32) outs(%e2 : tensor<4x2xf32>) -> tensor<4x2xf32>
  %2 = linalg.matmul ins(%x, %h : tensor<4x8xf32>, tensor<8x2xf16>) outs(%f2 : tensor<4x2xf32>) -> tensor<4x2xf32> loc("product")
  %e3 = tensor.empty() : tensor<4xf32>
  %f3 = linalg.fill ins(%zero : f32) outs(%e3 : tensor<4xf32>) -> tensor<4xf32>
  %3 = linalg.reduce { arith.maximumf } ins(%x : tensor<4x8xf32>) outs(%f3 : tensor<4xf32>) dimensions = [1] loc("max")
  %4 = linalg.reduce { arith.addf } ins(%x : tensor<4x8xf32>) outs(%f3 : tensor<4xf32>) dimensions = [1] loc("sum")
  return %1, %2, %3, %4 : tensor<4x8xi64>, tensor<4x2xf32>, tensor<4xf32>, tensor<4xf32>
}

// -----

// Constants are weights, whether all alike or not; what the network works on is
// none: the first operand of a first product, also after elementwise ops on
// arguments alone.
// CHECK-LABEL: workload @weights_workload
// CHECK-DAG: tensor @x1 : 4x8xi32 input{{$}}
// CHECK-DAG: tensor @x2 : 4x8xi32 input{{$}}
// CHECK-DAG: tensor @mean : 8xi32 input weight
// CHECK-DAG: tensor @w1 : 8x8xi32 input weight
// CHECK-DAG: tensor @bias : 8xi32 input weight
// CHECK-DAG: tensor @w2 : 4x4xi32 input weight
// CHECK-DAG: tensor @constant : 8x8xi32 input weight
func.func @weights(%x1: tensor<4x8xf32> loc("x1"), %x2: tensor<4x8xf32> loc("x2"), %mean: tensor<8xf32> loc("mean"), %w1: tensor<8x8xf32> loc("w1"), %bias: tensor<8xf32> loc("bias"), %w2: tensor<4x4xf32> loc("w2")) -> tensor<4x8xf32> {
  %zero = arith.constant 0.0 : f32
  %k = arith.constant dense<0.5> : tensor<8x8xf32>
  %e = tensor.empty() : tensor<4x8xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<4x8xf32>) -> tensor<4x8xf32>
  %0 = linalg.add ins(%x1, %x2 : tensor<4x8xf32>, tensor<4x8xf32>) outs(%e : tensor<4x8xf32>) -> tensor<4x8xf32>
  %m = linalg.broadcast ins(%mean : tensor<8xf32>) outs(%e : tensor<4x8xf32>) dimensions = [0]
  %1 = linalg.sub ins(%0, %m : tensor<4x8xf32>, tensor<4x8xf32>) outs(%e : tensor<4x8xf32>) -> tensor<4x8xf32>
  %b = linalg.broadcast ins(%bias : tensor<8xf32>) outs(%e : tensor<4x8xf32>) dimensions = [0]
  %2 = linalg.matmul ins(%1, %w1 : tensor<4x8xf32>, tensor<8x8xf32>) outs(%b : tensor<4x8xf32>) -> tensor<4x8xf32>
  %3 = linalg.matmul ins(%w2, %2 : tensor<4x4xf32>, tensor<4x8xf32>) outs(%f : tensor<4x8xf32>) -> tensor<4x8xf32>
  %4 = linalg.matmul ins(%3, %k : tensor<4x8xf32>, tensor<8x8xf32>) outs(%f : tensor<4x8xf32>) -> tensor<4x8xf32>
  return %4 : tensor<4x8xf32>
}

// RUN: looptree-opt %s --vectorize-leaves --canonicalize --cse --split-input-file --verify-diagnostics | FileCheck %s
// RUN: looptree-opt %s --vectorize-leaves="vector-bits=256 registers=16" --canonicalize --cse --split-input-file | FileCheck %s --check-prefix=SMALL

// Four vectors of filters by five columns: 20 registers, and five for what is
// loaded. The 53 columns are nine steps of five and two of four, filters go
// around the rows.

// CHECK-LABEL: func.func @convolution(
// CHECK-SAME:    %[[I:.*]]: memref<1x?x55x8xf32>, %[[F:.*]]: memref<3x3x8x128xf32>, %[[O:.*]]: memref<1x?x53x128xf32>)
// CHECK-DAG:     %[[C64:.*]] = arith.constant 64 : index
// CHECK-DAG:     %[[C45:.*]] = arith.constant 45 : index
// CHECK-DAG:     %[[C5:.*]] = arith.constant 5 : index
// CHECK:         scf.for %[[FILTER:.*]] = %{{.*}} step %[[C64]]
// CHECK:           %[[ROWS:.*]] = memref.dim %[[O]], %c1
// CHECK:           scf.for %[[ROW:.*]] = %c0 to %[[ROWS]] step %c1
// CHECK-NEXT:        scf.for %[[COLUMN:.*]] = %c0 to %[[C45]] step %[[C5]]
// CHECK-COUNT-20:      vector.load %[[O]][%c0, %[[ROW]], %{{.*}}, %{{.*}}] : memref<1x?x53x128xf32>, vector<16xf32>
// CHECK-NOT:           vector.load
// CHECK:               %[[SUM:.*]]:20 = scf.for %[[KH:.*]] = %c0 to %c3 step %c1 iter_args
// CHECK:                 scf.for %[[KW:.*]] = %c0 to %c3 step %c1 iter_args
// CHECK:                   scf.for %[[C:.*]] = %c0 to %c8 step %c1 iter_args
// CHECK:                     memref.load %[[I]][%c0, %{{.*}}, %{{.*}}, %[[C]]]
// CHECK:                     vector.load %[[F]][%[[KH]], %[[KW]], %[[C]], %[[FILTER]]]
// CHECK:                     vector.broadcast %{{.*}} : f32 to vector<16xf32>
// CHECK-COUNT-20:            vector.fma
// CHECK-NOT:                 vector.fma
// CHECK-COUNT-20:      vector.store %[[SUM]]#{{.*}}, %[[O]]
// CHECK-COUNT-16:    vector.fma
// CHECK-NOT:         vector.fma
// CHECK:         return
// SMALL-LABEL: func.func @convolution(
// SMALL:         iter_args
// SMALL-COUNT-10:  vector.fma {{.*}} : vector<8xf32>
// SMALL-NOT:       vector.fma
// SMALL:           scf.yield
func.func @convolution(%in: memref<1x?x55x8xf32>, %filter: memref<3x3x8x128xf32>, %out: memref<1x?x53x128xf32>) {
  linalg.conv_2d_nhwc_hwcf ins(%in, %filter : memref<1x?x55x8xf32>, memref<3x3x8x128xf32>) outs(%out : memref<1x?x53x128xf32>)
  return
}

// -----

// Vectors run along the columns, whose rest of 13 is masked; filters are what
// the tile has several of, and what the outermost loop chooses.

// CHECK-LABEL: func.func @channels_first(
// CHECK-SAME:    %[[I:.*]]: memref<1x8x4x31xf32>, %[[F:.*]]: memref<32x8x3x3xf32>
// CHECK:         scf.for %[[FILTER:.*]] = %c0 to
// CHECK-NEXT:      scf.for %[[ROW:.*]] = %c0 to %c2
// CHECK:             vector.load
// CHECK:             %[[MASK:.*]] = vector.constant_mask [13] : vector<16xi1>
// CHECK:             vector.maskedload %{{.*}}, %[[MASK]]
// CHECK:             scf.for
// CHECK-DAG:           vector.load %[[I]]
// CHECK-DAG:           memref.load %[[F]]
// CHECK:             vector.maskedstore
func.func @channels_first(%in: memref<1x8x4x31xf32>, %filter: memref<32x8x3x3xf32>, %out: memref<1x32x2x29xf32>) {
  linalg.conv_2d_nchw_fchw ins(%in, %filter : memref<1x8x4x31xf32>, memref<32x8x3x3xf32>) outs(%out : memref<1x32x2x29xf32>)
  return
}

// -----

// What is multiplied is extended first: the filter's lanes, and the input once.

// CHECK-LABEL: func.func @bytes(
// CHECK-DAG:     %[[I:.*]] = memref.load %{{.*}} : memref<4x3xi8>
// CHECK-DAG:     arith.extsi %[[I]] : i8 to i32
// CHECK-DAG:     vector.load {{.*}} : memref<3x16xi8>, vector<16xi8>
// CHECK-DAG:     arith.extsi %{{.*}} : vector<16xi8> to vector<16xi32>
// CHECK:         arith.muli %{{.*}} : vector<16xi32>
func.func @bytes(%a: memref<4x3xi8>, %b: memref<3x16xi8>, %c: memref<4x16xi32>) {
  linalg.matmul ins(%a, %b : memref<4x3xi8>, memref<3x16xi8>) outs(%c : memref<4x16xi32>)
  return
}

// -----

// The window of a depthwise convolution is short enough to stand without loops,
// and columns that windows share are loaded once.

// CHECK-LABEL: func.func @depthwise(
// CHECK-SAME:    %[[I:.*]]: memref<1x3x7x16xf32>
// CHECK-COUNT-21: vector.load %[[I]]
// CHECK-NOT:     vector.load %[[I]]
// CHECK:         return
func.func @depthwise(%in: memref<1x3x7x16xf32>, %filter: memref<3x3x16xf32>, %out: memref<1x1x5x16xf32>) {
  linalg.depthwise_conv_2d_nhwc_hwc ins(%in, %filter : memref<1x3x7x16xf32>, memref<3x3x16xf32>) outs(%out : memref<1x1x5x16xf32>)
  return
}

// -----

// Every second element: two blocks, of which the even ones.

// CHECK-LABEL: func.func @stride(
// CHECK-SAME:    %[[I:.*]]: memref<1x1x1x31xf32>
// CHECK:         %[[FIRST:.*]] = vector.load %[[I]][%c0, %c0, %c0, %c0]
// CHECK:         %[[EVEN:.*]] = vector.shuffle %[[FIRST]], %[[FIRST]] [16, 18, 20, 22, 24, 26, 28, 30, 8, 9, 10, 11, 12, 13, 14, 15]
// CHECK:         %[[SECOND:.*]] = vector.load %[[I]][%c0, %c0, %c0, %c15]
// CHECK:         vector.shuffle %[[EVEN]], %[[SECOND]] [0, 1, 2, 3, 4, 5, 6, 7, 17, 19, 21, 23, 25, 27, 29, 31]
func.func @stride(%in: memref<1x1x1x31xf32>, %filter: memref<1x1x1x1xf32>, %out: memref<1x1x1x16xf32>) {
  linalg.conv_2d_nchw_fchw {dilations = dense<1> : tensor<2xi64>, strides = dense<2> : tensor<2xi64>} ins(%in, %filter : memref<1x1x1x31xf32>, memref<1x1x1x1xf32>) outs(%out : memref<1x1x1x16xf32>)
  return
}

// -----

// A copy that is one block of memory stays what it is.

// CHECK-LABEL: func.func @copies(
// CHECK-COUNT-2: vector.store {{.*}} : memref<4x32xf32, strided<[64, 1]>>
// CHECK-NOT:     vector.store
// CHECK:         memref.copy %{{.*}} : memref<4x64xf32> to memref<4x64xf32>
func.func @copies(%from: memref<4x64xf32>, %to: memref<4x64xf32>) {
  %a = memref.subview %from[0, 0] [4, 32] [1, 1] : memref<4x64xf32> to memref<4x32xf32, strided<[64, 1]>>
  %b = memref.subview %to[0, 0] [4, 32] [1, 1] : memref<4x64xf32> to memref<4x32xf32, strided<[64, 1]>>
  memref.copy %a, %b : memref<4x32xf32, strided<[64, 1]>> to memref<4x32xf32, strided<[64, 1]>>
  memref.copy %from, %to : memref<4x64xf32> to memref<4x64xf32>
  return
}

// -----

// What no vector has stays linalg, the loop along which the output is
// contiguous innermost.

// CHECK-DAG:   #[[OUT:.*]] = affine_map<(d0, d1, d2) -> (d0, d2)>
// CHECK-LABEL: func.func @division(
// CHECK:         linalg.generic {indexing_maps = [{{.*}}, #[[OUT]]], iterator_types = ["parallel", "reduction", "parallel"]}
func.func @division(%a: memref<4x3xi32>, %b: memref<3x16xi32>, %c: memref<4x16xi32>) {
  // expected-remark @below {{left to loops: its body has a arith.divsi}}
  linalg.generic {indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%a, %b : memref<4x3xi32>, memref<3x16xi32>) outs(%c : memref<4x16xi32>) {
  ^bb0(%x: i32, %y: i32, %z: i32):
    %q = arith.divsi %x, %y : i32
    %s = arith.addi %z, %q : i32
    linalg.yield %s : i32
  }
  return
}

// -----

// An i1 takes a byte of memory.

// CHECK-LABEL: func.func @bits(
// CHECK:         %[[BYTES:.*]] = builtin.unrealized_conversion_cast %{{.*}} : memref<16xi1> to memref<16xi8>
// CHECK:         %[[BITS:.*]] = arith.cmpf ogt, %{{.*}} : vector<16xf32>
// CHECK:         %[[WIDE:.*]] = arith.extui %[[BITS]] : vector<16xi1> to vector<16xi8>
// CHECK:         vector.store %[[WIDE]], %[[BYTES]]
func.func @bits(%a: memref<16xf32>, %b: memref<16xi1>) {
  %zero = arith.constant 0.0 : f32
  linalg.generic {indexing_maps = [affine_map<(m) -> (m)>, affine_map<(m) -> (m)>], iterator_types = ["parallel"]}
      ins(%a : memref<16xf32>) outs(%b : memref<16xi1>) {
  ^bb0(%x: f32, %y: i1):
    %q = arith.cmpf ogt, %x, %zero : f32
    linalg.yield %q : i1
  }
  return
}

// -----

// CHECK-LABEL: func.func @nibbles(
// CHECK:         linalg.map
func.func @nibbles(%a: memref<4xi4>, %b: memref<4xi4>) {
  // expected-remark @below {{left to loops: it has elements of type i4}}
  linalg.map { arith.addi } ins(%a, %a : memref<4xi4>, memref<4xi4>) outs(%b : memref<4xi4>)
  return
}

// -----

// CHECK-LABEL: func.func @complex(
// CHECK:         linalg.generic {{.*}} iterator_types = ["parallel", "reduction", "parallel"]
func.func @complex(%a: memref<2x2xcomplex<f32>>, %b: memref<2x2xcomplex<f32>>, %c: memref<2x2xcomplex<f32>>) {
  // expected-remark @below {{left to loops: its body has a complex.mul}}
  linalg.matmul ins(%a, %b : memref<2x2xcomplex<f32>>, memref<2x2xcomplex<f32>>) outs(%c : memref<2x2xcomplex<f32>>)
  return
}

// -----

// CHECK-LABEL: func.func @two_results(
// CHECK:         linalg.generic
func.func @two_results(%a: memref<4xf32>, %b: memref<f32>, %c: memref<f32>) {
  // expected-remark @below {{left to loops: it has 2 results}}
  linalg.generic {indexing_maps = [affine_map<(m) -> (m)>, affine_map<(m) -> ()>, affine_map<(m) -> ()>], iterator_types = ["reduction"]}
      ins(%a : memref<4xf32>) outs(%b, %c : memref<f32>, memref<f32>) {
  ^bb0(%x: f32, %y: f32, %z: f32):
    %s = arith.addf %x, %y : f32
    %t = arith.maximumf %x, %z : f32
    linalg.yield %s, %t : f32, f32
  }
  return
}

// -----

// CHECK-LABEL: func.func @modulo(
// CHECK:         linalg.generic
func.func @modulo(%a: memref<4xf32>, %b: memref<8xf32>) {
  // expected-remark @below {{left to loops: its accesses are not linear}}
  linalg.generic {indexing_maps = [affine_map<(m) -> (m mod 4)>, affine_map<(m) -> (m)>], iterator_types = ["parallel"]}
      ins(%a : memref<4xf32>) outs(%b : memref<8xf32>) {
  ^bb0(%x: f32, %y: f32):
    linalg.yield %x : f32
  }
  return
}

// -----

// CHECK-LABEL: func.func @nothing(
// CHECK:         return
func.func @nothing(%a: memref<0x4xf32>, %b: memref<0x4xf32>) {
  // expected-remark @below {{left to loops: it has a loop of no iterations}}
  linalg.abs ins(%a : memref<0x4xf32>) outs(%b : memref<0x4xf32>)
  return
}

// RUN: looptree-opt %s --outline-leaves --split-input-file | FileCheck %s

#id = affine_map<(d0) -> (d0)>

// Two slices of one shape are one function; another shape is another one.
// CHECK-LABEL: func.func @slices(
// CHECK:         call @[[TWO:leaf[_0-9]*]](
// CHECK:         call @[[TWO]](
// CHECK:         call @[[FOUR:leaf[_0-9]*]](
// CHECK-NOT:     linalg
// CHECK:       func.func private @[[TWO]](%{{.*}}: memref<2xf32, strided<[1], offset: ?>>, %{{.*}}: memref<2xf32, strided<[1], offset: ?>>)
// CHECK:         %[[HALF:.*]] = arith.constant 5.000000e-01
// CHECK:         linalg.generic
// CHECK:           arith.mulf %{{.*}}, %[[HALF]]
// CHECK:       func.func private @[[FOUR]](
// CHECK-NOT:   func.func
func.func @slices(%in: memref<8xf32>, %out: memref<8xf32>, %i: index) {
  %half = arith.constant 5.000000e-01 : f32
  %a = memref.subview %in[0] [2] [1] : memref<8xf32> to memref<2xf32, strided<[1]>>
  %b = memref.subview %out[0] [2] [1] : memref<8xf32> to memref<2xf32, strided<[1]>>
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%a : memref<2xf32, strided<[1]>>) outs(%b : memref<2xf32, strided<[1]>>) {
  ^bb0(%x: f32, %y: f32):
    %z = arith.mulf %x, %half : f32
    linalg.yield %z : f32
  }
  %c = memref.subview %in[%i] [2] [1] : memref<8xf32> to memref<2xf32, strided<[1], offset: ?>>
  %d = memref.subview %out[%i] [2] [1] : memref<8xf32> to memref<2xf32, strided<[1], offset: ?>>
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%c : memref<2xf32, strided<[1], offset: ?>>) outs(%d : memref<2xf32, strided<[1], offset: ?>>) {
  ^bb0(%x: f32, %y: f32):
    %z = arith.mulf %x, %half : f32
    linalg.yield %z : f32
  }
  %e = memref.subview %in[4] [4] [1] : memref<8xf32> to memref<4xf32, strided<[1], offset: 4>>
  %f = memref.subview %out[4] [4] [1] : memref<8xf32> to memref<4xf32, strided<[1], offset: 4>>
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%e : memref<4xf32, strided<[1], offset: 4>>) outs(%f : memref<4xf32, strided<[1], offset: 4>>) {
  ^bb0(%x: f32, %y: f32):
    %z = arith.mulf %x, %half : f32
    linalg.yield %z : f32
  }
  return
}

// -----

#id = affine_map<(d0) -> (d0)>

// A value from outside has no place in a function of operands.
// CHECK-LABEL: func.func @captures(
// CHECK:         linalg.generic
// CHECK-NOT:   call
func.func @captures(%out: memref<8xf32>, %value: f32) {
  linalg.generic {indexing_maps = [#id], iterator_types = ["parallel"]}
      outs(%out : memref<8xf32>) {
  ^bb0(%y: f32):
    linalg.yield %value : f32
  }
  return
}

// RUN: looptree-opt %s --expand-copies | FileCheck %s

// CHECK-LABEL: func.func @copies(
func.func @copies(%a: memref<4x4xf32>, %b: memref<4x4xf32>,
                  %v: memref<4x4xf32, strided<[8, 1]>>, %u: memref<*xf32>) {
  // Contiguous on both sides: one call of memcpy.
  // CHECK: memref.copy
  memref.copy %a, %b : memref<4x4xf32> to memref<4x4xf32>
  // CHECK: linalg.copy ins(%{{.*}} : memref<4x4xf32, strided<[8, 1]>>) outs(%{{.*}} : memref<4x4xf32>)
  memref.copy %v, %b : memref<4x4xf32, strided<[8, 1]>> to memref<4x4xf32>
  // No linalg op has these.
  // CHECK: memref.copy {{.*}} : memref<*xf32>
  memref.copy %u, %u : memref<*xf32> to memref<*xf32>
  return
}

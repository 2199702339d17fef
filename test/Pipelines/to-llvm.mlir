// RUN: looptree-opt %s --lower-mappings --looptree-to-llvm | FileCheck %s

// A lowered mapping, its payload and a function without mapping are the LLVM
// dialect's alone, and free all that they do not return.

looptree.arch @chip {
  level @DRAM
  level @GLB
  compute_unit
}
looptree.workload @work from @payload {
  tensor @I : 8xi32 input
  tensor @A : 8xi32 intermediate
  tensor @B : 8xi32 output
  einsum @a elementwise (p = 8) writes @A[p] reads @I[p]
  einsum @b elementwise (p = 8) writes @B[p] reads @A[p]
}
looptree.mapping @line of @work on @chip {
  retain @I, @B at @DRAM
  for p of @b step 3 {
    retain @A at @GLB
    sequential {
      compute @a
    }, {
      compute @b
    }
  }
}
#id = affine_map<(d0) -> (d0)>

// CHECK:       llvm.func @line(
// CHECK:         llvm.call @malloc
// CHECK:         llvm.call @leaf
// CHECK:         llvm.call @free
// CHECK-LABEL: llvm.func @payload(
// CHECK:         %[[BYTES:.*]] = llvm.call @malloc
// CHECK:         llvm.call @line
// CHECK-NOT:     llvm.call @free
// CHECK:         llvm.return
func.func @payload(%I: tensor<8xf32>) -> tensor<8xf32> {
  %0 = tensor.empty() : tensor<8xf32>
  %A = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"], looptree.einsum = @work::@a}
      ins(%I : tensor<8xf32>) outs(%0 : tensor<8xf32>) {
  ^bb0(%x: f32, %y: f32):
    %s = arith.addf %x, %x : f32
    linalg.yield %s : f32
  } -> tensor<8xf32>
  %B = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"], looptree.einsum = @work::@b}
      ins(%A : tensor<8xf32>) outs(%0 : tensor<8xf32>) {
  ^bb0(%x: f32, %y: f32):
    %s = math.exp %x : f32
    linalg.yield %s : f32
  } -> tensor<8xf32>
  return %B : tensor<8xf32>
}

// CHECK-LABEL: llvm.func @plain(
// CHECK-COUNT-2: llvm.call @malloc
// CHECK-NOT:     llvm.call @malloc
// CHECK-COUNT-1: llvm.call @free
// CHECK-NOT:     llvm.call @free
// CHECK:         llvm.return
func.func @plain(%a: tensor<4x8xf32>, %b: tensor<8x4xf32>) -> tensor<4x4xf32> {
  %zero = arith.constant 0.0 : f32
  %0 = tensor.empty() : tensor<4x4xf32>
  %1 = linalg.fill ins(%zero : f32) outs(%0 : tensor<4x4xf32>) -> tensor<4x4xf32>
  %2 = linalg.matmul ins(%a, %b : tensor<4x8xf32>, tensor<8x4xf32>) outs(%1 : tensor<4x4xf32>) -> tensor<4x4xf32>
  %3 = linalg.matmul ins(%2, %2 : tensor<4x4xf32>, tensor<4x4xf32>) outs(%1 : tensor<4x4xf32>) -> tensor<4x4xf32>
  return %3 : tensor<4x4xf32>
}

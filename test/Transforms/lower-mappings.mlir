// RUN: looptree-opt %s --lower-mappings | FileCheck %s
// RUN: looptree-opt %s --lower-mappings --instrument-transfers | FileCheck %s --check-prefix=COUNT
// RUN: looptree-opt %s --lower-mappings --instrument-transfers --strip-levels --one-shot-bufferize="bufferize-function-boundaries=true function-boundary-type-conversion=identity-layout-map" --canonicalize --fold-memref-alias-ops --convert-linalg-to-loops --expand-strided-metadata --lower-affine --convert-scf-to-cf --finalize-memref-to-llvm --convert-arith-to-llvm --convert-func-to-llvm --convert-cf-to-llvm --reconcile-unrealized-casts | mlir-runner -e main --entry-point-result=void --shared-libs=%llvm_lib/libmlir_c_runner_utils.so,%llvm_lib/libmlir_runner_utils.so | FileCheck %s --check-prefix=VALUE

// The pair of docs/CostModel.md in f32: the function as it was and the lowered
// one give the same, and 54 + 48 ops, 20 + 3 + 3 fills and 16 drains.

// CHECK:       looptree.arch @chip
// CHECK-NOT:   looptree.mapping
// CHECK-LABEL: func.func private @line(
// CHECK-SAME:    %[[I:.*]]: memref<20xf32>, %[[WA:.*]]: memref<3xf32>, %[[WB:.*]]: memref<3xf32>, %[[B:.*]]: memref<16xf32>)
// CHECK-DAG:     %[[FA:.*]] = memref.alloc() {looptree.lowered = {kind = "buffer", level = "GLB", tensor = "WA"}} : memref<3xf32, "GLB">
// CHECK-DAG:     %[[GI:.*]] = memref.alloc() {{.*}}tensor = "I"}} : memref<8xf32, "GLB">
// CHECK-DAG:     %[[GA:.*]] = memref.alloc() {{.*}}tensor = "A"}} : memref<6xf32, "GLB">
// CHECK-DAG:     memref.alloc() {{.*}}tensor = "B"}} : memref<4xf32, "GLB">
// CHECK:         looptree.window 3 of @WA at @GLB node 1
// CHECK:         memref.copy %{{.*}} {looptree.lowered = {einsum = "convA", kind = "fill", level = "GLB", tensor = "WA"}} : {{.*}} to memref<3xf32, strided<[1]>, "GLB">
// The steady tiles: two elements of A stay, four are made.
// CHECK:         scf.for
// CHECK:           looptree.window 6 of @A at @GLB node 3
// CHECK:           memref.copy {{.*}}kind = "move", level = "GLB", tensor = "A"
// CHECK:           linalg.generic {{.*}} outs(%{{.*}} : memref<4xf32, {{.*}}"GLB">) attrs = {looptree.lowered = {einsum = "convA", kind = "compute"}}
// CHECK:           memref.copy {{.*}}kind = "drain", level = "GLB", tensor = "B"
// CHECK-LABEL: func.func @pair_fn(
// CHECK-NOT:     linalg
// CHECK:         %[[OUT:.*]] = memref.alloc() : memref<16xf32>
// CHECK:         call @line(%{{.*}}, %{{.*}}, %{{.*}}, %[[OUT]])
// CHECK:         %[[MADE:.*]] = bufferization.to_tensor %[[OUT]] restrict
// CHECK:         return %[[MADE]]
// CHECK-LABEL: func.func @reference(
// CHECK-COUNT-2: linalg.conv_1d

// COUNT: func.func @looptree_counts() -> memref<?xi64> attributes {counters = ["live bytes at GLB in line", "peak bytes at GLB in line", "window I at DRAM node 0", "window WA at DRAM node 0", "window WB at DRAM node 0", "window B at DRAM node 0", "window WA at GLB node 1", "fill WA at GLB for convA", "window WB at GLB node 1", "fill WB at GLB for convB", "window I at GLB node 3", "fill I at GLB for convA", "window A at GLB node 3", "ops convA", "window B at GLB node 3", "ops convB", "drain B at GLB for convB", "move I at GLB", "move A at GLB"]}

// VALUE:      {{^}}[11, -18, 40, -8, 3, 27, 3, -13, 0, -4, 29, 12, -31, 29, 20, -9]
// VALUE:      {{^}}[11, -18, 40, -8, 3, 27, 3, -13, 0, -4, 29, 12, -31, 29, 20, -9]
// VALUE:      {{^}}[0, 96, 20, 3, 3, 16, 3, 3, 3, 3, 8, 20, 6, 54, 4, 48, 16, 6, 6]

looptree.arch @chip {
  level @DRAM
  level @GLB
  compute_unit
}
looptree.workload @pair from @pair_fn {
  tensor @I : 20xi32 input
  tensor @WA : 3xi32 input
  tensor @A : 18xi32 intermediate
  tensor @WB : 3xi32 input
  tensor @B : 16xi32 output
  einsum @convA (p = 18, r = 3) writes @A[p] reads @I[p + r], @WA[r]
  einsum @convB (p = 16, r = 3) writes @B[p] reads @A[p + r], @WB[r]
}
looptree.mapping @line of @pair on @chip {
  retain @I, @WA, @WB, @B at @DRAM
  retain @WA, @WB at @GLB
  for p of @convB step 4 {
    retain @I, @A, @B at @GLB
    sequential {
      compute @convA
    }, {
      compute @convB
    }
  }
}
func.func private @looptree_counts() -> memref<?xi64>
func.func private @printMemrefF32(memref<*xf32>)
func.func private @printMemrefI64(memref<*xi64>)

func.func @pair_fn(%I: tensor<20xf32>, %WA: tensor<3xf32>, %WB: tensor<3xf32>) -> tensor<16xf32> {
  %zero = arith.constant 0.0 : f32
  %a0 = tensor.empty() : tensor<18xf32>
  %a1 = linalg.fill ins(%zero : f32) outs(%a0 : tensor<18xf32>) -> tensor<18xf32>
  %A = linalg.conv_1d {looptree.einsum = @pair::@convA} ins(%I, %WA : tensor<20xf32>, tensor<3xf32>) outs(%a1 : tensor<18xf32>) -> tensor<18xf32>
  %b0 = tensor.empty() : tensor<16xf32>
  %b1 = linalg.fill ins(%zero : f32) outs(%b0 : tensor<16xf32>) -> tensor<16xf32>
  %B = linalg.conv_1d {looptree.einsum = @pair::@convB} ins(%A, %WB : tensor<18xf32>, tensor<3xf32>) outs(%b1 : tensor<16xf32>) -> tensor<16xf32>
  return %B : tensor<16xf32>
}
func.func @reference(%I: tensor<20xf32>, %WA: tensor<3xf32>, %WB: tensor<3xf32>) -> tensor<16xf32> {
  %zero = arith.constant 0.0 : f32
  %a0 = tensor.empty() : tensor<18xf32>
  %a1 = linalg.fill ins(%zero : f32) outs(%a0 : tensor<18xf32>) -> tensor<18xf32>
  %A = linalg.conv_1d ins(%I, %WA : tensor<20xf32>, tensor<3xf32>) outs(%a1 : tensor<18xf32>) -> tensor<18xf32>
  %b0 = tensor.empty() : tensor<16xf32>
  %b1 = linalg.fill ins(%zero : f32) outs(%b0 : tensor<16xf32>) -> tensor<16xf32>
  %B = linalg.conv_1d ins(%A, %WB : tensor<18xf32>, tensor<3xf32>) outs(%b1 : tensor<16xf32>) -> tensor<16xf32>
  return %B : tensor<16xf32>
}

func.func @main() {
  %I = arith.constant dense<[1.0, -2.0, 3.0, 0.0, 2.0, 5.0, -1.0, 4.0, 1.0, 1.0, -3.0, 2.0, 0.0, 7.0, -2.0, 1.0, 3.0, 3.0, -1.0, 2.0]> : tensor<20xf32>
  %WA = arith.constant dense<[1.0, -2.0, 3.0]> : tensor<3xf32>
  %WB = arith.constant dense<[2.0, 1.0, -1.0]> : tensor<3xf32>
  %x = call @pair_fn(%I, %WA, %WB) : (tensor<20xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<16xf32>
  %y = call @reference(%I, %WA, %WB) : (tensor<20xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<16xf32>
  %xb = bufferization.to_buffer %x read_only : tensor<16xf32> to memref<16xf32>
  %yb = bufferization.to_buffer %y read_only : tensor<16xf32> to memref<16xf32>
  %xu = memref.cast %xb : memref<16xf32> to memref<*xf32>
  %yu = memref.cast %yb : memref<16xf32> to memref<*xf32>
  call @printMemrefF32(%xu) : (memref<*xf32>) -> ()
  call @printMemrefF32(%yu) : (memref<*xf32>) -> ()
  %c = call @looptree_counts() : () -> memref<?xi64>
  %cu = memref.cast %c : memref<?xi64> to memref<*xi64>
  call @printMemrefI64(%cu) : (memref<*xi64>) -> ()
  return
}

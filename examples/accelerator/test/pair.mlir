// RUN: engine-opt %s --lower-mappings --lower-to-engine | FileCheck %s
// RUN: engine-opt %s --lower-mappings --lower-to-engine --strip-levels \
// RUN:   --one-shot-bufferize="bufferize-function-boundaries=true function-boundary-type-conversion=identity-layout-map" \
// RUN:   --canonicalize --fold-memref-alias-ops --convert-linalg-to-loops --expand-strided-metadata \
// RUN:   --lower-affine --convert-scf-to-cf --finalize-memref-to-llvm --convert-arith-to-llvm \
// RUN:   --convert-func-to-llvm --convert-cf-to-llvm --reconcile-unrealized-casts \
// RUN: | mlir-runner -e main --entry-point-result=void \
// RUN:     --shared-libs=%llvm_lib/libmlir_c_runner_utils.so,%llvm_lib/libmlir_runner_utils.so,%engine \
// RUN: | FileCheck %s --check-prefix=RAN

// Two convolutions in one dimension, four results at a time, everything that
// the engine touches in its scratchpad. The function that calls the lowered set
// runs on the host.

// CHECK-DAG: memref.global "private" constant @engine_program_1 : memref<8xi64> = dense<[{{[0-9, ]*}}]>
// CHECK-DAG: func.func private @engine_dma_in(memref<*xf32>, memref<*xf32, "GLB">)
// CHECK-DAG: func.func private @engine_dma_out(memref<*xf32, "GLB">, memref<*xf32>)
// CHECK-DAG: func.func private @engine_macs(memref<*xf32, "GLB">, memref<*xf32, "GLB">, memref<*xf32, "GLB">, memref<?xi64>)
// CHECK-LABEL: func.func private @line(
// CHECK-NOT:     memref.copy
// CHECK:         scf.for
// CHECK-NOT:       arith.mulf
// CHECK:           call @engine_dma_in(
// CHECK:           call @engine_macs(
// CHECK:           call @engine_macs(
// CHECK:           call @engine_dma_out(

// What the mapping is said to cost is what the engine is asked to do.
// RAN: [11, -18, 40, -8, 3, 27, 3, -13, 0, -4, 29, 12, -31, 29, 20, -9]
// RAN: 26 elements in, 16 out, 102 multiply-accumulates

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

func.func private @engine_report() attributes {llvm.emit_c_interface}
func.func private @printMemrefF32(memref<*xf32>)

func.func @main() {
  %I = arith.constant dense<[1.0, -2.0, 3.0, 0.0, 2.0, 5.0, -1.0, 4.0, 1.0, 1.0, -3.0, 2.0, 0.0, 7.0, -2.0, 1.0, 3.0, 3.0, -1.0, 2.0]> : tensor<20xf32>
  %WA = arith.constant dense<[1.0, -2.0, 3.0]> : tensor<3xf32>
  %WB = arith.constant dense<[2.0, 1.0, -1.0]> : tensor<3xf32>
  %x = call @pair_fn(%I, %WA, %WB) : (tensor<20xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<16xf32>
  %xb = bufferization.to_buffer %x read_only : tensor<16xf32> to memref<16xf32>
  %xu = memref.cast %xb : memref<16xf32> to memref<*xf32>
  call @printMemrefF32(%xu) : (memref<*xf32>) -> ()
  call @engine_report() : () -> ()
  return
}

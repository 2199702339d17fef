// RUN: looptree-opt %s --lower-mappings | FileCheck %s
// RUN: looptree-opt %s --lower-mappings --strip-levels --one-shot-bufferize="bufferize-function-boundaries=true function-boundary-type-conversion=identity-layout-map" --canonicalize --fold-memref-alias-ops --convert-linalg-to-loops --expand-strided-metadata --lower-affine --carry-tokens --async-to-async-runtime --async-runtime-ref-counting --convert-async-to-llvm --convert-scf-to-cf --finalize-memref-to-llvm --convert-arith-to-llvm --convert-func-to-llvm --convert-cf-to-llvm --reconcile-unrealized-casts | mlir-runner -O2 -e main --entry-point-result=void --shared-libs=%llvm_lib/libmlir_c_runner_utils.so,%llvm_lib/libmlir_runner_utils.so,%llvm_lib/libmlir_async_runtime.so | FileCheck %s --check-prefix=VALUE
// RUN: looptree-opt %s --lower-mappings --carry-tokens | FileCheck %s --check-prefix=CARRY

// Two stages on threads: the second waits for the first of its job and for
// itself, the first for itself and for the second of two jobs before, whose
// rows it overwrites. The buffer has room for two jobs, 6 rows.

// CHECK-LABEL: func.func private @rows
// CHECK: memref.alloc() {{.*}}tensor = "x"}} : memref<6x8xi32, "GLB">
// CHECK: scf.for {{.*}} iter_args(%[[A:.*]] = %{{.*}}, %[[B:.*]] = %{{.*}}, %{{.*}} = %{{.*}}, %[[B2:.*]] = %{{.*}}) -> (!async.token, !async.token, !async.token, !async.token)
// CHECK:   %[[A1:.*]] = async.execute [%[[A]], %[[B2]]] attributes {looptree.lowered = {kind = "stage", stage = "0"}} {
// CHECK:   %[[B1:.*]] = async.execute [%[[A1]], %[[B]]] attributes {looptree.lowered = {kind = "stage", stage = "1"}} {
// CHECK:   scf.yield %[[A1]], %[[B1]], %[[B1]], %{{.*}} : !async.token, !async.token, !async.token, !async.token
// CHECK-COUNT-2: async.await
// CARRY: memref.alloc() : memref<4xi64>
// CARRY: async.runtime.add_ref
// CARRY-NOT: iter_args
// VALUE: [48,   54,   60,   66,   72,   78,   84,   90]
// VALUE: [384,   390,   396,   402,   408,   414,   420,   426]

looptree.arch @chip {
  level @DRAM
  level @GLB
  fanout @stage size 2 below @GLB
  compute_unit
}
looptree.workload @w from @payload {
  tensor @a : 10x8xi32 input
  tensor @x : 10x8xi32 intermediate
  tensor @y : 8x8xi32 output
  einsum @x elementwise (i = 10, j = 8) writes @x[i, j] reads @a[i, j]
  einsum @y reduction (i = 8, j = 8, r = 3) writes @y[i, j] reads @x[i + r, j]
}
looptree.mapping @rows of @w on @chip {
  retain @a, @y at @DRAM
  for i of @y step 2 {
    retain @x at @GLB
    pipeline {
      compute @x
    }, {
      compute @y
    }
  }
}
func.func @payload(%a: tensor<10x8xi32>) -> tensor<8x8xi32> {
  %zero = arith.constant 0 : i32
  %o = tensor.empty() : tensor<10x8xi32>
  %p = tensor.empty() : tensor<8x8xi32>
  %w = tensor.empty() : tensor<3xi32>
  %f = linalg.fill ins(%zero : i32) outs(%p : tensor<8x8xi32>) -> tensor<8x8xi32>
  %0 = linalg.add {looptree.einsum = @w::@x} ins(%a, %a : tensor<10x8xi32>, tensor<10x8xi32>) outs(%o : tensor<10x8xi32>) -> tensor<10x8xi32>
  %1 = linalg.generic {indexing_maps = [affine_map<(i, j, r) -> (i + r, j)>, affine_map<(i, j, r) -> (r)>, affine_map<(i, j, r) -> (i, j)>], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%0, %w : tensor<10x8xi32>, tensor<3xi32>) outs(%f : tensor<8x8xi32>) attrs = {looptree.einsum = @w::@y} {
  ^bb0(%x: i32, %u: i32, %s: i32):
    %q = arith.addi %x, %s : i32
    linalg.yield %q : i32
  } -> tensor<8x8xi32>
  return %1 : tensor<8x8xi32>
}
func.func private @printMemrefI32(memref<*xi32>)
func.func @main() {
  %a = tensor.generate { ^bb0(%i: index, %j: index):
    %c8 = arith.constant 8 : index
    %m = arith.muli %i, %c8 : index
    %n = arith.addi %m, %j : index
    %v = arith.index_cast %n : index to i32
    tensor.yield %v : i32 } : tensor<10x8xi32>
  %r = call @payload(%a) : (tensor<10x8xi32>) -> tensor<8x8xi32>
  %b = bufferization.to_buffer %r : tensor<8x8xi32> to memref<8x8xi32>
  %u = memref.cast %b : memref<8x8xi32> to memref<*xi32>
  call @printMemrefI32(%u) : (memref<*xi32>) -> ()
  return
}

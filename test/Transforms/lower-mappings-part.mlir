// RUN: looptree-opt %s --lower-mappings --split-input-file | FileCheck %s

// A mapping of one einsum of two: the other one stays, without a name. The
// tensor between them is a value of the function.

looptree.arch @chip {
  level @DRAM
  level @GLB
  compute_unit
}
looptree.workload @w from @part {
  tensor @a : 8xi32 input
  tensor @x : 8xi32 intermediate
  tensor @y : 8xi32 output
  einsum @x elementwise (i = 8) writes @x[i] reads @a[i]
  einsum @y elementwise (i = 8) writes @y[i] reads @x[i]
}
looptree.mapping @second of @w on @chip {
  retain @x, @y at @DRAM
  for i of @y step 3 {
    retain @x at @GLB
    compute @y
  }
}
// CHECK-LABEL: func.func private @second(
// CHECK-SAME:    %{{.*}}: memref<8xf32>, %{{.*}}: memref<8xf32>)
// CHECK-LABEL: func.func @part(
// CHECK-NEXT:    %[[X:.*]] = linalg.exp ins(%{{.*}} : tensor<8xf32>)
// CHECK:         %[[READ:.*]] = bufferization.to_buffer %[[X]] read_only
// CHECK:         call @second(%[[READ]], %{{.*}})
func.func @part(%a: tensor<8xf32>, %o: tensor<8xf32>) -> tensor<8xf32> {
  %0 = linalg.exp {looptree.einsum = @w::@x} ins(%a : tensor<8xf32>) outs(%o : tensor<8xf32>) -> tensor<8xf32>
  %1 = linalg.exp {looptree.einsum = @w::@y} ins(%0 : tensor<8xf32>) outs(%o : tensor<8xf32>) -> tensor<8xf32>
  return %1 : tensor<8xf32>
}

// -----

// What one mapping makes, the next one reads.

looptree.arch @chip {
  level @DRAM
  compute_unit
}
looptree.workload @w from @chain {
  tensor @a : 8xi32 input
  tensor @x : 8xi32 intermediate
  tensor @y : 8xi32 output
  einsum @x elementwise (i = 8) writes @x[i] reads @a[i]
  einsum @y elementwise (i = 8) writes @y[i] reads @x[i]
}
looptree.mapping @first of @w on @chip {
  retain @a, @x at @DRAM
  compute @x
}
looptree.mapping @second of @w on @chip {
  retain @x, @y at @DRAM
  compute @y
}
looptree.plan @p of @w on @chip {
  execute @first
  execute @second
}
// CHECK-LABEL: func.func @chain(
// CHECK-NOT:     linalg
// CHECK:         call @first(%{{.*}}, %[[XM:.*]]) :
// CHECK-NEXT:    %[[X:.*]] = bufferization.to_tensor %[[XM]] restrict
// CHECK-NEXT:    %[[READ:.*]] = bufferization.to_buffer %[[X]] read_only
// CHECK:         call @second(%[[READ]], %[[YM:.*]]) :
// CHECK-NEXT:    %[[Y:.*]] = bufferization.to_tensor %[[YM]] restrict
// CHECK-NEXT:    return %[[Y]]
func.func @chain(%a: tensor<8xf32>, %o: tensor<8xf32>) -> tensor<8xf32> {
  %0 = linalg.exp {looptree.einsum = @w::@x} ins(%a : tensor<8xf32>) outs(%o : tensor<8xf32>) -> tensor<8xf32>
  %1 = linalg.exp {looptree.einsum = @w::@y} ins(%0 : tensor<8xf32>) outs(%o : tensor<8xf32>) -> tensor<8xf32>
  return %1 : tensor<8xf32>
}

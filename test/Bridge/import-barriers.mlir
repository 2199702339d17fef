// RUN: looptree-opt %s --import-workload --split-input-file --verify-diagnostics | FileCheck %s

// What follows a barrier reads its result as an input, what it takes is an
// output, and the network is cut there.
// CHECK-LABEL: workload @unknown_workload
// CHECK: tensor @a : 4xi32 output
// CHECK: tensor @gathered : 3xi32 input{{$}}
// CHECK: tensor @b : 3xi32 output
// CHECK: einsum @a elementwise (i = 4) writes @a[i] reads @x[i]
// CHECK-NEXT: barrier "tensor.gather is of no dialect or kind that is read as an einsum"
// CHECK-NEXT: einsum @b elementwise (i = 3) writes @b[i] reads @gathered[i]
func.func @unknown(%x: tensor<4xf32> loc("x"), %at: tensor<3x1xindex> loc("at")) -> tensor<3xf32> {
  %e = tensor.empty() : tensor<4xf32>
  %0 = linalg.exp ins(%x : tensor<4xf32>) outs(%e : tensor<4xf32>) -> tensor<4xf32> loc("a")
  // expected-remark@unknown {{fusion stops here: 'tensor.gather' is of no dialect or kind that is read as an einsum}}
  %1 = tensor.gather %0[%at] gather_dims([0]) : (tensor<4xf32>, tensor<3x1xindex>) -> tensor<3xf32> loc("gathered")
  %e1 = tensor.empty() : tensor<3xf32>
  %2 = linalg.exp ins(%1 : tensor<3xf32>) outs(%e1 : tensor<3xf32>) -> tensor<3xf32> loc("b")
  return %2 : tensor<3xf32>
}

// -----

// CHECK-LABEL: workload @dynamic_workload
// CHECK: einsum @a
// CHECK-NEXT: barrier "tensor.cast has a dynamic shape"
// CHECK-NEXT: barrier "linalg.exp has a dynamic shape"
// CHECK-NEXT: barrier "tensor.cast has a dynamic shape"
// CHECK-NEXT: einsum @b elementwise (i = 4) writes @b[i] reads @cast[i]
func.func @dynamic(%x: tensor<4xf32>, %o: tensor<?xf32>) -> tensor<4xf32> {
  %e = tensor.empty() : tensor<4xf32>
  %0 = linalg.exp ins(%x : tensor<4xf32>) outs(%e : tensor<4xf32>) -> tensor<4xf32> loc("a")
  // expected-remark@+1 {{has a dynamic shape}}
  %1 = tensor.cast %0 : tensor<4xf32> to tensor<?xf32>
  // expected-remark@+1 {{has a dynamic shape}}
  %2 = linalg.exp ins(%1 : tensor<?xf32>) outs(%o : tensor<?xf32>) -> tensor<?xf32>
  // expected-remark@+1 {{has a dynamic shape}}
  %3 = tensor.cast %2 : tensor<?xf32> to tensor<4xf32>
  %4 = linalg.exp ins(%3 : tensor<4xf32>) outs(%e : tensor<4xf32>) -> tensor<4xf32> loc("b")
  return %4 : tensor<4xf32>
}

// -----

#id = affine_map<(d0) -> (d0)>

// CHECK-LABEL: workload @two_results_workload
// CHECK: barrier "linalg.generic has 2 results that are used"
func.func @two_results(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %e = tensor.empty() : tensor<4xf32>
  // expected-remark@+1 {{fusion stops here: 'linalg.generic' has 2 results that are used}}
  %0:2 = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel"]} ins(%x : tensor<4xf32>) outs(%e, %e : tensor<4xf32>, tensor<4xf32>) {
  ^bb0(%in: f32, %o0: f32, %o1: f32):
    %1 = math.exp %in : f32
    linalg.yield %in, %1 : f32, f32
  } -> (tensor<4xf32>, tensor<4xf32>)
  %2 = linalg.exp ins(%0#1 : tensor<4xf32>) outs(%e : tensor<4xf32>) -> tensor<4xf32>
  return %0#0, %2 : tensor<4xf32>, tensor<4xf32>
}

// -----

#id = affine_map<(d0) -> (d0)>

// An element that the body takes at an index it computes.
// CHECK-LABEL: workload @lookup_workload
// CHECK: barrier "linalg.generic has 'tensor.extract' in its body"
func.func @lookup(%x: tensor<4xindex>, %table: tensor<9xf32>) -> tensor<4xf32> {
  %e = tensor.empty() : tensor<4xf32>
  // expected-remark@+1 {{has 'tensor.extract' in its body}}
  %0 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%x : tensor<4xindex>) outs(%e : tensor<4xf32>) {
  ^bb0(%in: index, %out: f32):
    %1 = tensor.extract %table[%in] : tensor<9xf32>
    linalg.yield %1 : f32
  } -> tensor<4xf32>
  %2 = linalg.exp ins(%0 : tensor<4xf32>) outs(%e : tensor<4xf32>) -> tensor<4xf32>
  return %2 : tensor<4xf32>
}

// -----

#id = affine_map<(d0) -> (d0)>
#half = affine_map<(d0) -> (d0 floordiv 2)>
#diagonal = affine_map<(d0) -> (d0, d0)>
#reversed = affine_map<(d0) -> (3 - d0)>

// CHECK-LABEL: workload @maps_workload
// CHECK: barrier "linalg.generic has operand 0 indexed by (d0) -> (d0 floordiv 2), where each dimension should be a sum of loops with positive coefficients, no loop in two dimensions"
// CHECK: barrier "linalg.generic has operand 0 indexed by (d0) -> (d0, d0)
// CHECK: barrier "linalg.generic has operand 0 indexed by (d0) -> (-d0 + 3)
func.func @maps(%x: tensor<2xf32>, %y: tensor<4x4xf32>, %z: tensor<4xf32>) -> tensor<4xf32> {
  %e = tensor.empty() : tensor<4xf32>
  // expected-remark@+1 {{(d0 floordiv 2)}}
  %0 = linalg.generic {indexing_maps = [#half, #id], iterator_types = ["parallel"]} ins(%x : tensor<2xf32>) outs(%e : tensor<4xf32>) {
  ^bb0(%in: f32, %out: f32):
    linalg.yield %in : f32
  } -> tensor<4xf32>
  // expected-remark@+1 {{(d0, d0)}}
  %1 = linalg.generic {indexing_maps = [#diagonal, #id], iterator_types = ["parallel"]} ins(%y : tensor<4x4xf32>) outs(%e : tensor<4xf32>) {
  ^bb0(%in: f32, %out: f32):
    linalg.yield %in : f32
  } -> tensor<4xf32>
  // expected-remark@+1 {{(-d0 + 3)}}
  %2 = linalg.generic {indexing_maps = [#reversed, #id], iterator_types = ["parallel"]} ins(%z : tensor<4xf32>) outs(%e : tensor<4xf32>) {
  ^bb0(%in: f32, %out: f32):
    linalg.yield %in : f32
  } -> tensor<4xf32>
  %3 = linalg.add ins(%0, %1 : tensor<4xf32>, tensor<4xf32>) outs(%e : tensor<4xf32>) -> tensor<4xf32>
  %4 = linalg.add ins(%3, %2 : tensor<4xf32>, tensor<4xf32>) outs(%e : tensor<4xf32>) -> tensor<4xf32>
  return %4 : tensor<4xf32>
}

// -----

#id = affine_map<(d0) -> (d0)>
#first = affine_map<(d0) -> (d0, 0)>

// The columns that are not written keep what `outs` had.
// CHECK-LABEL: workload @partial_workload
// CHECK: barrier "linalg.generic has its result indexed by (d0) -> (d0, 0), which does not reach every element once"
func.func @partial(%x: tensor<4xf32>, %o: tensor<4x3xf32>) -> tensor<4x3xf32> {
  %e = tensor.empty() : tensor<4xf32>
  %0 = linalg.exp ins(%x : tensor<4xf32>) outs(%e : tensor<4xf32>) -> tensor<4xf32>
  // expected-remark@+1 {{does not reach every element once}}
  %1 = linalg.generic {indexing_maps = [#id, #first], iterator_types = ["parallel"]} ins(%0 : tensor<4xf32>) outs(%o : tensor<4x3xf32>) {
  ^bb0(%in: f32, %out: f32):
    linalg.yield %in : f32
  } -> tensor<4x3xf32>
  return %1 : tensor<4x3xf32>
}

// -----

// A loop uses what stands above it; a call may do anything.
// CHECK-LABEL: workload @control_workload
// CHECK: tensor @a : 4xi32 output
// CHECK: einsum @a
// CHECK: barrier "scf.for is of no dialect
// CHECK: barrier "func.call is of no dialect
func.func private @effect()
func.func @control(%x: tensor<4xf32>, %n: index) -> tensor<4xf32> {
  %e = tensor.empty() : tensor<4xf32>
  %a = linalg.exp ins(%x : tensor<4xf32>) outs(%e : tensor<4xf32>) -> tensor<4xf32> loc("a")
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  // expected-remark@+1 {{'scf.for' is of no dialect}}
  %0 = scf.for %i = %c0 to %n step %c1 iter_args(%it = %e) -> tensor<4xf32> {
    %1 = linalg.add ins(%a, %it : tensor<4xf32>, tensor<4xf32>) outs(%e : tensor<4xf32>) -> tensor<4xf32>
    scf.yield %1 : tensor<4xf32>
  }
  // expected-remark@+1 {{'func.call' is of no dialect}}
  func.call @effect() : () -> ()
  return %0 : tensor<4xf32>
}

// -----

// Code that nobody uses is left out, and said so.
// CHECK-LABEL: workload @dead_workload
// CHECK-NOT: unused
// CHECK: einsum @a
func.func @dead(%x: tensor<4xf32>) -> tensor<4xf32> {
  %e = tensor.empty() : tensor<4xf32>
  // expected-remark@unknown {{left out: no result of 'linalg.exp' is used}}
  %0 = linalg.exp ins(%x : tensor<4xf32>) outs(%e : tensor<4xf32>) -> tensor<4xf32> loc("unused")
  %1 = linalg.exp ins(%x : tensor<4xf32>) outs(%e : tensor<4xf32>) -> tensor<4xf32> loc("a")
  return %1 : tensor<4xf32>
}

// -----

// Ops that compute nothing on tensors are no barriers.
// CHECK-LABEL: workload @no_barriers_workload
// CHECK-NOT: {{^ *}}barrier
func.func @no_barriers(%x: tensor<4xf32>, %d: tensor<?xf32>, %i: index) -> (tensor<4xf32>, index) {
  %c0 = arith.constant 0 : index
  %e = tensor.empty() : tensor<4xf32>
  %n = tensor.dim %d, %c0 : tensor<?xf32>
  %m = arith.addi %n, %i : index
  %1 = linalg.exp ins(%x : tensor<4xf32>) outs(%e : tensor<4xf32>) -> tensor<4xf32>
  return %1, %m : tensor<4xf32>, index
}

// -----

// CHECK-LABEL: workload @buffers_workload
// CHECK: barrier "linalg.fill has no result: it works on buffers, not on tensors"
// CHECK: barrier "memref.load is of no dialect
func.func @buffers(%x: tensor<4xf32>, %m: memref<4xf32>) -> (tensor<4xf32>, f32) {
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  // expected-remark@+1 {{works on buffers}}
  linalg.fill ins(%zero : f32) outs(%m : memref<4xf32>)
  // expected-remark@+1 {{'memref.load' is of no dialect}}
  %0 = memref.load %m[%c0] : memref<4xf32>
  %e = tensor.empty() : tensor<4xf32>
  %1 = linalg.exp ins(%x : tensor<4xf32>) outs(%e : tensor<4xf32>) -> tensor<4xf32>
  return %1, %0 : tensor<4xf32>, f32
}

// -----

// CHECK-LABEL: workload @empty_dimension_workload
// CHECK: barrier "linalg.exp has a dimension of extent 0"
func.func @empty_dimension(%x: tensor<0x4xf32>, %y: tensor<4xf32>) -> (tensor<0x4xf32>, tensor<4xf32>) {
  %e = tensor.empty() : tensor<0x4xf32>
  // expected-remark@+1 {{has a dimension of extent 0}}
  %0 = linalg.exp ins(%x : tensor<0x4xf32>) outs(%e : tensor<0x4xf32>) -> tensor<0x4xf32>
  %e1 = tensor.empty() : tensor<4xf32>
  %1 = linalg.exp ins(%y : tensor<4xf32>) outs(%e1 : tensor<4xf32>) -> tensor<4xf32>
  return %0, %1 : tensor<0x4xf32>, tensor<4xf32>
}

// -----

// CHECK-NOT: looptree.workload
// expected-warning@-3 {{has no op that is read as an einsum}}
// expected-remark@+1 {{'func.func' has several blocks; only straight-line code is read}}
func.func @blocks(%x: tensor<4xf32>, %c: i1) -> tensor<4xf32> {
  %e = tensor.empty() : tensor<4xf32>
  cf.cond_br %c, ^bb1, ^bb2
^bb1:
  %0 = linalg.exp ins(%x : tensor<4xf32>) outs(%e : tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
^bb2:
  return %x : tensor<4xf32>
}

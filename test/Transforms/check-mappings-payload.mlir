// RUN: looptree-opt %s --check-mappings --split-input-file --verify-diagnostics

// A name on an op that is another einsum by now.

looptree.workload @extents_workload from @extents {
  tensor @a : 4x8xi32 input
  tensor @e : 4x8xi32 output
  // expected-note@+1 {{the einsum is here}}
  einsum @e elementwise (i = 4, j = 8) writes @e[i, j] reads @a[i, j]
}
func.func @extents(%a: tensor<4x6xf32>, %o: tensor<4x6xf32>) -> tensor<4x6xf32> {
  // expected-error@+1 {{is no longer einsum @e, as which it is named: it runs over 4x6, the einsum over 4x8}}
  %0 = linalg.exp {looptree.einsum = @extents_workload::@e} ins(%a : tensor<4x6xf32>) outs(%o : tensor<4x6xf32>) -> tensor<4x6xf32>
  return %0 : tensor<4x6xf32>
}

// -----

looptree.workload @maps_workload from @maps {
  tensor @a : 8x4xi32 input
  tensor @b : 4x8xi32 input weight
  tensor @c : 8x8xi32 output
  // expected-note@+1 {{the einsum is here}}
  einsum @c (m = 8, n = 8, k = 4) writes @c[m, n] reads @a[m, k], @b[k, n], init @c0[m, n]
  tensor @c0 : 8x8xi32 input weight
}
func.func @maps(%a: tensor<4x8xf32>, %b: tensor<4x8xf32>, %c: tensor<8x8xf32>) -> tensor<8x8xf32> {
  // expected-error@+1 {{is no longer einsum @c, as which it is named: it accesses @arg0[k, m], the einsum @a[m, k]}}
  %0 = linalg.matmul
    indexing_maps = [affine_map<(m, n, k) -> (k, m)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]
    {looptree.einsum = @maps_workload::@c}
    ins(%a, %b : tensor<4x8xf32>, tensor<4x8xf32>) outs(%c : tensor<8x8xf32>) -> tensor<8x8xf32>
  return %0 : tensor<8x8xf32>
}

// -----

looptree.workload @tensors_workload from @tensors {
  tensor @a : 4xi32 input
  tensor @x : 4xi32 intermediate
  tensor @y : 4xi32 output
  tensor @z : 4xi32 output
  einsum @x elementwise (i = 4) writes @x[i] reads @a[i]
  einsum @y elementwise (i = 4) writes @y[i] reads @x[i]
  // expected-note@+1 {{the einsum is here}}
  einsum @z elementwise (i = 4) writes @z[i] reads @x[i]
}
func.func @tensors(%a: tensor<4xf32>, %o: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %0 = linalg.exp {looptree.einsum = @tensors_workload::@x} ins(%a : tensor<4xf32>) outs(%o : tensor<4xf32>) -> tensor<4xf32>
  %1 = linalg.exp {looptree.einsum = @tensors_workload::@y} ins(%0 : tensor<4xf32>) outs(%o : tensor<4xf32>) -> tensor<4xf32>
  // expected-error@+1 {{it accesses @exp_1[i], the einsum @x[i]}}
  %2 = linalg.exp {looptree.einsum = @tensors_workload::@z} ins(%1 : tensor<4xf32>) outs(%o : tensor<4xf32>) -> tensor<4xf32>
  return %1, %2 : tensor<4xf32>, tensor<4xf32>
}

// -----

// Kinds and operands.

looptree.workload @kinds_workload from @kinds {
  tensor @a : 4xi32 input
  tensor @b : 4xi32 input
  tensor @x : i32 intermediate
  tensor @y : i32 output
  // expected-note@+1 {{the einsum is here}}
  einsum @x (i = 4) writes @x[] reads @a[i]
  // expected-note@+1 {{the einsum is here}}
  einsum @y (k = 4) writes @y[] reads @b[k], init @x[]
}
func.func @kinds(%a: tensor<4xf32>, %b: tensor<4xf32>, %o: tensor<f32>) -> tensor<f32> {
  %zero = arith.constant 0.0 : f32
  %f = linalg.fill ins(%zero : f32) outs(%o : tensor<f32>) -> tensor<f32>
  // expected-error@+1 {{it is a reduction, the einsum a contraction}}
  %0 = linalg.reduce { arith.addf } ins(%a : tensor<4xf32>) outs(%f : tensor<f32>) dimensions = [0] {looptree.einsum = @kinds_workload::@x}
  // expected-error@+1 {{it reads 3 tensors, the einsum 2}}
  %1 = linalg.dot {looptree.einsum = @kinds_workload::@y} ins(%a, %b : tensor<4xf32>, tensor<4xf32>) outs(%0 : tensor<f32>) -> tensor<f32>
  return %1 : tensor<f32>
}

// -----

// An op that is no einsum any more, one that has lost its name, and one that
// came in later.

looptree.workload @none_workload from @none {
  tensor @a : 4xi32 input
  tensor @x : 4xi32 output
  // expected-note@+1 {{the einsum is here}}
  einsum @x elementwise (i = 4) writes @x[i] reads @a[i]
}
func.func @none(%a: tensor<?xf32>, %o: tensor<?xf32>) -> tensor<?xf32> {
  // expected-error@+1 {{is named as einsum @x and is no longer read as one: it has a dynamic shape}}
  %0 = linalg.exp {looptree.einsum = @none_workload::@x} ins(%a : tensor<?xf32>) outs(%o : tensor<?xf32>) -> tensor<?xf32>
  return %0 : tensor<?xf32>
}

// -----

looptree.workload @nameless_workload from @nameless {
  tensor @a : 4xi32 input
  tensor @x : 4xi32 output
  // expected-error@+1 {{einsum @x is lost: no op of @nameless is named as it}}
  einsum @x elementwise (i = 4) writes @x[i] reads @a[i]
}
func.func @nameless(%a: tensor<4xf32>, %o: tensor<4xf32>) -> tensor<4xf32> {
  // expected-note@+1 {{this 'linalg.exp' has no name}}
  %0 = linalg.exp ins(%a : tensor<4xf32>) outs(%o : tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

// expected-note@+1 {{the workload is here}}
looptree.workload @more_workload from @more {
  tensor @a : 4xi32 input
  tensor @x : 4xi32 output
  einsum @x elementwise (i = 4) writes @x[i] reads @a[i]
}
func.func @more(%a: tensor<4xf32>, %o: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %0 = linalg.exp {looptree.einsum = @more_workload::@x} ins(%a : tensor<4xf32>) outs(%o : tensor<4xf32>) -> tensor<4xf32>
  // expected-error@+1 {{is an einsum that workload @more_workload does not have}}
  %1 = linalg.exp ins(%a : tensor<4xf32>) outs(%o : tensor<4xf32>) -> tensor<4xf32>
  return %0, %1 : tensor<4xf32>, tensor<4xf32>
}

// -----

// An op that left the function.

looptree.workload @left_workload from @left {
  tensor @a : 4xi32 input
  tensor @x : 4xi32 output
  // expected-error@+1 {{einsum @x is lost}}
  einsum @x elementwise (i = 4) writes @x[i] reads @a[i]
}
// expected-note@+2 {{the function is here}}
// expected-note@+1 {{the workload was read from this function}}
func.func @left(%a: tensor<4xf32>, %o: tensor<4xf32>) -> tensor<4xf32> {
  %0 = func.call @outlined(%a, %o) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}
func.func @outlined(%a: tensor<4xf32>, %o: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error@+1 {{is named as einsum @left_workload::@x outside of @left}}
  %0 = linalg.exp {looptree.einsum = @left_workload::@x} ins(%a : tensor<4xf32>) outs(%o : tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

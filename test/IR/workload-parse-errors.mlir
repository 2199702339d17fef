// RUN: looptree-opt %s --split-input-file --verify-diagnostics --allow-unregistered-dialect

looptree.workload @kind_of_tensor {
  // expected-error@+1 {{'weight' is no kind of tensor; kinds are input, intermediate, output}}
  tensor @I : 4xi8 weight
}

// -----

looptree.workload @bits {
  // expected-error@+1 {{expected the bits of an element, such as i8}}
  tensor @I : 4xf8 input
}

// -----

looptree.workload @dynamic {
  // expected-error@+1 {{expected static shape}}
  tensor @I : ?xi8 input
}

// -----

looptree.workload @kind_of_einsum {
  tensor @I : 4xi8 input
  tensor @O : 4xi8 output
  // expected-error@+1 {{'pool' is no kind of einsum; kinds are contraction, reduction, elementwise}}
  einsum @e pool (i = 4) writes @O[i] reads @I[i]
}

// -----

looptree.workload @rank {
  tensor @I : 4xi8 input
  tensor @O : 4xi8 output
  // expected-error@+1 {{'j' is not a rank of the einsum}}
  einsum @e (i = 4) writes @O[i] reads @I[j]
}

// -----

looptree.workload @overflow {
  tensor @I : 4xi8 input
  tensor @O : 4xi8 output
  // expected-error@+1 {{the sum exceeds 64 bit}}
  einsum @e (i = 4) writes @O[i] reads @I[9000000000000000000 + 9000000000000000000]
}

// -----

looptree.workload @product_of_ranks {
  tensor @I : 4xi8 input
  tensor @O : 4xi8 output
  // expected-error@+1 {{expected integer value}}
  einsum @e (i = 4, j = 4) writes @O[i] reads @I[i*j]
}

// -----

looptree.workload @write {
  tensor @I : 4xi8 input
  tensor @O : 4xi8 output
  // expected-error@+1 {{expected 'writes'}}
  einsum @e (i = 4) reads @I[i]
}

// -----

// expected-error@+1 {{the access of @A has symbols}}
"A1"() {access = #looptree.access<@A, affine_map<(d0)[s0] -> (d0 + s0)>>} : () -> ()

// -----

// expected-error@+1 {{'1/0' is not a decimal number}}
"R1"() {rate = #looptree.rational<1/0>} : () -> ()

// -----

// expected-error@+1 {{'everything' is no role of a plan; roles are fused, layer_by_layer, op_by_op}}
looptree.plan @role of @w on @a role everything {
}

// RUN: looptree-opt %s --split-input-file --verify-diagnostics

looptree.workload @WL1_part {
  tensor @I : 4xi8 input
  tensor @O : 4xi8 output
  einsum @e (i = 4) writes @O[i] reads @I[i]
  // expected-error@+1 {{has no place in a workload}}
  %0 = arith.constant 1 : i32
}

// -----

// expected-error@+1 {{makes no workload: a workload has at least one einsum}}
looptree.workload @WL1_empty {
  tensor @I : 4xi8 input
}

// -----

looptree.workload @WL2_tensors {
  // expected-note@+1 {{the first is here}}
  tensor @I : 4xi8 input
  // expected-error@+1 {{is the second tensor named @I}}
  tensor @I : 4xi8 output
}

// -----

looptree.workload @WL2_einsums {
  tensor @I : 4xi8 input
  tensor @O : 4xi8 output
  // expected-note@+1 {{see existing symbol definition here}}
  einsum @e (i = 4) writes @O[i] reads @I[i]
  // expected-error@+1 {{redefinition of symbol named 'e'}}
  einsum @e (i = 4) writes @O[i] reads @I[i]
}

// -----

looptree.workload @WL3_tensor {
  tensor @I : 4xi8 input
  tensor @O : 4xi8 output
  // expected-error@+1 {{names @J, which is no tensor of @WL3_tensor}}
  einsum @e (i = 4) writes @O[i] reads @J[i]
}

// -----

looptree.workload @WL3_dimensions {
  // expected-note@+1 {{the tensor is here}}
  tensor @I : 4xi8 input
  tensor @O : 4xi8 output
  // expected-error@+1 {{has an access of @I with 2 expressions, but the tensor has 1 dimensions}}
  einsum @e (i = 4) writes @O[i] reads @I[i, 0]
}

// -----

looptree.workload @WL4_producers {
  tensor @I : 4xi8 input
  tensor @O : 4xi8 output
  einsum @e (i = 4) writes @O[i] reads @I[i]
  // expected-error@+1 {{makes no workload: tensor O is written by two einsums, e and f}}
  einsum @f (i = 4) writes @O[i] reads @I[i]
}

// -----

looptree.workload @WL4_input {
  tensor @I : 4xi8 input
  // expected-error@+1 {{makes no workload: einsum e writes input I}}
  einsum @e (i = 4) writes @I[i]
}

// -----

looptree.workload @WL4_no_producer {
  // expected-error@+1 {{makes no workload: output P is written by no einsum}}
  tensor @P : 4xi8 output
  tensor @I : 4xi8 input
  tensor @O : 4xi8 output
  einsum @e (i = 4) writes @O[i] reads @I[i]
}

// -----

looptree.workload @WL4_not_read {
  tensor @I : 4xi8 input
  // expected-error@+1 {{makes no workload: intermediate O is read by no einsum}}
  tensor @O : 4xi8 intermediate
  einsum @e (i = 4) writes @O[i] reads @I[i]
}

// -----

looptree.workload @WL5 {
  tensor @I : 4xi8 input
  tensor @M : 4xi8 intermediate
  tensor @O : 4xi8 output
  // expected-error@+1 {{makes no workload: einsums are not in topological order: late reads M before early writes it}}
  einsum @late (i = 4) writes @O[i] reads @M[i]
  einsum @early (i = 4) writes @M[i] reads @I[i]
}

// -----

looptree.workload @WL6 {
  tensor @I : 4xi8 input
  tensor @O : 4xi8 output
  // expected-error@+1 {{makes no workload: einsum e writes O, dimension 0: the index i + 1 covers 1 to 4, outside the tensor's extent 4}}
  einsum @e (i = 4) writes @O[i + 1] reads @I[i]
}

// -----

looptree.workload @WL7_ops {
  tensor @I : 4xi8 input
  tensor @O : 4xi8 output
  // expected-error@+1 {{makes no workload: the op count of einsum e exceeds 64 bit}}
  einsum @e (i = 4, j = 5000000000, k = 5000000000) writes @O[i] reads @I[i]
}

// -----

looptree.workload @WL7_bits {
  // expected-error@+1 {{makes no workload: the bits of tensor H exceed 64 bit}}
  tensor @H : 2000000000x2000000000xi8 input
  tensor @I : 4xi8 input
  tensor @O : 4xi8 output
  einsum @e (i = 4) writes @O[i] reads @I[i]
}

// -----

// expected-error@+1 {{is read from @nothing, which does not exist}}
looptree.workload @payload from @nothing {
  tensor @I : 4xi8 input
  tensor @O : 4xi8 output
  einsum @e (i = 4) writes @O[i] reads @I[i]
}

// -----

looptree.workload @TN1_extent {
  // expected-error@+1 {{has extent 0; it must be at least 1}}
  tensor @I : 0xi8 input
}

// -----

looptree.workload @TN1_bits {
  // expected-error@+1 {{has elements of 0 bits; they must have at least 1}}
  tensor @I : 4xi0 input
}

// -----

looptree.workload @TN1_partial {
  // expected-error@+1 {{has elements of 0 bits; they must have at least 1}}
  tensor @I : 4xi8 input partial i0
}

// -----

looptree.workload @EI1_twice {
  tensor @I : 4xi8 input
  tensor @O : 4xi8 output
  // expected-error@+1 {{has two ranks named i}}
  einsum @e (i = 4, i = 4) writes @O[i] reads @I[i]
}

// -----

looptree.workload @EI1_extent {
  tensor @I : 4xi8 input
  tensor @O : 4xi8 output
  // expected-error@+1 {{has rank i of extent 0; it must be at least 1}}
  einsum @e (i = 0) writes @O[i] reads @I[i]
}

// -----

looptree.workload @EI1_identifier {
  tensor @I : 4xi8 input
  tensor @O : 4xi8 output
  // expected-error@+1 {{makes no workload: einsum e has a rank named 'i 1', which is not an identifier}}
  einsum @e ("i 1" = 4) writes @O["i 1"] reads @I["i 1"]
}

// -----

looptree.workload @EI2_coefficient {
  tensor @I : 4xi8 input
  tensor @O : 4xi8 output
  // expected-error@+1 {{has an access of @I in which rank i has coefficient -1; it must be above 0}}
  einsum @e (i = 4) writes @O[i] reads @I[-i + 3]
}

// -----

looptree.workload @EI2_linear {
  tensor @I : 4xi8 input
  tensor @O : 4xi8 output
  // expected-error@+1 {{has an access of @I whose expression affine_map<(d0) -> (d0 floordiv 2)> is not a sum of ranks times coefficients}}
  "looptree.einsum"() <{sym_name = "e", kind = #looptree<einsum_kind contraction>, rank_names = ["i"], extents = array<i64: 4>,
    write = #looptree.access<@O, affine_map<(d0) -> (d0)>>,
    reads = [#looptree.access<@I, affine_map<(d0) -> (d0 floordiv 2)>>]}> : () -> ()
}

// -----

looptree.workload @EI2_ranks {
  tensor @I : 4xi8 input
  tensor @O : 4xi8 output
  // expected-error@+1 {{has an access of @I over 2 ranks instead of 1}}
  "looptree.einsum"() <{sym_name = "e", kind = #looptree<einsum_kind contraction>, rank_names = ["i"], extents = array<i64: 4>,
    write = #looptree.access<@O, affine_map<(d0) -> (d0)>>,
    reads = [#looptree.access<@I, affine_map<(d0, d1) -> (d0)>>]}> : () -> ()
}

// -----

looptree.workload @EI3 {
  tensor @I : 4x4xi8 input
  tensor @O : 4xi8 output
  // expected-error@+1 {{has an access of @I with rank i in two dimensions}}
  einsum @diagonal (i = 4) writes @O[i] reads @I[i, i]
}

// -----

looptree.workload @EI4 {
  tensor @I : 4xi8 input
  tensor @O : 4xi8 output
  // expected-error@+1 {{writes to an init}}
  "looptree.einsum"() <{sym_name = "e", kind = #looptree<einsum_kind contraction>, rank_names = ["i"], extents = array<i64: 4>,
    write = #looptree.access<@O, affine_map<(d0) -> (d0)>, init>,
    reads = [#looptree.access<@I, affine_map<(d0) -> (d0)>>]}> : () -> ()
}

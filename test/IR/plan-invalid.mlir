// RUN: looptree-opt %s --split-input-file --verify-diagnostics

looptree.arch @chip {
  level @DRAM
  level @GLB
  level @WBuf {holds = [weight]}
  fanout @X size 2 below @GLB
  compute_unit
}
looptree.workload @pair {
  tensor @I : 6xi8 input
  tensor @A : 6xi8 intermediate
  tensor @B : 6xi8 output
  einsum @a (p = 6) writes @A[p] reads @I[p]
  einsum @b (p = 6) writes @B[p] reads @A[p]
}
// expected-error@+1 {{is of @net, which is no workload}}
looptree.plan @PN1_workload of @net on @chip {
}

// -----

looptree.arch @chip {
  level @DRAM
  level @GLB
  level @WBuf {holds = [weight]}
  fanout @X size 2 below @GLB
  compute_unit
}
looptree.workload @pair {
  tensor @I : 6xi8 input
  tensor @A : 6xi8 intermediate
  tensor @B : 6xi8 output
  einsum @a (p = 6) writes @A[p] reads @I[p]
  einsum @b (p = 6) writes @B[p] reads @A[p]
}
// expected-error@+1 {{is on @net, which is no architecture}}
looptree.plan @PN1_arch of @pair on @net {
}

// -----

looptree.arch @chip {
  level @DRAM
  level @GLB
  level @WBuf {holds = [weight]}
  fanout @X size 2 below @GLB
  compute_unit
}
looptree.workload @pair {
  tensor @I : 6xi8 input
  tensor @A : 6xi8 intermediate
  tensor @B : 6xi8 output
  einsum @a (p = 6) writes @A[p] reads @I[p]
  einsum @b (p = 6) writes @B[p] reads @A[p]
}
looptree.plan @PN1_part of @pair on @chip {
  // expected-error@+1 {{has no place in a plan}}
  %0 = arith.constant 1 : i32
}

// -----

looptree.arch @chip {
  level @DRAM
  level @GLB
  level @WBuf {holds = [weight]}
  fanout @X size 2 below @GLB
  compute_unit
}
looptree.workload @pair {
  tensor @I : 6xi8 input
  tensor @A : 6xi8 intermediate
  tensor @B : 6xi8 output
  einsum @a (p = 6) writes @A[p] reads @I[p]
  einsum @b (p = 6) writes @B[p] reads @A[p]
}
looptree.plan @PN1_mapping of @pair on @chip {
  // expected-error@+1 {{names @pair, which is no mapping}}
  execute @pair
}

// -----

looptree.arch @chip {
  level @DRAM
  level @GLB
  level @WBuf {holds = [weight]}
  fanout @X size 2 below @GLB
  compute_unit
}
looptree.workload @pair {
  tensor @I : 6xi8 input
  tensor @A : 6xi8 intermediate
  tensor @B : 6xi8 output
  einsum @a (p = 6) writes @A[p] reads @I[p]
  einsum @b (p = 6) writes @B[p] reads @A[p]
}
looptree.arch @other {
  level @DRAM
  compute_unit
}
// expected-note@+1 {{the mapping is here}}
looptree.mapping @elsewhere of @pair on @other {
  retain @I, @A at @DRAM
  compute @a
}
looptree.plan @PN1_other of @pair on @chip {
  // expected-error@+1 {{names a mapping of @pair on @other in a plan of @pair on @chip}}
  execute @elsewhere
}

// -----

looptree.arch @chip {
  level @DRAM
  level @GLB
  level @WBuf {holds = [weight]}
  fanout @X size 2 below @GLB
  compute_unit
}
looptree.workload @pair {
  tensor @I : 6xi8 input
  tensor @A : 6xi8 intermediate
  tensor @B : 6xi8 output
  einsum @a (p = 6) writes @A[p] reads @I[p]
  // expected-note@+1 {{the einsum is here}}
  einsum @b (p = 6) writes @B[p] reads @A[p]
}
looptree.mapping @only_a of @pair on @chip {
  retain @I, @A at @DRAM
  compute @a
}
// expected-error@+1 {{has no mapping that computes @b}}
looptree.plan @PN2_lacks of @pair on @chip {
  execute @only_a
}

// -----

looptree.arch @chip {
  level @DRAM
  level @GLB
  level @WBuf {holds = [weight]}
  fanout @X size 2 below @GLB
  compute_unit
}
looptree.workload @pair {
  tensor @I : 6xi8 input
  tensor @A : 6xi8 intermediate
  tensor @B : 6xi8 output
  einsum @a (p = 6) writes @A[p] reads @I[p]
  einsum @b (p = 6) writes @B[p] reads @A[p]
}
looptree.mapping @only_a of @pair on @chip {
  retain @I, @A at @DRAM
  compute @a
}
looptree.mapping @only_b of @pair on @chip {
  retain @A, @B at @DRAM
  compute @b
}
looptree.plan @PN2_twice of @pair on @chip {
  // expected-note@+1 {{the earlier one is here}}
  execute @only_a
  execute @only_b
  // expected-error@+1 {{computes @a, which an earlier mapping computes}}
  execute @only_a
}

// -----

looptree.arch @chip {
  level @DRAM
  level @GLB
  level @WBuf {holds = [weight]}
  fanout @X size 2 below @GLB
  compute_unit
}
looptree.workload @pair {
  tensor @I : 6xi8 input
  tensor @A : 6xi8 intermediate
  tensor @B : 6xi8 output
  einsum @a (p = 6) writes @A[p] reads @I[p]
  einsum @b (p = 6) writes @B[p] reads @A[p]
}
looptree.mapping @only_a of @pair on @chip {
  retain @I, @A at @DRAM
  compute @a
}
looptree.mapping @only_b of @pair on @chip {
  retain @A, @B at @DRAM
  compute @b
}
looptree.plan @PN3 of @pair on @chip {
  // expected-error@+1 {{computes @b before @a makes the tensor @A that it reads}}
  execute @only_b
  // expected-note@+1 {{@a is computed here}}
  execute @only_a
}

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
// expected-error@+1 {{maps @net, which is no workload}}
looptree.mapping @MP1_workload of @net on @chip {
  compute @a
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
// expected-error@+1 {{maps onto @pair, which is no architecture}}
looptree.mapping @MP1_arch of @pair on @pair {
  compute @a
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
// expected-error@+1 {{has a branch without nodes; it must end in a loop, a split or a compute}}
looptree.mapping @MP2_empty of @pair on @chip {
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
looptree.mapping @MP2_retain_last of @pair on @chip {
  // expected-error@+1 {{has nothing below it; a branch must end in a loop, a split or a compute}}
  retain @I, @B at @DRAM
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
looptree.mapping @MP2_two_ends of @pair on @chip {
  // expected-error@+1 {{ends its branch, but nodes follow it}}
  compute @a
  // expected-note@+1 {{the next one is here}}
  compute @b
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
looptree.mapping @MP2_no_node of @pair on @chip {
  // expected-error@+1 {{has no place in a mapping}}
  %0 = arith.constant 1 : i32
  compute @a
}

// -----

looptree.arch @chip {
  level @DRAM
  level @GLB
  level @WBuf {holds = [weight]}
  fanout @X size 2 below @GLB
  compute_unit
}
// expected-note@+1 {{the workload is here}}
looptree.workload @pair {
  tensor @I : 6xi8 input
  tensor @A : 6xi8 intermediate
  tensor @B : 6xi8 output
  einsum @a (p = 6) writes @A[p] reads @I[p]
  einsum @b (p = 6) writes @B[p] reads @A[p]
}
looptree.mapping @MP3_einsum of @pair on @chip {
  // expected-error@+1 {{names einsum @c, which does not exist}}
  compute @c
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
looptree.mapping @MP3_rank of @pair on @chip {
  retain @I, @B at @DRAM
  // expected-error@+1 {{loops over q, which is no rank of @b}}
  for q of @b step 1 {
    compute @b
  }
}

// -----

looptree.arch @chip {
  level @DRAM
  level @GLB
  level @WBuf {holds = [weight]}
  fanout @X size 2 below @GLB
  compute_unit
}
// expected-note@+1 {{the workload is here}}
looptree.workload @pair {
  tensor @I : 6xi8 input
  tensor @A : 6xi8 intermediate
  tensor @B : 6xi8 output
  einsum @a (p = 6) writes @A[p] reads @I[p]
  einsum @b (p = 6) writes @B[p] reads @A[p]
}
looptree.mapping @MP3_tensor of @pair on @chip {
  // expected-error@+1 {{names tensor @Z, which does not exist}}
  retain @Z at @DRAM
  compute @a
}

// -----

// expected-note@+1 {{the arch is here}}
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
looptree.mapping @MP3_level of @pair on @chip {
  // expected-error@+1 {{names level @L2, which does not exist}}
  retain @I at @L2
  compute @a
}

// -----

// expected-note@+1 {{the arch is here}}
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
looptree.mapping @MP3_fanout of @pair on @chip {
  retain @I, @B at @DRAM
  // expected-error@+1 {{names fan-out dimension @Y, which does not exist}}
  spatial_for p of @b step 1 over @Y {
    compute @b
  }
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
  // expected-note@+1 {{the barrier is here}}
  barrier "a gather"
  einsum @b (p = 6) writes @B[p] reads @A[p]
}
looptree.mapping @MP4 of @pair on @chip {
  retain @I, @B at @DRAM
  retain @A at @GLB
  sequential {
    compute @a
  }, {
    // expected-error@+1 {{computes @b in one mapping with @a, but a barrier stands between them}}
    compute @b
  }
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
looptree.mapping @MP5 of @pair on @chip {
  retain @I, @B at @DRAM
  retain @A at @GLB
  sequential {
    compute @a
  }, {
    compute @b
  }, {
    // expected-error@+1 {{breaks (MP5): einsum b has two compute nodes}}
    compute @b
  }
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
looptree.mapping @MP6 of @pair on @chip {
  retain @I, @B at @DRAM
  retain @A at @GLB
  // expected-error@+1 {{breaks (MP6): the loop over p of a needs a as the only head of the einsums below it; the head is b}}
  for p of @a step 2 {
    sequential {
      compute @a
    }, {
      compute @b
    }
  }
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
looptree.mapping @MP6_outside of @pair on @chip {
  retain @I, @A at @DRAM
  // expected-error@+1 {{breaks (MP6): it loops over a rank of @b, which the mapping does not compute}}
  for p of @b step 2 {
    compute @a
  }
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
looptree.mapping @MP7 of @pair on @chip {
  retain @I, @B at @DRAM
  retain @A at @GLB
  // expected-error@+1 {{breaks (MP7): b in branch 0 reads A, which a in branch 1 makes}}
  sequential {
    compute @b
  }, {
    compute @a
  }
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
looptree.mapping @MP8_used of @pair on @chip {
  retain @I, @B at @DRAM
  retain @A at @GLB
  sequential {
    // expected-error@+1 {{breaks (MP8): B is retained at GLB where no einsum below uses it}}
    retain @B at @GLB
    compute @a
  }, {
    compute @b
  }
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
looptree.mapping @MP8_of_set of @pair on @chip {
  retain @I, @A at @DRAM
  // expected-error@+1 {{breaks (MP8): no einsum of the mapping uses @B}}
  retain @B at @GLB
  compute @a
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
looptree.mapping @MP8_holds of @pair on @chip {
  retain @I, @A at @DRAM
  // expected-error@+1 {{breaks (MP8): I is retained at WBuf, which does not hold it}}
  retain @I at @WBuf
  compute @a
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
looptree.mapping @MP9_operand of @pair on @chip {
  retain @I at @DRAM
  // expected-error@+1 {{breaks (MP9): A is retained nowhere above the compute of a}}
  compute @a
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
looptree.mapping @MP9_inward of @pair on @chip {
  retain @I, @A at @DRAM
  retain @I at @GLB
  // expected-error@+1 {{breaks (MP9): I is retained at GLB below its retain at GLB; retains go strictly inward}}
  retain @I at @GLB
  compute @a
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
looptree.mapping @MP9_backing of @pair on @chip {
  retain @I, @B at @DRAM
  sequential {
    // expected-error@+1 {{breaks (MP9): A is retained at GLB for the first time, but b, which uses it too, is not below}}
    retain @A at @GLB
    compute @a
  }, {
    retain @A at @GLB
    compute @b
  }
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
looptree.mapping @MP10_level of @pair on @chip {
  // expected-error@+1 {{breaks (MP10): I is retained at GLB; an input is first retained at DRAM}}
  retain @I at @GLB
  retain @A at @DRAM
  compute @a
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
looptree.mapping @MP10_above of @pair on @chip {
  retain @I at @DRAM
  for p of @a step 2 {
    // expected-error@+1 {{breaks (MP10): A is retained at DRAM below a loop or split; an output is first retained above them all}}
    retain @A at @DRAM
    compute @a
  }
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
looptree.mapping @MP11 of @pair on @chip {
  retain @I, @A at @DRAM
  spatial_for p of @a step 1 over @X {
    // expected-error@+1 {{breaks (MP11): a retain at GLB stands below the loop over p of a over X, which lies below GLB}}
    retain @I at @GLB
    compute @a
  }
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
looptree.mapping @FR1 of @pair on @chip {
  retain @I, @A at @DRAM
  // expected-error@+1 {{has step 0; it must be at least 1}}
  for p of @a step 0 {
    compute @a
  }
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
looptree.mapping @FR2 of @pair on @chip {
  retain @I, @A at @DRAM
  // expected-error@+1 {{has a branch without nodes; it must end in a loop, a split or a compute}}
  for p of @a step 1 {
  }
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
looptree.mapping @SF1 of @pair on @chip {
  retain @I, @A at @DRAM
  // expected-error@+1 {{has step -1; it must be at least 1}}
  spatial_for p of @a step -1 over @X {
    compute @a
  }
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
looptree.mapping @SF2 of @pair on @chip {
  retain @I, @A at @DRAM
  // expected-error@+1 {{has a branch without nodes; it must end in a loop, a split or a compute}}
  spatial_for p of @a step 1 over @X {
  }
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
looptree.mapping @RT1_twice of @pair on @chip {
  // expected-error@+1 {{names @I twice}}
  retain @I, @I at @DRAM
  compute @a
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
looptree.mapping @RT1_none of @pair on @chip {
  // expected-error@+1 {{names no tensor}}
  "looptree.retain"() <{tensors = [], level = "DRAM"}> : () -> ()
  compute @a
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
looptree.mapping @RT2_retained of @pair on @chip {
  // expected-error@+1 {{has no_reuse of @A, which it does not retain}}
  retain @I at @DRAM no_reuse @A
  compute @a
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
looptree.mapping @RT2_twice of @pair on @chip {
  // expected-error@+1 {{has no_reuse of @I twice}}
  retain @I at @DRAM no_reuse @I, @I
  compute @a
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
looptree.mapping @SQ1 of @pair on @chip {
  retain @I, @B at @DRAM
  // expected-error@+1 {{has no branch}}
  "looptree.sequential"() : () -> ()
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
looptree.mapping @PL1 of @pair on @chip {
  retain @I, @B at @DRAM
  retain @A at @GLB
  // expected-error@+1 {{has a branch without nodes; it must end in a loop, a split or a compute}}
  pipeline {
  }, {
    compute @b
  }
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
// expected-error@+1 {{to be one of}}
looptree.compute @a

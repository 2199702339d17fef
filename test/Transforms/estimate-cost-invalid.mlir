// RUN: looptree-opt %s --split-input-file --verify-diagnostics --estimate-cost="report=none"

// No part of a report is left behind.
// RUN: rm -f %t.report
// RUN: not looptree-opt %s --split-input-file --estimate-cost="report-file=%t.report" 2>/dev/null
// RUN: not ls %t.report

looptree.arch @chip {
  level @DRAM
  level @GLB
  compute_unit
}
looptree.workload @pair {
  tensor @I : 20xi8 input
  tensor @A : 19xi8 intermediate
  tensor @B : 17xi8 output
  einsum @convA (p = 18, r = 3) writes @A[p] reads @I[p + r]
  einsum @convB (p = 17, r = 3) writes @B[p] reads @A[p + r]
}
// expected-error@+1 {{mapping @incomplete has no cost: incomplete: convB reads A[18], which GLB does not hold}}
looptree.mapping @incomplete of @pair on @chip {
  retain @I, @B at @DRAM
  retain @A at @GLB
  sequential {
    for p of @convA step 4 {
      compute @convA
    }
  }, {
    compute @convB
  }
}

// -----

looptree.arch @chip {
  level @DRAM
  compute_unit
}
looptree.workload @large {
  tensor @I : 1000000000x4000000000xi1 input
  tensor @J : 1000000000x4000000000xi1 input
  tensor @K : 1000000000x4000000000xi1 input
  tensor @O : 1000000000xi8 output
  // Each tensor fits 64 bit, all of them together do not.
  einsum @sum (p = 1000000000, k = 4000000000) writes @O[p] reads @I[p, k], @J[p, k], @K[p, k]
}
// expected-error@+1 {{mapping @overflow has no cost: the algorithmic minimum exceeds 64 bit}}
looptree.mapping @overflow of @large on @chip {
  retain @I, @J, @K, @O at @DRAM
  compute @sum
}

// The 1-D pair of docs/CostModel.md in tiles of four, A retained below the loop.
looptree.arch @edge {
  level @DRAM {read_pj_per_bit = 64, write_pj_per_bit = 64}
  level @GLB {capacity_bits = 1 KiB, read_pj_per_bit = 6, write_pj_per_bit = 6}
  compute_unit {pj_per_op = 1}
}
looptree.workload @pair {
  tensor @I : 20xi8 input
  tensor @WA : 3xi8 input weight
  tensor @A : 18xi8 intermediate
  tensor @WB : 3xi8 input weight
  tensor @B : 16xi8 output
  einsum @convA (p = 18, r = 3) writes @A[p] reads @I[p + r], @WA[r]
  einsum @convB (p = 16, r = 3) writes @B[p] reads @A[p + r], @WB[r]
}
looptree.mapping @line_buffer of @pair on @edge {
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

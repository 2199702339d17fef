// Three 1-D convolutions, the second followed by a relu; three executions.

looptree.arch @edge {
  level @DRAM {read_pj_per_bit = 64, write_pj_per_bit = 64, read_bits_per_cycle = 8, write_bits_per_cycle = 8}
  level @GLB {capacity_bits = 256, read_pj_per_bit = 6, write_pj_per_bit = 6}
  compute_unit {ops_per_cycle = 4, pj_per_op = 0.5, elementwise = {ops_per_cycle = unbounded}}
}

looptree.workload @net {
  tensor @I : 20xi8 input
  tensor @WA : 3xi8 input weight
  tensor @A : 18xi8 intermediate
  tensor @WB : 3xi8 input weight
  tensor @B : 16xi8 intermediate
  tensor @R : 16xi8 output
  tensor @WC : 3xi8 input weight
  tensor @C : 14xi8 output
  einsum @convA (p = 18, r = 3) writes @A[p] reads @I[p + r], @WA[r]
  einsum @convB (p = 16, r = 3) writes @B[p] reads @A[p + r], @WB[r]
  einsum @relu elementwise (p = 16) writes @R[p] reads @B[p]
  barrier "tensor.gather is not affine"
  einsum @convC (p = 14, r = 3) writes @C[p] reads @R[p + r], @WC[r]
}

looptree.mapping @ab of @net on @edge {
  retain @I, @WA, @WB, @R at @DRAM
  retain @WA, @WB at @GLB
  for p of @relu step 4 {
    retain @I, @A, @B, @R at @GLB
    sequential {
      compute @convA
    }, {
      compute @convB
    }, {
      compute @relu
    }
  }
}
looptree.mapping @a of @net on @edge {
  retain @I, @WA, @A at @DRAM
  retain @WA at @GLB
  for p of @convA step 4 {
    retain @I, @A at @GLB
    compute @convA
  }
}
looptree.mapping @b_relu of @net on @edge {
  retain @A, @WB, @R at @DRAM
  retain @WB at @GLB
  for p of @relu step 4 {
    retain @A, @B, @R at @GLB
    sequential {
      compute @convB
    }, {
      compute @relu
    }
  }
}
looptree.mapping @b of @net on @edge {
  retain @A, @WB, @B at @DRAM
  retain @WB at @GLB
  for p of @convB step 4 {
    retain @A, @B at @GLB
    compute @convB
  }
}
looptree.mapping @relu of @net on @edge {
  retain @B, @R at @DRAM
  compute @relu
}
looptree.mapping @c of @net on @edge {
  retain @R, @WC, @C at @DRAM
  retain @WC at @GLB
  for p of @convC step 4 {
    retain @R, @C at @GLB
    compute @convC
  }
}

looptree.plan @fused of @net on @edge role fused certificate "least off_chip_bits over 12 mappings\nnot searched: loops over reduction ranks" {
  execute @ab
  execute @c
}
looptree.plan @layers of @net on @edge role layer_by_layer {
  execute @a
  execute @b_relu
  execute @c
}
looptree.plan @ops of @net on @edge role op_by_op {
  execute @a
  execute @b
  execute @relu
  execute @c
}

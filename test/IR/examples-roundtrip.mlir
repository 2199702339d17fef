// RUN: looptree-opt %s --allow-unregistered-dialect -o %t.1.mlir
// RUN: looptree-opt %t.1.mlir --allow-unregistered-dialect -o %t.2.mlir
// RUN: diff %t.1.mlir %t.2.mlir

// The examples of the reference documentation, in the context that they need.

looptree.arch @edge {
  level @DRAM {read_pj_per_bit = 64, write_pj_per_bit = 64, read_bits_per_cycle = 64, write_bits_per_cycle = 64}
  level @GLB {capacity_bits = 128 KiB, read_pj_per_bit = 6, write_pj_per_bit = 6, shared_bits_per_cycle = 0.3}
  fanout @X size 16 below @GLB
  compute_unit {ops_per_cycle = 1, pj_per_op = 1, elementwise = {ops_per_cycle = unbounded}}
}

looptree.arch @other {
  level @GLB {capacity_bits = 128 KiB, read_pj_per_bit = 6, multicast = false, holds = [input, weight]}
  compute_unit {ops_per_cycle = 256, pj_per_op = 0.5, elementwise = {ops_per_cycle = unbounded}}
}

looptree.workload @pair {
  tensor @I : 20xi8 input
  tensor @WA : 3xi8 input weight
  tensor @A : 18xi8 intermediate
  tensor @WB : 3xi8 input weight
  tensor @B : 16xi8 output
  einsum @convA (pa = 18, ra = 3) writes @A[pa] reads @I[pa + ra], @WA[ra]
  einsum @convB (pb = 16, rb = 3) writes @B[pb] reads @A[pb + rb], @WB[rb]
}

looptree.workload @net {
  tensor @In : 1x64x56x56xi8 input
  tensor @Mid : 1x64x56x56xi8 intermediate partial i32
  tensor @W2 : 64x64x3x3xi8 input weight
  tensor @bias : 64xi32 input
  tensor @Out : 1x64x56x56xi8 output
  tensor @O : 64xi8 input
  tensor @R : 64xi8 output
  einsum @conv1 elementwise (c = 64, p = 56, q = 56) writes @Mid[0, c, p, q] reads @In[0, c, p, q]
  einsum @conv2 (m = 64, p = 56, q = 56, c = 64, r = 3, s = 3) writes @Out[0, m, p, q] reads @Mid[0, c, p + r - 1, q + s - 1], @W2[m, c, r, s], init @bias[m]
  barrier "tensor.gather: not an affine access"
  einsum @relu elementwise (i = 64) writes @R[i] reads @O[i]
}

looptree.mapping @line_buffer of @pair on @edge {
  retain @I, @WA, @WB, @B at @DRAM
  retain @WA, @WB at @GLB
  for pb of @convB step 4 {
    retain @I, @A, @B at @GLB no_reuse @A
    sequential {
      compute @convA
    }, {
      compute @convB
    }
  }
}

looptree.plan @fused of @pair on @edge role fused certificate "least off_chip_bits of 12 mappings; other orders of loops: not searched" {
  execute @line_buffer
}

looptree.mapping @stages of @pair on @edge {
  retain @I, @WA, @WB, @A, @B at @DRAM
  pipeline {
    compute @convA
  }, {
    compute @convB
  }
}

looptree.mapping @nodes of @pair on @edge {
  retain @I, @WA, @WB, @A, @B at @DRAM
  sequential {
    spatial_for ra of @convA step 1 over @X {
      compute @convA
    }
  }, {
    for pb of @convB step 4 {
      compute @convB
    }
  }
}

"test.op"() {attribute = #looptree.rational<0.3>} : () -> ()
"test.op"() {attribute = #looptree.rational<1/3>} : () -> ()
"test.op"() {attribute = #looptree.op_cost<ops_per_cycle = 1, pj_per_op = 0.5>} : () -> ()
"test.op"() {attribute = #looptree.op_cost<ops_per_cycle = unbounded>} : () -> ()
"test.op"() {attribute = #looptree.access<@A, affine_map<(d0, d1) -> (d0 + d1)>>} : () -> ()
"test.op"() {attribute = #looptree.access<@bias, affine_map<(d0, d1) -> (d0)>, init>} : () -> ()
"test.op"() {attribute = #looptree.level_cost<level = "GLB", capacity_bits = 192, reads = 136, writes = 60, read_bits = 1088, write_bits = 480, cycles = 5, energy_pj = 9408>} : () -> ()
"test.op"() {attribute = #looptree.einsum_cost<einsum = "convA", ops = 72, recompute = 18, not_needed = 0>} : () -> ()
"test.op"() {attribute = #looptree.buffer_cost<tensor = "A", elements = 6, bits = 48, steady = 6, footprint = 6, reads = 48, writes = 24, fills = 0, drains = 0, read_bits = 384, write_bits = 192>} : () -> ()
"test.op"() {attribute = #looptree.problem<limit = capacity, of = "GLB", needed = 192, excess = 64>} : () -> ()
"test.op"() {attribute =
#looptree.cost<exact, model = 1, inputs = "90c3f2a1b0d4e5f6",
  off_chip_elements = 42, off_chip_bits = 336,
  minimum_elements = 42, minimum_bits = 336,
  ops = 120, recompute = 18, not_needed = 0,
  latency_cycles = 72, compute_cycles = 72, bound_by = "compute",
  utilisation = 0.5, fill_cycles = 0, drain_cycles = 0,
  energy_pj = 34200, compute_energy_pj = 120, leakage_energy_pj = 0,
  levels = [<level = "GLB", capacity_bits = 192, reads = 136, writes = 60, read_bits = 1088, write_bits = 480, cycles = 5, energy_pj = 9408>],
  einsums = [<einsum = "convA", ops = 72, recompute = 18, not_needed = 0>]>} : () -> ()

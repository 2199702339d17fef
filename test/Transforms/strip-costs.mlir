// RUN: looptree-opt %s --strip-costs | FileCheck %s
// RUN: looptree-opt %s --strip-costs | FileCheck %s --check-prefix=NONE

// Whatever wrote them.
// NONE-NOT: costs

looptree.arch @edge {
  level @DRAM
  compute_unit
}
looptree.workload @copy {
  tensor @I : 4xi8 input
  tensor @O : 4xi8 output
  einsum @e elementwise (i = 4) writes @O[i] reads @I[i]
}

// CHECK:      looptree.mapping @map of @copy on @edge {
// CHECK-NEXT:   retain @I, @O at @DRAM
// CHECK-NEXT:   compute @e
// CHECK-NEXT: }
looptree.mapping @map of @copy on @edge {
  retain @I, @O at @DRAM costs [<tensor = "I", elements = 4, bits = 32, steady = 4, footprint = 4, reads = 4, writes = 0, fills = 0, drains = 0, read_bits = 32, write_bits = 0>]
  compute @e costs <einsum = "e", ops = 4, recompute = 0, not_needed = 0>
} costs <exact, model = 1, inputs = "0", off_chip_elements = 8, off_chip_bits = 64, minimum_elements = 8, minimum_bits = 64, ops = 4, recompute = 0, not_needed = 0, latency_cycles = 4, compute_cycles = 4, bound_by = "compute", utilisation = 1, fill_cycles = 0, drain_cycles = 0, energy_pj = 0, compute_energy_pj = 0, leakage_energy_pj = 0>

// CHECK:      looptree.plan @plan of @copy on @edge role fused certificate "the only mapping" {
// CHECK-NEXT:   execute @map
// CHECK-NEXT: }
looptree.plan @plan of @copy on @edge role fused certificate "the only mapping" {
  execute @map
} costs <exact, model = 1, inputs = "0", off_chip_elements = 8, off_chip_bits = 64, minimum_elements = 8, minimum_bits = 64, ops = 4, recompute = 0, not_needed = 0, latency_cycles = 4, compute_cycles = 4, utilisation = 1, fill_cycles = 0, drain_cycles = 0, energy_pj = 0, compute_energy_pj = 0, leakage_energy_pj = 0>

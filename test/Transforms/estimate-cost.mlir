// RUN: looptree-opt %s --estimate-cost="report=none" | FileCheck %s
// RUN: looptree-opt %s --estimate-cost="report=none" 2>&1 | FileCheck %s --check-prefix=SILENT
// RUN: looptree-opt %s --estimate-cost="report=none" | looptree-opt | FileCheck %s
// RUN: looptree-opt %s --estimate-cost="report=none" --emit-bytecode | looptree-opt | FileCheck %s

// Writing and stripping is the identity.
// RUN: looptree-opt %s -o %t.plain.mlir
// RUN: looptree-opt %s --estimate-cost="report=none" --strip-costs -o %t.stripped.mlir
// RUN: diff %t.plain.mlir %t.stripped.mlir

// SILENT-NOT: Network

looptree.arch @edge {
  level @DRAM {read_pj_per_bit = 64, write_pj_per_bit = 64, read_bits_per_cycle = 64, write_bits_per_cycle = 64}
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

// The first worked number of docs/CostModel.md, section 10.
// CHECK-LABEL: looptree.mapping @line_buffer
// CHECK-NEXT:    retain @I, @WA, @WB, @B at @DRAM costs [<tensor = "I", elements = 20, bits = 160, steady = 20, footprint = 20, reads = 20, writes = 0, fills = 0, drains = 0, read_bits = 160, write_bits = 0>, <tensor = "WA", elements = 3, {{.*}}>, <tensor = "WB", {{.*}}>, <tensor = "B", elements = 16, {{.*}}>]
// CHECK-NEXT:    retain @WA, @WB at @GLB costs [<tensor = "WA", elements = 3, bits = 24, steady = 3, footprint = 3, reads = {{[0-9]+}}, writes = 3, fills = 3, drains = 0, {{[^>]*}}>, <tensor = "WB", {{.*}}>]
// CHECK-NEXT:    for p of @convB step 4 {
// CHECK-NEXT:      retain @I, @A, @B at @GLB costs [<tensor = "I", elements = 8, bits = 64, steady = 6, footprint = 8, reads = 54, writes = 20, fills = 20, drains = 0, read_bits = 432, write_bits = 160>, <tensor = "A", elements = 6, bits = 48, steady = 6, footprint = 6, reads = 48, writes = 18, fills = 0, drains = 0, read_bits = 384, write_bits = 144>, <tensor = "B", elements = 4, bits = 32, steady = 4, footprint = 4, reads = 16, writes = 16, fills = 0, drains = 16, read_bits = 128, write_bits = 128>]
// CHECK-NEXT:      sequential {
// CHECK-NEXT:        compute @convA costs <einsum = "convA", ops = 54, recompute = 0, not_needed = 0>
// CHECK-NEXT:      }, {
// CHECK-NEXT:        compute @convB costs <einsum = "convB", ops = 48, recompute = 0, not_needed = 0>
// CHECK:         } costs <exact, model = 1, inputs = "{{([0-9a-f]{16})}}", off_chip_elements = 42, off_chip_bits = 336, minimum_elements = 42, minimum_bits = 336, ops = 102, recompute = 0, not_needed = 0, latency_cycles = 102, compute_cycles = 102, bound_by = "compute", utilisation = 1,
// CHECK-SAME:      energy_pj = 35046, compute_energy_pj = 102, leakage_energy_pj = 0
// CHECK-SAME:      levels = [<level = "DRAM", {{[^>]*}}>, <level = "GLB", capacity_bits = 192, {{[^>]*}}>]
// CHECK-SAME:      einsums = [<einsum = "convA", ops = 54, recompute = 0, not_needed = 0>, <einsum = "convB", ops = 48, recompute = 0, not_needed = 0>]>
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

// CHECK-LABEL: looptree.mapping @recomputes
// CHECK:         compute @convA costs <einsum = "convA", ops = 72, recompute = 18, not_needed = 0>
looptree.mapping @recomputes of @pair on @edge {
  retain @I, @WA, @WB, @B at @DRAM
  retain @WA, @WB at @GLB
  for p of @convB step 4 {
    retain @I, @A, @B at @GLB no_reuse @A
    sequential {
      compute @convA
    }, {
      compute @convB
    }
  }
}

// A mapping that does not fit has a cost, which says so.
looptree.arch @small {
  level @DRAM
  level @GLB {capacity_bits = 100}
  compute_unit
}
// CHECK-LABEL: looptree.mapping @too_large
// CHECK:         problems = [<limit = capacity, of = "GLB", needed = 192, excess = 92>]>
looptree.mapping @too_large of @pair on @small {
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

// Parts of the workload; the minimum is that of each part.
looptree.mapping @only_a of @pair on @edge {
  retain @I, @WA, @A at @DRAM
  compute @convA
}
looptree.mapping @only_b of @pair on @edge {
  retain @A, @WB, @B at @DRAM
  compute @convB
}

// Sums over both.
// CHECK-LABEL: looptree.plan @apart
// CHECK:         } costs <exact, model = 1, {{.*}} minimum_elements = 78, minimum_bits = 624, ops = 102, recompute = 0, not_needed = 0, latency_cycles = 102, compute_cycles = 102, utilisation = 1, fill_cycles = 0, drain_cycles = 0, {{.*}}>]>
looptree.plan @apart of @pair on @edge {
  execute @only_a
  execute @only_b
}

// Two sets that differ in names only, sorted the other way round, are evaluated
// once and cost the same.
looptree.workload @twins {
  tensor @a : 20xi8 input
  tensor @w : 3xi8 input
  tensor @c : 18xi8 output
  tensor @z : 20xi8 input
  tensor @v : 3xi8 input
  tensor @b : 18xi8 output
  einsum @first (p = 18, r = 3) writes @c[p] reads @a[p + r], @w[r]
  einsum @second (q = 18, s = 3) writes @b[q] reads @z[q + s], @v[s]
}
// CHECK-LABEL: looptree.mapping @twin_1
// CHECK-NEXT:    retain @a, @w, @c at @DRAM costs [<tensor = "a", elements = 20, {{.*}}>, <tensor = "w", elements = 3, {{.*}}>, <tensor = "c", elements = 18, {{.*}}>]
// CHECK-NEXT:    compute @first costs <einsum = "first", ops = 54, recompute = 0, not_needed = 0>
// CHECK:         } costs <exact, model = 1, inputs = "{{[0-9a-f]+}}", [[COSTS:.*]] levels = [[LEVELS:.*]], einsums
looptree.mapping @twin_1 of @twins on @edge {
  retain @a, @w, @c at @DRAM
  compute @first
}
// CHECK-LABEL: looptree.mapping @twin_2
// CHECK-NEXT:    retain @z, @v, @b at @DRAM costs [<tensor = "z", elements = 20, {{.*}}>, <tensor = "v", elements = 3, {{.*}}>, <tensor = "b", elements = 18, {{.*}}>]
// CHECK-NEXT:    compute @second costs <einsum = "second", ops = 54, recompute = 0, not_needed = 0>
// CHECK:         } costs <exact, model = 1, inputs = "{{[0-9a-f]+}}", [[COSTS]] levels = [[LEVELS]], einsums
looptree.mapping @twin_2 of @twins on @edge {
  retain @z, @v, @b at @DRAM
  compute @second
}

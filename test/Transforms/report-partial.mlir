// RUN: looptree-opt %s --estimate-cost -o /dev/null 2>&1 | FileCheck %s

// Without plans only mappings are reported, each on its own.

looptree.arch @chip {
  level @DRAM
  level @GLB {capacity_bits = 100}
  compute_unit
}
looptree.workload @pair {
  tensor @I : 20xi8 input
  tensor @A : 18xi8 intermediate
  tensor @B : 16xi8 output
  einsum @convA (p = 18, r = 3) writes @A[p] reads @I[p + r]
  einsum @convB (p = 16, r = 3) writes @B[p] reads @A[p + r]
}
// CHECK:      Network @pair on @chip: 2 einsums, 0 barriers
// CHECK-NOT:  Plan
// CHECK:      Mapping @too_large
// CHECK-NEXT:   layers     convA | convB
// CHECK:        space      GLB 18 B of 12.5 B (144.0 %)
// CHECK-NEXT:   invalid    GLB needs 18 B, 5.5 B too many
// CHECK-NEXT:   off chip   36 B, 1.00x of the minimum (36 B){{$}}
// CHECK-NOT:  Totals
looptree.mapping @too_large of @pair on @chip {
  retain @I, @B at @DRAM
  for p of @convB step 4 {
    retain @I, @A, @B at @GLB
    sequential {
      compute @convA
    }, {
      compute @convB
    }
  }
}

// One plan, on another architecture: it alone is reported.
looptree.arch @large {
  level @DRAM
  level @GLB
  compute_unit
}
// CHECK:      Network @pair on @large
// CHECK:      Plan @layers (layer by layer): 2 sets
// CHECK:      Set 1 of 2, mapping @a
// CHECK:        space      nothing on chip
// CHECK-NEXT:   off chip   72 B, 1.89x of the minimum (38 B){{$}}
// CHECK:      Totals; a ratio is layer by layer over the column's
// CHECK-NEXT:   {{ +}}layer by layer  minimum
// CHECK-NOT:  Ideal array
looptree.mapping @a of @pair on @large {
  retain @I, @A at @DRAM
  compute @convA
}
looptree.mapping @b of @pair on @large {
  retain @A, @B at @DRAM
  compute @convB
}
looptree.plan @layers of @pair on @large role layer_by_layer {
  execute @a
  execute @b
}

// The convention is an option: costs say which one they count by, and what the
// original does not have is an error.

// RUN: looptree-opt %s --split-input-file --verify-diagnostics --estimate-cost="convention=looptree-v1 report=none" | FileCheck %s
// RUN: looptree-opt %s --split-input-file --verify-diagnostics --check-mappings="convention=looptree-v1"
// RUN: not looptree-opt %s --split-input-file --estimate-cost=convention=v1 2>&1 | FileCheck %s --check-prefix=UNKNOWN
// UNKNOWN: {{.*}} Cannot find option named 'v1'!

// RUN: not looptree-opt %s --split-input-file --estimate-cost="convention=looptree-v1" 2>&1 | FileCheck %s --check-prefix=TABLE
// TABLE: Network @pair on @chip: 2 einsums, 0 barriers, counted as looptree-v1
// RUN: not looptree-opt %s --split-input-file --estimate-cost="convention=looptree-v1 report=json" 2>&1 | FileCheck %s --check-prefix=JSON
// JSON: "convention": "looptree-v1"

looptree.arch @chip {
  level @DRAM
  level @GLB {capacity_bits = 256}
  compute_unit
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

// Two stages share one MAC, which the original does not check, and it holds one
// window of A (6 elements) where this model holds those of both stages: 8.
// CHECK-LABEL: looptree.mapping @line_buffer
// CHECK:         retain @I, @A, @B at @GLB costs [{{.*}}<tensor = "A", elements = 6, bits = 48, steady = 6, footprint = 6, {{[^>]*}}>
// CHECK:         } costs <looptree_v1, model = {{[0-9]+}}, inputs = "{{[0-9a-f]+}}", off_chip_elements = 42,
// CHECK-NOT:     problems
// CHECK:       looptree.plan @p
// CHECK:         } costs <looptree_v1,
looptree.mapping @line_buffer of @pair on @chip {
  retain @I, @WA, @WB, @B at @DRAM
  retain @WA, @WB at @GLB
  for p of @convB step 4 {
    retain @I, @A, @B at @GLB
    pipeline {
      compute @convA
    }, {
      compute @convB
    }
  }
}
looptree.plan @p of @pair on @chip {
  execute @line_buffer
}

// -----

looptree.arch @chip {
  level @DRAM
  level @GLB
  compute_unit
}
looptree.workload @residual {
  tensor @I : 4xi8 input
  tensor @A : 4xi8 intermediate
  tensor @B : 4xi8 intermediate
  tensor @C : 4xi8 output
  einsum @first (p = 4) writes @A[p] reads @I[p]
  einsum @second (p = 4) writes @B[p] reads @A[p]
  einsum @third (p = 4) writes @C[p] reads @B[p], @A[p]
}
// expected-error@+1 {{mapping @dag has no cost: the convention looptree-v1 does not cover first: A is not read by the next einsum alone, as in a chain}}
looptree.mapping @dag of @residual on @chip {
  retain @I, @A, @B, @C at @DRAM
  sequential {
    compute @first
  }, {
    compute @second
  }, {
    compute @third
  }
}

// RUN: looptree-opt %s --split-input-file --verify-diagnostics --check-mappings

// Over capacity: the level, its tensors with their sizes, the excess.

looptree.arch @small {
  level @DRAM
  // expected-note@+1 {{the level is declared here}}
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
// expected-error@+1 {{mapping @too_large needs 144 bits of level @GLB, which has 100: 44 too many; buffers there: @I 64 bits, @A 48 bits, @B 32 bits}}
looptree.mapping @too_large of @pair on @small {
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

// -----

// Of a level that is double-buffered the sizes are those before doubling.

looptree.arch @small {
  level @DRAM
  // expected-note@+1 {{the level is declared here}}
  level @GLB {capacity_bits = 100, double_buffered = true}
  compute_unit
}
looptree.workload @copy {
  tensor @I : 8xi8 input
  tensor @O : 8xi8 output
  einsum @e elementwise (p = 8) writes @O[p] reads @I[p]
}
// expected-error@+1 {{mapping @doubled needs 128 bits of level @GLB, which has 100: 28 too many; buffers there: @I 64 bits; those that have a parent count twice}}
looptree.mapping @doubled of @copy on @small {
  retain @I, @O at @DRAM
  retain @I at @GLB
  compute @e
}

// -----

// Stages at the same time need compute each.

looptree.arch @chip {
  level @DRAM
  // expected-note@+1 {{compute is declared here}}
  compute_unit
}
looptree.workload @pair {
  tensor @I : 20xi8 input
  tensor @A : 18xi8 intermediate
  tensor @B : 16xi8 output
  einsum @convA (p = 18, r = 3) writes @A[p] reads @I[p + r]
  einsum @convB (p = 16, r = 3) writes @B[p] reads @A[p + r]
}
// expected-error@+1 {{mapping @stages uses 2 compute instances, of which there are 1: 1 too many}}
looptree.mapping @stages of @pair on @chip {
  retain @I, @A, @B at @DRAM
  for p of @convB step 4 {
    pipeline {
      compute @convA
    }, {
      compute @convB
    }
  }
}

// -----

// Tiles side by side need instances of their fan-out dimension: the dimension,
// how many there are and how many would be needed.

looptree.arch @array {
  level @DRAM
  // expected-note@+1 {{the dimension is declared here}}
  fanout @X size 4 below @DRAM
  fanout @Y size 16 below @DRAM
  compute_unit
}
looptree.workload @copy {
  tensor @I : 10x6xi8 input
  tensor @O : 10x6xi8 output
  einsum @e elementwise (i = 10, j = 6) writes @O[i, j] reads @I[i, j]
}
// expected-error@+1 {{mapping @too_wide uses 5 instances of fan-out dimension @X, which has 4: 1 too many}}
looptree.mapping @too_wide of @copy on @array {
  retain @I, @O at @DRAM
  spatial_for i of @e step 2 over @X {
    compute @e
  }
}
// As many as there are, the last tile short, is valid.
looptree.mapping @fits of @copy on @array {
  retain @I, @O at @DRAM
  spatial_for i of @e step 3 over @X {
    spatial_for j of @e step 1 over @Y {
      compute @e
    }
  }
}

// -----

looptree.arch @array {
  level @DRAM
  // expected-note@+1 {{the dimension is declared here}}
  fanout @X size 4 below @DRAM
  fanout @Y size 16 below @DRAM
  compute_unit
}
looptree.workload @copy {
  tensor @I : 10x6xi8 input
  tensor @O : 10x6xi8 output
  einsum @e elementwise (i = 10, j = 6) writes @O[i, j] reads @I[i, j]
}
// expected-error@+1 {{mapping @multiplied uses 6 instances of fan-out dimension @X, which has 4: 2 too many}}
looptree.mapping @multiplied of @copy on @array {
  retain @I, @O at @DRAM
  spatial_for i of @e step 4 over @X {
    spatial_for j of @e step 3 over @X {
      compute @e
    }
  }
}

// -----

// Incomplete: the tensor, the element and its reader.

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
    compute @convA
  }, {
    compute @convB
  }
}

// -----

// Stale costs are warned of.

looptree.arch @chip {
  level @DRAM
  compute_unit
}
looptree.workload @copy {
  tensor @I : 4xi8 input
  tensor @O : 4xi8 output
  einsum @e elementwise (i = 4) writes @O[i] reads @I[i]
}
// expected-warning@+1 {{the cost of @changed is stale: workload, architecture or mapping have changed since}}
looptree.mapping @changed of @copy on @chip {
  retain @I, @O at @DRAM
  compute @e
} costs <exact, model = 1, inputs = "0123456789abcdef", off_chip_elements = 8, off_chip_bits = 64, minimum_elements = 8, minimum_bits = 64, ops = 4, recompute = 0, not_needed = 0, latency_cycles = 4, compute_cycles = 4, bound_by = "compute", utilisation = 1, fill_cycles = 0, drain_cycles = 0, energy_pj = 0, compute_energy_pj = 0, leakage_energy_pj = 0>
// expected-warning@+1 {{the cost of @old is stale: it is of version 0 of the model, this is 1}}
looptree.plan @old of @copy on @chip {
  execute @changed
} costs <exact, model = 0, inputs = "0123456789abcdef", off_chip_elements = 8, off_chip_bits = 64, minimum_elements = 8, minimum_bits = 64, ops = 4, recompute = 0, not_needed = 0, latency_cycles = 4, compute_cycles = 4, utilisation = 1, fill_cycles = 0, drain_cycles = 0, energy_pj = 0, compute_energy_pj = 0, leakage_energy_pj = 0>

// -----

// Names on the payload: one lost, one doubled.

looptree.workload @net from @main {
  tensor @A : 4x8xi32 input
  tensor @B : 8x2xi32 input
  tensor @C : 4x2xi32 intermediate
  tensor @D : 2x3xi32 input
  tensor @E : 4x3xi32 output
  // expected-note@+1 {{the einsum is here}}
  einsum @first (m = 4, n = 2, k = 8) writes @C[m, n] reads @A[m, k], @B[k, n]
  // expected-error@+1 {{einsum @second is lost: no op of @main is named as it}}
  einsum @second (m = 4, n = 3, k = 2) writes @E[m, n] reads @C[m, k], @D[k, n]
}
// expected-note@+1 {{the function is here}}
func.func @main(%a: tensor<4x8xf32>, %b: tensor<8x2xf32>,
                %c: tensor<4x2xf32>) -> (tensor<4x2xf32>, tensor<4x2xf32>) {
  // expected-note@+1 {{the first is here}}
  %0 = linalg.matmul {looptree.einsum = @net::@first}
    ins(%a, %b : tensor<4x8xf32>, tensor<8x2xf32>)
    outs(%c : tensor<4x2xf32>) -> tensor<4x2xf32>
  // expected-error@+1 {{is the second op named as einsum @net::@first}}
  %1 = linalg.matmul {looptree.einsum = @net::@first}
    ins(%a, %b : tensor<4x8xf32>, tensor<8x2xf32>)
    outs(%0 : tensor<4x2xf32>) -> tensor<4x2xf32>
  return %0, %1 : tensor<4x2xf32>, tensor<4x2xf32>
}

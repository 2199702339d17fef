// RUN: looptree-opt %s | looptree-opt | FileCheck %s
// RUN: looptree-opt %s --mlir-print-op-generic | looptree-opt | FileCheck %s
// RUN: looptree-opt %s --emit-bytecode | looptree-opt | FileCheck %s
// RUN: looptree-opt %s --canonicalize --cse --symbol-dce | FileCheck %s

// CHECK-LABEL: looptree.arch @edge {
// CHECK-NEXT:    level @DRAM {read_pj_per_bit = 64, write_pj_per_bit = 64, read_bits_per_cycle = 64, write_bits_per_cycle = 64}
// CHECK-NEXT:    level @GLB {capacity_bits = 128 KiB, read_pj_per_bit = 6, write_pj_per_bit = 6.25, shared_bits_per_cycle = 0.3, leakage_pj_per_cycle = 1.0e-07, multicast = false, reduce = false, double_buffered = true, holds = [input, weight, intermediate, output]}
// CHECK-NEXT:    level @RF {capacity_bits = 100, access_bits = 16, read_bits_per_cycle = 1/3}
// CHECK-NEXT:    fanout @X size 16 below @GLB
// CHECK-NEXT:    fanout @GLB size 2 below @RF
// CHECK-NEXT:    compute_unit {ops_per_cycle = 256, pj_per_op = 0.5, clock_hz = 500000000, reduction = {pj_per_op = 0}, elementwise = {ops_per_cycle = unbounded, pj_per_op = 0.25}}
// CHECK-NEXT:  }
looptree.arch @edge {
  level @DRAM {write_bits_per_cycle = 64, read_pj_per_bit = 64, write_pj_per_bit = 64, read_bits_per_cycle = 64.0}
  level @GLB {capacity_bits = 128 KiB, read_pj_per_bit = 6, write_pj_per_bit = 6.25, shared_bits_per_cycle = 0.3, leakage_pj_per_cycle = 0.0000001, multicast = false, reduce = false, double_buffered = true, holds = [input, weight, intermediate, output]}
  level @RF {capacity_bits = 100, access_bits = 16, read_bits_per_cycle = 2/6}
  fanout @X size 16 below @GLB
  fanout @GLB size 2 below @RF
  compute_unit {pj_per_op = 0.5, elementwise = {ops_per_cycle = unbounded, pj_per_op = 0.25}, ops_per_cycle = 256, reduction = {pj_per_op = 0.0}, clock_hz = 5.0e8}
}

// CHECK-LABEL: looptree.workload @pair {
// CHECK-NEXT:    tensor @I : 20xi8 input
// CHECK-NEXT:    tensor @WA : 3xi8 input weight
// CHECK-NEXT:    tensor @A : 18xi8 intermediate partial i32
// CHECK-NEXT:    tensor @WB : 3xi8 input weight
// CHECK-NEXT:    tensor @B : 16xi8 output
// CHECK-NEXT:    einsum @convA (pa = 18, ra = 3) writes @A[pa] reads @I[pa + ra], @WA[ra]
// CHECK-NEXT:    einsum @convB (pb = 16, rb = 3) writes @B[pb] reads @A[pb + rb], @WB[rb]
// CHECK-NEXT:  }
looptree.workload @pair {
  tensor @I : 20xi8 input
  tensor @WA : 3xi8 input weight
  tensor @A : 18xi8 intermediate partial i32
  tensor @WB : 3xi8 input weight
  tensor @B : 16xi8 output
  einsum @convA (pa = 18, ra = 3) writes @A[pa] reads @I[ra + pa], @WA[ra]
  einsum @convB (pb = 16, rb = 3) writes @B[pb] reads @A[1*pb + rb - 0], @WB[rb]
}

// CHECK-LABEL: looptree.mapping @line_buffer of @pair on @edge {
// CHECK-NEXT:    retain @I, @WA, @WB, @B at @DRAM
// CHECK-NEXT:    retain @WA, @WB at @GLB
// CHECK-NEXT:    for pb of @convB step 4 {
// CHECK-NEXT:      retain @I, @A, @B at @GLB no_reuse @A
// CHECK-NEXT:      sequential {
// CHECK-NEXT:        spatial_for ra of @convA step 1 over @X {
// CHECK-NEXT:          compute @convA
// CHECK-NEXT:        }
// CHECK-NEXT:      }, {
// CHECK-NEXT:        compute @convB
// CHECK-NEXT:      }
// CHECK-NEXT:    }
// CHECK-NEXT:  }
looptree.mapping @line_buffer of @pair on @edge {
  retain @I, @WA, @WB, @B at @DRAM
  retain @WA, @WB at @GLB
  for pb of @convB step 4 {
    retain @I, @A, @B at @GLB no_reuse @A
    sequential {
      spatial_for ra of @convA step 1 over @X {
        compute @convA
      }
    }, {
      compute @convB
    }
  }
}

// CHECK-LABEL: looptree.plan @fused of @pair on @edge role fused {
// CHECK-NEXT:    execute @line_buffer
// CHECK-NEXT:  }
looptree.plan @fused of @pair on @edge role fused {
  execute @line_buffer
}

// Without a role; the set of a mapping may be a part of the workload.
// CHECK-LABEL: looptree.plan @apart of @pair on @edge {
// CHECK-NEXT:    execute @only_a
// CHECK-NEXT:    execute @only_b
looptree.plan @apart of @pair on @edge {
  execute @only_a
  execute @only_b
}
// CHECK-LABEL: looptree.mapping @only_a of @pair on @edge {
// CHECK-NEXT:    retain @I, @WA, @A at @DRAM
// CHECK-NEXT:    pipeline {
// CHECK-NEXT:      compute @convA
// CHECK-NEXT:    }
// CHECK-NEXT:  }
looptree.mapping @only_a of @pair on @edge {
  retain @I, @WA, @A at @DRAM
  pipeline {
    compute @convA
  }
}
looptree.mapping @only_b of @pair on @edge {
  retain @A, @WB, @B at @DRAM
  compute @convB
}

// Names that are no identifiers, scalars, strides, padding, constants, inits,
// kinds, barriers; a tensor and an einsum of one name.
// CHECK-LABEL: looptree.workload @odd from @payload {
// CHECK-NEXT:    tensor @"in put" : 8x8xi1 input
// CHECK-NEXT:    tensor @S : i4 input
// CHECK-NEXT:    tensor @T : 4xi16 output
// CHECK-NEXT:    tensor @U : i16 output
// CHECK-NEXT:    einsum @T reduction (p = 4, r1 = 3) writes @T[p] reads @"in put"[0, 2*p + r1 - 1], init @S[]
// CHECK-NEXT:    barrier "tensor.gather: not an affine access"
// CHECK-NEXT:    einsum @U elementwise () writes @U[] reads @T[3]
// CHECK-NEXT:  }
looptree.workload @odd from @payload {
  tensor @"in put" : 8x8xi1 input
  tensor @S : i4 input
  tensor @T : 4xi16 output
  tensor @U : i16 output
  einsum @T reduction (p = 4, r1 = 3) writes @T[p] reads @"in put"[0, -1 + p*2 + r1], init @S[]
  barrier "tensor.gather: not an affine access"
  einsum @U elementwise () writes @U[] reads @T[3]
}

// The name on a payload op survives what rewrites the payload.
// CHECK-LABEL: func.func @payload
// CHECK:         linalg.matmul {looptree.einsum = @odd::@T}
func.func @payload(%a: tensor<4x8xf32>, %b: tensor<8x2xf32>,
                   %c: tensor<4x2xf32>) -> tensor<4x2xf32> {
  %0 = linalg.matmul {looptree.einsum = @odd::@T}
    ins(%a, %b : tensor<4x8xf32>, tensor<8x2xf32>)
    outs(%c : tensor<4x2xf32>) -> tensor<4x2xf32>
  return %0 : tensor<4x2xf32>
}

// CHECK-LABEL: func.func @lowered
// CHECK-NEXT:    looptree.window 258 of @A at @GLB node 3
// CHECK-NEXT:    looptree.skip 12 of @convA
func.func @lowered() {
  looptree.window 258 of @A at @GLB node 3
  looptree.skip 12 of @convA
  return
}

// A workload written by hand, without a payload, with a barrier: no set crosses
// it.
// RUN: looptree-opt %s --fuse-layers="arch=@chip" | FileCheck %s
// RUN: looptree-opt %s --fuse-layers="arch=@chip functions=payload" 2>&1 | FileCheck %s --check-prefix=NONE

// NONE: warning: nothing to fuse

// CHECK:      looptree.plan @net.fused of @net on @chip role fused
// CHECK-NEXT:   execute @net.fused.0
// CHECK-NEXT:   execute @net.fused.1
// CHECK-NEXT: }
looptree.arch @chip {
  level @DRAM
  level @GLB {capacity_bits = 1 KiB}
  compute_unit
}
looptree.workload @net {
  tensor @I : 20xi8 input
  tensor @A : 18xi8 intermediate
  tensor @B : 16xi8 intermediate
  tensor @C : 16xi8 output
  einsum @convA (p = 18, r = 3) writes @A[p] reads @I[p + r]
  einsum @convB (p = 16, r = 3) writes @B[p] reads @A[p + r]
  barrier "sort: not an einsum"
  einsum @double elementwise (i = 16) writes @C[i] reads @B[i]
}
func.func private @payload()

// What a fused plan has to meet; the plans it is compared with are free of it.
// RUN: looptree-opt %s --fuse-layers="arch=@chip" | FileCheck %s --check-prefix=FREE
// RUN: looptree-opt %s --fuse-layers="arch=@chip constraints={unfused: [A]}" | FileCheck %s --check-prefix=UNFUSED
// RUN: looptree-opt %s --fuse-layers="arch=@chip constraints={loop_order: {convC: [[p]]}, steps: {convC: {p: {multiple_of: 5}}}, fused: [A, B], retain: {A: below_loops}}" | FileCheck %s --check-prefix=STEPS
// RUN: echo "fused: [A, B]" > %t.yaml
// RUN: echo "loop_order: {convC: [[p]]}" >> %t.yaml
// RUN: echo "steps: {convC: {p: {tiles: [2]}}}" >> %t.yaml
// RUN: looptree-opt %s --fuse-layers="arch=@chip constraints=%t.yaml" | FileCheck %s --check-prefix=FILE
// RUN: looptree-opt %s --fuse-layers="arch=@chip pinned=@hand" | FileCheck %s --check-prefix=PINNED
// RUN: looptree-opt %s --fuse-layers="arch=@chip pinned=hand capacity=16KiB" | FileCheck %s --check-prefix=COPIED

// FREE:      looptree.plan @net.fused of @net on @chip role fused certificate
// FREE-NEXT:   execute @net.fused.0
// FREE-NEXT: }

// UNFUSED:      looptree.plan @net.fused of @net on @chip role fused certificate "under the given constraints; heuristic
// UNFUSED-NEXT:   execute @net.fused.0
// UNFUSED-NEXT:   execute @net.fused.1
// UNFUSED-NEXT: }

// STEPS:     looptree.mapping @net.fused.0
// STEPS-NOT:   for {{.*}} of @convC
// STEPS:       for p of @convC step {{5|10}} {
// STEPS-NEXT:    retain {{.*}}@A
// STEPS-NOT:   for {{.*}} of @convC
// STEPS:     looptree.plan @net.fused
// STEPS-NEXT:  execute @net.fused.0
// STEPS-NEXT: }
// STEPS:     looptree.plan @net.layer_by_layer
// STEPS-COUNT-3: execute

// FILE: looptree.mapping @net.fused.0
// FILE: for p of @convC step 6 {

// The mapping itself is executed, and stays where it is.
// PINNED-NOT:  looptree.mapping @net.fused.0
// PINNED:      looptree.plan @net.fused of @net on @chip role fused certificate "with the pinned mappings; heuristic
// PINNED-NEXT:   execute @hand
// PINNED-NEXT:   execute @net.fused.1
// PINNED-NEXT: }
// PINNED:      looptree.mapping @hand of @net on @chip {
// PINNED-NEXT:   retain @I, @WA, @WB, @B at @DRAM
// PINNED-NEXT:   for p of @convB step 6 {

// For other capacities it is one of another architecture.
// COPIED: looptree.mapping @net.fused.0 of @net on @chip_0 {
// COPIED-NEXT: retain @I, @WA, @WB, @B at @DRAM
// COPIED-NEXT: for p of @convB step 6 {
// COPIED-NEXT: retain @I, @WA, @A, @WB, @B at @GLB

looptree.arch @chip {
  level @DRAM
  level @GLB {capacity_bits = 8 KiB}
  compute_unit
}
looptree.workload @net {
  tensor @I : 4x16xi8 input
  tensor @WA : 4x4x3xi8 input
  tensor @A : 4x14xi8 intermediate
  tensor @WB : 4x4x3xi8 input
  tensor @B : 4x12xi8 intermediate
  tensor @WC : 4x4xi8 input
  tensor @C : 4x12xi8 output
  einsum @convA (m = 4, p = 14, c = 4, r = 3) writes @A[m, p] reads @I[c, p + r], @WA[m, c, r]
  einsum @convB (m = 4, p = 12, c = 4, r = 3) writes @B[m, p] reads @A[c, p + r], @WB[m, c, r]
  einsum @convC (m = 4, p = 12, c = 4) writes @C[m, p] reads @B[c, p], @WC[m, c]
}
looptree.mapping @hand of @net on @chip {
  retain @I, @WA, @WB, @B at @DRAM
  for p of @convB step 6 {
    retain @I, @WA, @A, @WB, @B at @GLB
    sequential {
      compute @convA
    }, {
      compute @convB
    }
  }
}

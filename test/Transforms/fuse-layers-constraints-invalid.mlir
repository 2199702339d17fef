// Constraints that are none, that name what is not there, or that conflict.
// RUN: not looptree-opt %s --fuse-layers="arch=@chip constraints=%t.absent.yaml" 2>&1 | FileCheck %s --check-prefix=ABSENT
// RUN: not looptree-opt %s --fuse-layers="arch=@chip constraints={fused: [A" 2>&1 | FileCheck %s --check-prefix=YAML
// RUN: not looptree-opt %s --fuse-layers="arch=@chip constraints={max_lops: 1}" 2>&1 | FileCheck %s --check-prefix=KEY
// RUN: not looptree-opt %s --fuse-layers="arch=@chip constraints={fused: [I]}" 2>&1 | FileCheck %s --check-prefix=TENSOR
// RUN: not looptree-opt %s --fuse-layers="arch=@chip constraints={steps: {convB: {z: {multiple_of: 2}}}}" 2>&1 | FileCheck %s --check-prefix=RANK
// RUN: not looptree-opt %s --fuse-layers="arch=@chip constraints={mapping: []}" 2>&1 | FileCheck %s --check-prefix=MAPPING
// RUN: not looptree-opt %s --fuse-layers="arch=@chip constraints={max_loops: 0, retain: {A: 1}}" 2>&1 | FileCheck %s --check-prefix=CONFLICT
// RUN: not looptree-opt %s --fuse-layers="arch=@chip constraints={fused: [B]}" 2>&1 | FileCheck %s --check-prefix=BARRIER
// RUN: not looptree-opt %s --fuse-layers="arch=@chip pinned=@nobody" 2>&1 | FileCheck %s --check-prefix=NOBODY
// RUN: not looptree-opt %s --fuse-layers="arch=@chip functions=payload pinned=@hand" 2>&1 | FileCheck %s --check-prefix=ELSEWHERE
// RUN: not looptree-opt %s --fuse-layers="arch=edge pinned=@hand" 2>&1 | FileCheck %s --check-prefix=NAMES
// RUN: not looptree-opt %s --fuse-layers="arch=@chip capacity=8 pinned=@hand" 2>&1 | FileCheck %s --check-prefix=EXCESS
// RUN: not looptree-opt %s --fuse-layers="arch=@chip seconds=-1" 2>&1 | FileCheck %s --check-prefix=SECONDS

// ABSENT: error: constraints: {{.*}}absent.yaml: No such file or directory
// YAML: error: constraints:1:
// KEY: error: constraints:1:2: unknown key 'max_lops'
// TENSOR: error: constraints:1:{{[0-9]+}}: there is no intermediate 'I'
// RANK: error: constraints:1:{{[0-9]+}}: einsum convB has no rank 'z'
// MAPPING: error: constraints:1:2: unknown key 'mapping'
// CONFLICT: error: workload @net: no plan is left: max_loops: 0 and retain of A below 1 loop leave convA no mapping together
// BARRIER: error: workload @net: no plan is left: fused: B, but a barrier stands before double
// NOBODY: error: pinned: the module has no mapping @nobody
// ELSEWHERE: error: pinned: @hand is a mapping of @net, which is not fused here
// NAMES: error: pinned: @hand is a mapping onto @chip, whose levels or fan-outs are not those of edge
// EXCESS: error: workload @net: pinned mapping @hand does not fit: level GLB needs {{[0-9]+}} bits, {{[0-9]+}} more than it has
// SECONDS: error: seconds is negative

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
looptree.mapping @hand of @net on @chip {
  retain @I, @A at @DRAM
  retain @I, @A at @GLB
  compute @convA
}
func.func private @payload()

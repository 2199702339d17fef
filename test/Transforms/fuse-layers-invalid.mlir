// Options that name what is not there.
// RUN: not looptree-opt %s --fuse-layers="arch=nowhere" 2>&1 | FileCheck %s --check-prefix=PRESET
// RUN: not looptree-opt %s --fuse-layers="arch=@nowhere" 2>&1 | FileCheck %s --check-prefix=SYMBOL
// RUN: not looptree-opt %s --fuse-layers="arch=%t.absent.yaml" 2>&1 | FileCheck %s --check-prefix=FILE
// RUN: echo "levels: [{name: DRAM, capacty_bits: 3}]" > %t.bad.yaml
// RUN: not looptree-opt %s --fuse-layers="arch=%t.bad.yaml" 2>&1 | FileCheck %s --check-prefix=KEY
// RUN: not looptree-opt %s --fuse-layers="capacity=12XB" 2>&1 | FileCheck %s --check-prefix=SIZE
// RUN: not looptree-opt %s --fuse-layers="capacity=L9:1KiB" 2>&1 | FileCheck %s --check-prefix=LEVEL
// RUN: not looptree-opt %s --fuse-layers="capacity=0" 2>&1 | FileCheck %s --check-prefix=ZERO
// RUN: not looptree-opt %s --fuse-layers="arch=three_level capacity=1KiB" 2>&1 | FileCheck %s --check-prefix=SEVERAL
// RUN: not looptree-opt %s --fuse-layers="functions=nobody" 2>&1 | FileCheck %s --check-prefix=FUNCTION
// RUN: not looptree-opt %s --fuse-layers="objective=beauty" 2>&1 | FileCheck %s --check-prefix=OBJECTIVE
// RUN: not looptree-opt %s --fuse-layers="element-bits=-3" 2>&1 | FileCheck %s --check-prefix=BITS

// BITS: error: fuse-layers: element-bits is -3; it must be at least 1, or 0
// PRESET: error: arch: there is no preset nowhere; there are edge, cloud, eyeriss_like, three_level
// SYMBOL: error: arch=@nowhere: the module has no such architecture
// FILE: error: {{.*}}absent.yaml
// KEY: error: {{.*}}bad.yaml:1:23: {{.*}}capacty_bits
// SIZE: error: capacity=12XB: a number of bits, as in 4096 or 512 KiB, is needed, not "12XB"
// LEVEL: error: capacity=L9:1KiB: edge has no level L9
// ZERO: error: capacity=0: at least 1 bit is needed
// SEVERAL: error: capacity=1KiB: three_level does not have one level with a capacity; name it, as in capacity=GlobalBuffer3:1KiB
// FUNCTION: error: functions: the module has no function @nobody
// OBJECTIVE: {{.*}}beauty

// Nothing to fuse is a warning, and the module stays as it is.
// RUN: looptree-opt %s --fuse-layers 2>&1 | FileCheck %s --check-prefix=NOTHING
// NOTHING: warning: nothing to fuse
// NOTHING-NOT: looptree.arch
// NOTHING: func.func @main
func.func @main(%x: f32) -> f32 {
  return %x : f32
}

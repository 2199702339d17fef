// RUN: looptree-opt %s --fuse-layers="arch=edge capacity=4KiB element-bits=8" | FileCheck %s
// RUN: looptree-opt %s --fuse-layers="capacity=4KiB element-bits=8" --estimate-cost="report=none" --check-mappings | FileCheck %s --check-prefix=COSTS

// What was written parses, and the payload is what it was but for the names.
// RUN: looptree-opt %s --fuse-layers -o %t.fused.mlir
// RUN: looptree-opt %t.fused.mlir -o %t.again.mlir && diff %t.fused.mlir %t.again.mlir
// RUN: sed -n '/func.func/,$p' %t.fused.mlir | sed 's/, looptree.einsum = @[^,}]*//; s/{looptree.einsum = @[^,}]*, /{/; s/ {looptree.einsum = @[^}]*}//; s/ attrs =  {$/ {/' > %t.payload
// RUN: looptree-opt %s | sed -n '/func.func/,$p' | diff - %t.payload

// Another run replaces the plans of the first.
// RUN: looptree-opt %s --fuse-layers="capacity=4KiB element-bits=8" -o %t.once.mlir
// RUN: looptree-opt %s --fuse-layers="capacity=1MiB" --fuse-layers="capacity=4KiB" | grep -c "looptree.plan" | FileCheck %s --check-prefix=THREE
// THREE: 3

// Another objective, a level by its name, a file, and an architecture of the module.
// RUN: looptree-opt %t.once.mlir --fuse-layers="objective=energy_pj arch=@edge" | FileCheck %s --check-prefix=SAME
// RUN: looptree-opt %s --fuse-layers="arch=eyeriss_like objective=latency capacity=GLB:2MiB" | FileCheck %s --check-prefix=EYERISS
// RUN: looptree-opt %s --fuse-layers="arch=%S/Inputs/tiny.yaml objective=edp" | FileCheck %s --check-prefix=TINY

// SAME-COUNT-1: looptree.arch
// EYERISS: looptree.arch @eyeriss_like
// EYERISS: level @GLB {capacity_bits = 2 MiB
// TINY: looptree.arch @tiny

// CHECK:       looptree.arch @edge {
// CHECK-NEXT:    level @DRAM
// CHECK-NEXT:    level @GLB {capacity_bits = 4 KiB,
// CHECK:       looptree.workload @main_workload from @main {
// CHECK:       looptree.mapping @main.fused.0 of @main_workload on @edge {
// CHECK:         retain {{.*}} at @DRAM
// CHECK:         for {{.*}} of @conv_b step
// CHECK:           sequential {
// CHECK:             compute @conv_a
// CHECK:             compute @relu
// CHECK:             compute @conv_b
// CHECK:       looptree.plan @main.fused of @main_workload on @edge role fused certificate "heuristic
// CHECK-NEXT:    execute @main.fused.0
// CHECK:       looptree.plan @main.layer_by_layer of @main_workload on @edge role layer_by_layer {
// CHECK-NEXT:    execute @main.layer_by_layer.0
// CHECK-NEXT:    execute @main.layer_by_layer.1
// CHECK-NEXT:  }
// CHECK:       looptree.plan @main.op_by_op of @main_workload on @edge role op_by_op {
// CHECK-COUNT-3: execute
// CHECK:       func.func @main
// CHECK:         linalg.conv_2d_nchw_fchw {{.*}}looptree.einsum = @main_workload::@conv_a
// COSTS: looptree.mapping @main.fused.0
// COSTS: costs <
// COSTS: looptree.plan @main.fused
// COSTS: costs <

#map = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
func.func @main(%x: tensor<1x8x20x20xf32> loc("x"), %wa: tensor<8x8x3x3xf32> loc("wa"),
                %wb: tensor<8x8x3x3xf32> loc("wb")) -> tensor<1x8x16x16xf32> {
  %zero = arith.constant 0.0 : f32
  %e0 = tensor.empty() : tensor<1x8x18x18xf32>
  %f0 = linalg.fill ins(%zero : f32) outs(%e0 : tensor<1x8x18x18xf32>) -> tensor<1x8x18x18xf32>
  %a = linalg.conv_2d_nchw_fchw ins(%x, %wa : tensor<1x8x20x20xf32>, tensor<8x8x3x3xf32>)
      outs(%f0 : tensor<1x8x18x18xf32>) -> tensor<1x8x18x18xf32> loc("conv_a")
  %r = linalg.generic {indexing_maps = [#map, #map],
      iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%a : tensor<1x8x18x18xf32>) outs(%e0 : tensor<1x8x18x18xf32>) {
  ^bb0(%in: f32, %out: f32):
    %m = arith.maximumf %in, %zero : f32
    linalg.yield %m : f32
  } -> tensor<1x8x18x18xf32> loc("relu")
  %e1 = tensor.empty() : tensor<1x8x16x16xf32>
  %f1 = linalg.fill ins(%zero : f32) outs(%e1 : tensor<1x8x16x16xf32>) -> tensor<1x8x16x16xf32>
  %b = linalg.conv_2d_nchw_fchw ins(%r, %wb : tensor<1x8x18x18xf32>, tensor<8x8x3x3xf32>)
      outs(%f1 : tensor<1x8x16x16xf32>) -> tensor<1x8x16x16xf32> loc("conv_b")
  return %b : tensor<1x8x16x16xf32>
}

// RUN: looptree-opt %s --import-workload --split-input-file --verify-diagnostics
// RUN: not looptree-opt --import-workload=element-bits=-8 %S/import-naming.mlir 2>&1 | FileCheck %s --check-prefix=BITS
// BITS: import-workload: element-bits is -8; it must be at least 1, or 0

// Numbers that exceed 64 bit have no cost.

func.func @ops(%a: tensor<3000000x3000000xf32>, %b: tensor<3000000x3000000xf32>, %o: tensor<3000000x3000000xf32>) -> tensor<3000000x3000000xf32> {
  // expected-error@+1 {{the op count of einsum matmul exceeds 64 bit}}
  %0 = linalg.matmul ins(%a, %b : tensor<3000000x3000000xf32>, tensor<3000000x3000000xf32>) outs(%o : tensor<3000000x3000000xf32>) -> tensor<3000000x3000000xf32>
  return %0 : tensor<3000000x3000000xf32>
}

// -----

func.func @elements(%a: tensor<4000000000x4000000000xf32>, %o: tensor<4000000000x4000000000xf32>) -> tensor<4000000000x4000000000xf32> {
  // expected-error@+1 {{the element count of 'tensor<4000000000x4000000000xf32>' exceeds 64 bit}}
  %0 = linalg.exp ins(%a : tensor<4000000000x4000000000xf32>) outs(%o : tensor<4000000000x4000000000xf32>) -> tensor<4000000000x4000000000xf32>
  return %0 : tensor<4000000000x4000000000xf32>
}

// -----

func.func @bits(%a: tensor<2000000000x2000000000xf64>, %o: tensor<2000000000x2000000000xf64>) -> tensor<2000000000x2000000000xf64> {
  // expected-error@+1 {{the bits of tensor arg0 exceed 64 bit}}
  %0 = linalg.exp ins(%a : tensor<2000000000x2000000000xf64>) outs(%o : tensor<2000000000x2000000000xf64>) -> tensor<2000000000x2000000000xf64>
  return %0 : tensor<2000000000x2000000000xf64>
}

// -----

// expected-warning@-2 {{has no op that is read as an einsum}}
func.func @nothing(%a: i32) -> i32 {
  return %a : i32
}

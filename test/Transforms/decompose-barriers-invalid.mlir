// RUN: looptree-opt %s --decompose-barriers --verify-diagnostics

func.func @on_buffers(%a: memref<4x8xf32>, %o: memref<4x8xf32>) {
  // expected-error @below {{cannot be decomposed, and has no form on buffers}}
  linalg.softmax dimension(1) ins(%a : memref<4x8xf32>) outs(%o : memref<4x8xf32>)
  return
}

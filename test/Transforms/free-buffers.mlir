// RUN: looptree-opt %s --free-buffers | FileCheck %s

func.func private @use(memref<4xf32>)

// What is not returned is freed after its last use; what is returned is not.
// CHECK-LABEL: func.func @chain(
// CHECK:         %[[A:.*]] = memref.alloc()
// CHECK:         %[[B:.*]] = memref.alloc()
// CHECK:         linalg.copy ins(%[[A]]{{.*}}outs(%[[B]]
// CHECK-NEXT:    memref.dealloc %[[A]]
// CHECK:         call @use(%[[B]])
// CHECK-NOT:     dealloc
// CHECK:         return %[[B]]
func.func @chain(%in: memref<4xf32>) -> memref<4xf32> {
  %a = memref.alloc() : memref<4xf32>
  linalg.copy ins(%in : memref<4xf32>) outs(%a : memref<4xf32>)
  %b = memref.alloc() : memref<4xf32>
  linalg.copy ins(%a : memref<4xf32>) outs(%b : memref<4xf32>)
  call @use(%b) : (memref<4xf32>) -> ()
  return %b : memref<4xf32>
}

// A result is memory of its own, so that the caller may free it.
// CHECK-LABEL: func.func @pass_through(
// CHECK-SAME:    %[[IN:.*]]: memref<4xf32>)
// CHECK:         %[[OUT:.*]] = memref.alloc()
// CHECK:         memref.copy %[[IN]], %[[OUT]]
// CHECK:         return %[[OUT]]
func.func @pass_through(%in: memref<4xf32>) -> memref<4xf32> {
  return %in : memref<4xf32>
}

// Two results do not share memory, that the caller may free both.
// CHECK-LABEL: func.func @twice(
// CHECK:         %[[A:.*]] = memref.alloc()
// CHECK:         %[[B:.*]] = memref.alloc()
// CHECK:         memref.copy %[[A]], %[[B]]
// CHECK-NOT:     dealloc
// CHECK:         return %[[A]], %[[B]]
func.func @twice(%in: memref<4xf32>) -> (memref<4xf32>, memref<4xf32>) {
  %a = memref.alloc() : memref<4xf32>
  linalg.copy ins(%in : memref<4xf32>) outs(%a : memref<4xf32>)
  return %a, %a : memref<4xf32>, memref<4xf32>
}

// Whoever frees something itself is left alone: a stage may run on.
// CHECK-LABEL: func.func @frees_itself(
// CHECK:         async.await
// CHECK-NEXT:    memref.dealloc
// CHECK-NOT:     memref.dealloc
func.func @frees_itself() {
  %a = memref.alloc() : memref<4xf32>
  %stage = async.execute {
    func.call @use(%a) : (memref<4xf32>) -> ()
    async.yield
  }
  async.await %stage : !async.token
  memref.dealloc %a : memref<4xf32>
  return
}

// Whoever gets no buffer owes none, whatever it does.
// CHECK-LABEL: func.func @gets_none(
// CHECK:         async.execute
func.func @gets_none(%a: memref<4xf32>) {
  %stage = async.execute {
    func.call @use(%a) : (memref<4xf32>) -> ()
    async.yield
  }
  async.await %stage : !async.token
  return
}

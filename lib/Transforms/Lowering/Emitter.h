//===- Emitter.h - A schedule as loops, copies and leaves -*- C++ -*------ ===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A repeat becomes an scf.for; a fill, drain or move a memref.copy between
// views; a box of ops a linalg.generic on views. Split over Loops.cpp (the
// function, repeats and offsets), Buffers.cpp (views and copies) and Leaves.cpp
// (ops).
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_LIB_TRANSFORMS_LOWERING_EMITTER_H
#define LOOPTREE_LIB_TRANSFORMS_LOWERING_EMITTER_H

#include "Payload.h"

#include "looptree/Analysis/Arena.h"
#include "looptree/Analysis/Schedule.h"
#include "looptree/Arch/Arch.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"

namespace looptree::lowering {

class Emitter {
public:
  /// `payload`: one for each einsum of the workload. `elementTypes`: one for
  /// each of its tensors.
  Emitter(mlir::OpBuilder &builder, const Workload &workload, const Arch &arch,
          const Schedule &schedule, const ArenaLayout &layout,
          llvm::ArrayRef<PayloadEinsum> payload,
          llvm::ArrayRef<mlir::Type> elementTypes)
      : b(builder), w(workload), arch(arch), schedule(schedule), layout(layout),
        payload(payload), elementTypes(elementTypes) {}

  /// Makes a private function at the builder's insertion point. Its arguments
  /// are the whole tensors of the schedule, in the order of its buffers, then
  /// the scalars.
  mlir::func::FuncOp emit(mlir::Location loc, llvm::StringRef name);
  /// The values of the payload's function that are the last arguments.
  llvm::ArrayRef<mlir::Value> scalars() const { return captured.getArrayRef(); }

private:
  /// Axes of a box that a leaf or copy runs over, and the indices of those that
  /// loops around it run over.
  struct Axes {
    llvm::SmallVector<int64_t> sizes;
    llvm::SmallVector<mlir::Value> index; ///< Null: not looped over.
  };

  /// Tokens of a pipeline's stages: of what each has done last, and of its jobs
  /// before this one, latest first, as many as some stage waits for.
  struct Tokens {
    llvm::SmallVector<mlir::Value> last;
    llvm::SmallVector<llvm::SmallVector<mlir::Value>> jobs;
    const ScheduledPipeline *pipeline;
  };

  // Stages.cpp
  Tokens openRun(mlir::Location loc, const ScheduledPipeline &pipeline);
  void awaitAll(mlir::Location loc, const Tokens &tokens);
  void emitRun(const Repeat &repeat);
  void emitJob(const Repeat &repeat);
  void emitStage(const Repeat &repeat);
  void emitLoopOfJobs(const Repeat &repeat);
  void emitInstancesOfJobs(const Repeat &repeat);

  // Loops.cpp
  void emit(const std::vector<Step> &steps);
  void emitInstances(const Repeat &repeat);
  void emitBody(const Repeat &repeat, mlir::Value index);
  void emit(const Repeat &repeat);
  void emit(const Action &action);
  /// Calls `body` in a loop of `count` iterations.
  mlir::Operation *loop(mlir::Location loc, int64_t count,
                        llvm::function_ref<void(mlir::Value)> body);
  /// `steps`: per axis, what its index adds.
  /// `modulus`: of a ring; 0: none.
  mlir::OpFoldResult offsetOf(mlir::Location loc, const LoopExpr &expr,
                              llvm::ArrayRef<int64_t> steps = {},
                              const Axes &axes = {}, int64_t modulus = 0);
  /// The slots along a dimension of a place where that is a ring, else 0.
  int64_t modulusOf(const Place &place, size_t dim) const;
  bool wraps(const Place &place, size_t dim) const;

  // Buffers.cpp
  /// Allocates at the function's entry; returns what is to be freed.
  llvm::SmallVector<mlir::Value> allocate(mlir::func::FuncOp function);
  mlir::MemRefType typeOf(const ScheduledBuffer &buffer);
  void mark(mlir::Operation *op, llvm::StringRef kind, unsigned buffer,
            std::optional<EinsumId> einsum);
  mlir::Value fullView(mlir::Location loc, const Place &place,
                       llvm::ArrayRef<int64_t> sizes);
  void transfer(const Action &action);
  void copy(const Action &action, const Place &from, const Place &to,
            llvm::ArrayRef<int64_t> sizes);
  /// Calls `body` in loops over the dimensions in which a place wraps, with
  /// places and sizes of one slice.
  void inSlices(
      mlir::Location loc, llvm::SmallVector<Place> places,
      llvm::SmallVector<int64_t> sizes,
      llvm::function_ref<void(llvm::ArrayRef<Place>, llvm::ArrayRef<int64_t>)>
          body);
  mlir::Value combine(mlir::OpBuilder &body, const Action &action,
                      mlir::Value sum, mlir::Value part);
  void move(const Action &action);

  // Leaves.cpp
  struct Operand {
    mlir::Value view;
    mlir::AffineMap map;
  };
  Operand operandOf(mlir::Location loc, const Place &place, const Axes &axes,
                    llvm::ArrayRef<unsigned> dimOf, unsigned dims);
  void begin(const Action &action);
  void run(const Action &action);
  /// Calls `body` in loops over the axes that are `looped`.
  void inLoops(const Action &action, Axes axes, llvm::ArrayRef<bool> looped,
               llvm::function_ref<void(const Axes &)> body);
  llvm::SmallVector<bool> wrappingAxes(const Action &action) const;
  void beginLeaf(const Action &action, const Axes &axes);
  void leaf(const Action &action, const Axes &axes);
  mlir::Value cloneBody(mlir::OpBuilder &body, const Action &action,
                        const Axes &axes, llvm::ArrayRef<unsigned> dimOf,
                        mlir::ValueRange arguments);
  mlir::Value valueOf(mlir::OpBuilder &body, mlir::Location loc,
                      const Scalar &scalar);

  mlir::OpBuilder &b;
  const Workload &w;
  const Arch &arch;
  const Schedule &schedule;
  const ArenaLayout &layout;
  llvm::ArrayRef<PayloadEinsum> payload;
  llvm::ArrayRef<mlir::Type> elementTypes;
  llvm::SmallVector<mlir::Value> buffers; ///< Of the schedule's buffers.
  bool isInStage = false;
  Tokens *running = nullptr; ///< Of the pipeline whose run is being emitted.
  llvm::SetVector<mlir::Value> captured;
  /// Scalars of the payload's function: arguments of this one.
  llvm::DenseMap<mlir::Value, mlir::Value> argumentOf;
  llvm::SmallVector<mlir::Value> indices; ///< Of the open repeats.
};

} // namespace looptree::lowering

#endif // LOOPTREE_LIB_TRANSFORMS_LOWERING_EMITTER_H

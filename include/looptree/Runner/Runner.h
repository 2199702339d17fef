//===- Runner.h - Lowered code beside the unfused -*- C++ -*- -----------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Compiles a module's function as it stands, as its mappings lower it, and in
// float64, runs all of them on the same random data, and says where values and
// counts differ. docs/Run.md describes what is compared and by which bound.
//
//     FailureOr<RunReport> report = run(module, {});
//     if (failed(report)) ...          // errors have been emitted
//     llvm::outs() << formatTable(*report);
//     return report->holds() ? 0 : 1;
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_RUNNER_RUNNER_H
#define LOOPTREE_RUNNER_RUNNER_H

#include "mlir/IR/BuiltinOps.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace looptree {

struct RunOptions {
  /// The function to run; empty: the only one that has a mapping.
  std::string function;
  uint64_t seed = 1;
  /// Told what is about to be done; may be null.
  std::function<void(const std::string &what)> progress;
};

/// How the lowered values of one result compare.
struct ValueCheck {
  /// They must equal the unfused ones bit by bit; else only come near those of
  /// the float64 reference.
  bool isBitwise = false;
  int64_t elements = 0;
  int64_t different = 0; ///< Elements whose bits are not the unfused ones'.
  /// The largest distance from the reference, relative to the reference's
  /// largest magnitude: of the lowered and of the unfused values.
  double error = 0, unfusedError = 0;
  double bound = 0;     ///< What `error` may be at most.
  bool isFinite = true; ///< No value of the reference is infinite or a NaN.

  bool holds() const {
    return isBitwise ? different == 0 : isFinite && error <= bound;
  }
};

/// One number of the model beside the one that was counted.
struct Count {
  /// "ops", "fill", "drain", "window": as `instrument-transfers` names them;
  /// "bytes": the most that a level has allocated.
  std::string kind;
  std::string level, tensor, einsum; ///< Empty where the kind has none.
  std::optional<unsigned> node;      ///< Of a window.
  int64_t predicted = 0, counted = 0;
  /// Of bytes: how much more the boxes take in which windows are stored, and
  /// what lies between buffers that take turns.
  int64_t gaps = 0;

  bool holds() const {
    return predicted <= counted && counted <= predicted + gaps;
  }
};

struct SetRun {
  std::string mapping;
  std::vector<std::string> einsums;
  std::vector<ValueCheck> results; ///< In the order of the set's outputs.
  std::vector<Count> counts;

  bool holds() const;
};

struct RunReport {
  std::string function;
  uint64_t seed = 0;
  std::vector<ValueCheck> results; ///< Of the whole function.
  /// Of the whole function: sums over the sets, of windows the largest.
  std::vector<Count> counts;
  std::vector<SetRun> sets;

  bool holds() const;
};

/// `module` stays as it is. An error says which function cannot be run, and
/// why: there is none of that name, it has no mapping, a type is not of static
/// shape or has no host type, the mapping cannot be lowered.
mlir::FailureOr<RunReport> run(mlir::ModuleOp module,
                               const RunOptions &options);

/// For people.
std::string formatTable(const RunReport &report);

/// For programs: one JSON document (docs/schema/run.schema.json).
std::string formatJson(const RunReport &report);

} // namespace looptree

#endif // LOOPTREE_RUNNER_RUNNER_H

//===- Evaluations.h - Costs of the mappings of a module -*- C++ -* -------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_LIB_TRANSFORMS_EVALUATIONS_H
#define LOOPTREE_LIB_TRANSFORMS_EVALUATIONS_H

#include "looptree/Bridge/Bridge.h"
#include "looptree/Cost/CostReport.h"

#include "llvm/ADT/StringMap.h"

#include <map>

namespace looptree {

/// A mapping op as the model sees it.
struct EvaluatedMapping {
  bridge::MappingOfSet set;
  const Arch *arch = nullptr;
  Result<CostReport> cost = Error{};
  /// 16 hex digits of everything that the cost depends on but the convention.
  std::string inputs;
};

/// An error for each thing that keeps a mapping from being executed: it is
/// incomplete, or exceeds what its architecture has.
mlir::LogicalResult checkMapping(ir::MappingOp op,
                                 const EvaluatedMapping &mapping);

/// Reads every op of a module once, and evaluates mappings that differ in names
/// only once. The IR must not change but for costs.
class Evaluations {
public:
  explicit Evaluations(Convention convention) : convention(convention) {}

  const bridge::NetworkAndBarriers &networkOf(ir::WorkloadOp workload);
  const Arch &archOf(ir::ArchOp arch);
  const EvaluatedMapping &of(ir::MappingOp mapping);

  /// The hash of a plan: that of its mappings' in order.
  std::string inputsOf(ir::PlanOp plan);

private:
  Result<CostReport> evaluateOnce(const bridge::MappingOfSet &set,
                                  const Arch &arch);

  Convention convention;
  std::map<mlir::Operation *, bridge::NetworkAndBarriers> networks;
  std::map<mlir::Operation *, Arch> archs;
  std::map<mlir::Operation *, EvaluatedMapping> mappings;
  llvm::StringMap<CostReport> known; ///< By the candidate without its names.
};

} // namespace looptree

#endif // LOOPTREE_LIB_TRANSFORMS_EVALUATIONS_H

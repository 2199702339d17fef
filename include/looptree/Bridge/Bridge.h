//===- Bridge.h - Between ops and the model -*- C++ -*--------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The ops write down what the model reasons on. Both directions are total:
// every op that verifies has a value, every value that passes the model's
// checks has an op, and going there and back gives the same again.
//
//     NetworkAndBarriers read = toNetwork(workloadOp);
//     Arch arch = toArch(archOp);
//     MappingOfSet set = toMapping(mappingOp, read.network);
//     Result<CostReport> cost = evaluate(set.workload, arch, set.mapping);
//
// A mapping covers a part of its workload, the einsums that it computes: its
// ids are those of extractSet() of them.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_BRIDGE_BRIDGE_H
#define LOOPTREE_BRIDGE_BRIDGE_H

#include "looptree/IR/Ops.h"
#include "looptree/Mapping/Mapping.h"
#include "looptree/Workload/Network.h"

#include <string>
#include <vector>

namespace looptree::bridge {

//===----------------------------------------------------------------------===//
// Workloads
//===----------------------------------------------------------------------===//

/// What could not be read as an einsum.
struct Barrier {
  /// The einsum that it stands before; the number of einsums when it stands
  /// after the last.
  EinsumId before = 0;
  std::string reason;

  friend bool operator==(const Barrier &, const Barrier &) = default;
};

struct NetworkAndBarriers {
  Network network;
  std::vector<Barrier> barriers; ///< In order; several may stand in one place.

  friend bool operator==(const NetworkAndBarriers &,
                         const NetworkAndBarriers &) = default;
};

/// Network::cuts of a workload with these barriers, which are in order: one
/// before the first einsum or after the last cuts nothing.
std::vector<EinsumId> cutsOf(llvm::ArrayRef<Barrier> barriers,
                             size_t einsumCount);

/// Tensors are numbered in the order of the tensor ops, einsums in that of the
/// einsum ops.
NetworkAndBarriers toNetwork(ir::WorkloadOp workload);

/// Where the parts of a workload come from, one each; a list that is left empty
/// takes the workload's location.
struct WorkloadLocations {
  llvm::ArrayRef<mlir::Location> tensors, einsums, barriers;
};

/// Makes a workload at the builder's insertion point: tensors first, then
/// einsums with the barriers between them. Network::cuts must be those of the
/// barriers. `payload`, where not empty, is the function it was read from.
ir::WorkloadOp buildWorkload(mlir::OpBuilder &builder, mlir::Location loc,
                             llvm::StringRef name, const Network &network,
                             llvm::ArrayRef<Barrier> barriers = {},
                             llvm::StringRef payload = {},
                             const WorkloadLocations &locations = {});

//===----------------------------------------------------------------------===//
// Architectures
//===----------------------------------------------------------------------===//

/// Named after its op.
Arch toArch(ir::ArchOp arch);

ir::ArchOp buildArch(mlir::OpBuilder &builder, mlir::Location loc,
                     llvm::StringRef name, const Arch &arch);

//===----------------------------------------------------------------------===//
// Mappings
//===----------------------------------------------------------------------===//

struct MappingOfSet {
  std::vector<EinsumId> einsums; ///< Of the network, ascending.
  Workload workload;             ///< extractSet() of them.
  Mapping mapping;               ///< Ids are those of `workload`.
  /// The op of every node in preorder, as BufferRow::node counts.
  std::vector<mlir::Operation *> nodes;

  /// The op of the node at a path of child indices (IllegalMapping::path).
  mlir::Operation *nodeAt(llvm::ArrayRef<unsigned> path) const;
};

/// Of a mapping that verifies, with the network of its workload op.
MappingOfSet toMapping(ir::MappingOp mapping, const Network &network);

/// The part of toNetwork() on which a mapping depends: its einsums, their
/// tensors, and whether others read these. toMapping() of both networks differs
/// in MappingOfSet::einsums alone.
Network toNetworkOf(ir::MappingOp mapping, ir::WorkloadOp workload);

/// Makes a mapping of the workload op named `workloadName` onto the arch op
/// named `archName`. Ids are those of `workload`, the whole network or any part
/// of it, and `arch`. Every node has location `loc`.
ir::MappingOp buildMapping(mlir::OpBuilder &builder, mlir::Location loc,
                           llvm::StringRef name, llvm::StringRef workloadName,
                           llvm::StringRef archName, const Mapping &mapping,
                           const Workload &workload, const Arch &arch);

//===----------------------------------------------------------------------===//
// Plans
//===----------------------------------------------------------------------===//

/// The mappings that a plan executes, in order.
llvm::SmallVector<ir::MappingOp> mappingsOf(ir::PlanOp plan);

/// `certificate`, where not empty, is what is claimed of the plan.
ir::PlanOp buildPlan(mlir::OpBuilder &builder, mlir::Location loc,
                     llvm::StringRef name, llvm::StringRef workloadName,
                     llvm::StringRef archName, std::optional<ir::PlanRole> role,
                     llvm::ArrayRef<llvm::StringRef> mappings,
                     llvm::StringRef certificate = {});

} // namespace looptree::bridge

#endif // LOOPTREE_BRIDGE_BRIDGE_H

//===- Report.h - What the executions of a network cost -*- C++ -* --------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Sets the plans of one network on one architecture side by side: the fused one
// against layer by layer and op by op execution, and against the least that
// must cross the chip's border. Every number comes from the CostReports of the
// mappings, or is a sum (totalOf) or a ratio of such.
//
// A layer is what the plan of role LayerByLayer executes as one set. A fused
// set is compared with the baseline sets that make it up; where a baseline set
// lies across its border, it has no share of that baseline.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_REPORT_REPORT_H
#define LOOPTREE_REPORT_REPORT_H

#include "looptree/Explorer/Network.h"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace looptree {

enum class PlanRole { Fused, LayerByLayer, OpByOp };

struct NamedSet {
  std::string name; ///< Of the mapping.
  FusedSet set;
};

struct NamedPlan {
  std::string name;
  std::optional<PlanRole> role;
  std::string certificate; ///< Empty when there is none.
  std::vector<NamedSet> sets;
  CostReport total; ///< totalOf() the sets.
};

struct NamedBarrier {
  std::string before; ///< An einsum; empty: after the last.
  std::string reason;
};

/// What a report is made of.
struct NetworkCosts {
  std::string name; ///< Of the workload.
  Network network;
  Arch arch;
  Convention convention = Convention::Exact; ///< Of every cost.
  std::vector<NamedBarrier> barriers;
  ElementsAndBits minimum; ///< algorithmicMinimum() of the network.
  std::vector<NamedPlan> plans;
  std::vector<NamedSet> mappings; ///< Those that no plan executes.
};

/// Sums over sets executed one after another: ops by einsum of the network,
/// transfers, minima, cycles, energies. Space is the largest, utilisation
/// weighted by cycles; of each limit exceeded the worst is a problem. Accesses
/// are summed per level under the network's ids; there are no buffers and
/// nothing bounds the latency. Fails when a sum exceeds 64 bit.
Result<CostReport> totalOf(std::span<const NamedSet> sets,
                           const Network &network, const Arch &arch);

/// For people: lines of at most 110 columns where names allow.
std::string formatTable(std::span<const NetworkCosts> networks);

/// For programs: one JSON document, indented; docs/Report.md describes it.
std::string formatJson(std::span<const NetworkCosts> networks);

} // namespace looptree

#endif // LOOPTREE_REPORT_REPORT_H

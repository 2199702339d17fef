//===- Mapping.cpp - The mapping tree -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "looptree/Mapping/Mapping.h"

#include <algorithm>

using namespace looptree;

static void collectGroup(const Node &node, std::vector<EinsumId> &group) {
  if (const auto *compute = std::get_if<ComputeNode>(&node.kind))
    group.push_back(compute->einsum);
  for (const Node &child : node.children)
    collectGroup(child, group);
}

std::vector<EinsumId> looptree::groupOf(const Node &node) {
  std::vector<EinsumId> group;
  collectGroup(node, group);
  return group;
}

std::vector<EinsumId> looptree::headsOf(const std::vector<EinsumId> &group,
                                        const Workload &workload) {
  std::vector<bool> readInside(workload.tensors.size(), false);
  for (EinsumId member : group)
    for (const Access &read : workload.einsums[member].reads)
      readInside[read.tensor] = true;
  std::vector<EinsumId> heads;
  for (EinsumId member : group)
    if (!readInside[workload.einsums[member].write.tensor])
      heads.push_back(member);
  std::sort(heads.begin(), heads.end());
  heads.erase(std::unique(heads.begin(), heads.end()), heads.end());
  return heads;
}

namespace {

/// Writes a chain of nodes one line each; a loop indents what is below it, a
/// dash opens each branch of a split. Wrong ids print as "?7", so that a tree
/// which check() refuses can be shown too.
class Printer {
public:
  Printer(const Workload &workload, const Arch &arch)
      : workload(workload), arch(arch) {}

  void print(const Node &node, const std::string &first,
             const std::string &rest) {
    std::string below = rest;
    out += first;
    looptree::visit(
        node,
        [&](const For &loop) {
          out += "for ";
          printLoop(loop.einsum, loop.rank, loop.step);
          below += "  ";
        },
        [&](const SpatialFor &loop) {
          out += "spatial_for ";
          printLoop(loop.einsum, loop.rank, loop.step);
          out += " over " + nameIn(arch.fanouts, loop.fanout);
          below += "  ";
        },
        [&](const Retain &retain) {
          out += "retain ";
          printTensors(retain.tensors);
          out += " at " + nameIn(arch.levels, retain.level);
          if (!retain.noReuse.empty()) {
            out += " no_reuse ";
            printTensors(retain.noReuse);
          }
        },
        [&](const Sequential &) { out += "sequential"; },
        [&](const Pipeline &) { out += "pipeline"; },
        [&](const ComputeNode &compute) {
          out += "compute " + nameIn(workload.einsums, compute.einsum);
        });
    out += '\n';
    for (const Node &child : node.children) {
      if (node.isSplit())
        print(child, rest + "- ", rest + "  ");
      else
        print(child, below, below);
    }
  }

  std::string out;

private:
  template <typename T>
  static std::string nameIn(const std::vector<T> &items, unsigned id) {
    return id < items.size() ? items[id].name : "?" + std::to_string(id);
  }
  void printTensors(const std::vector<TensorId> &tensors) {
    for (size_t i = 0; i < tensors.size(); ++i)
      out += (i ? ", " : "") + nameIn(workload.tensors, tensors[i]);
  }
  void printLoop(EinsumId einsum, RankId rank, int64_t step) {
    out += einsum < workload.einsums.size()
               ? nameIn(workload.einsums[einsum].ranks, rank)
               : "?" + std::to_string(rank);
    out += " of " + nameIn(workload.einsums, einsum) + " step " +
           std::to_string(step);
  }

  const Workload &workload;
  const Arch &arch;
};

} // namespace

std::string looptree::toString(const Mapping &mapping, const Workload &workload,
                               const Arch &arch) {
  Printer printer(workload, arch);
  printer.print(mapping.root, "", "");
  return std::move(printer.out);
}

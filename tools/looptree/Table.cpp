//===- Table.cpp - The report for a reader -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Driver.h"

#include <algorithm>
#include <cstdio>
#include <sstream>
#include <string>
#include <vector>

using namespace looptree;

namespace {

/// Columns as wide as their widest cell: the first one left, others right.
class Table {
public:
  explicit Table(std::vector<std::string> header) {
    rows.push_back(std::move(header));
  }
  void add(std::vector<std::string> row) { rows.push_back(std::move(row)); }

  std::string str(size_t leftColumns) const {
    std::vector<size_t> widths(rows[0].size(), 0);
    for (const auto &row : rows)
      for (size_t i = 0; i < row.size(); ++i)
        widths[i] = std::max(widths[i], row[i].size());
    std::string text;
    for (const auto &row : rows) {
      std::string line = " ";
      for (size_t i = 0; i < row.size(); ++i) {
        std::string space(widths[i] - row[i].size(), ' ');
        line += " " + (i < leftColumns ? row[i] + space : space + row[i]);
      }
      line.erase(line.find_last_not_of(' ') + 1);
      text += line + "\n";
    }
    return text;
  }

private:
  std::vector<std::vector<std::string>> rows;
};

std::string text(int64_t number) { return std::to_string(number); }

std::string text(double number) {
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, "%.6g", number);
  return buffer;
}

std::string ratio(int64_t part, int64_t whole) {
  if (whole == 0)
    return "";
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, " (%.3f times)",
                double(part) / double(whole));
  return buffer;
}

} // namespace

/// The mapping with what its nodes cost; it has a line for each.
static std::string nodesText(const Candidate &candidate,
                             std::span<const NodeCost> nodes) {
  Table table({"node", "mapping", "visits", "cycles"});
  std::istringstream lines(
      toString(candidate.mapping, candidate.workload, candidate.arch));
  std::string line;
  for (size_t node = 0; node < nodes.size(); ++node) {
    std::getline(lines, line);
    table.add({std::to_string(node), line, text(nodes[node].visits),
               nodes[node].cycles ? text(*nodes[node].cycles) : ""});
  }
  return table.str(2);
}

std::string driver::formatTable(const CostReport &report,
                                const Candidate &candidate,
                                std::span<const NodeCost> nodes) {
  const Workload &workload = candidate.workload;
  const Arch &arch = candidate.arch;
  std::string out;

  out += nodes.empty() ? toString(candidate.mapping, workload, arch)
                       : nodesText(candidate, nodes);
  out +=
      "\n" + toString(designOf(candidate.mapping, workload, report.recompute),
                      workload, arch);
  out += report.valid() ? "\nvalid\n" : "\ndoes not fit\n";

  Table einsums({"einsum", "ops", "recompute", "not needed"});
  for (EinsumId id = 0; id < workload.einsums.size(); ++id)
    einsums.add({workload.einsums[id].name, text(report.ops[id]),
                 text(report.recompute[id]), text(report.notNeeded[id])});
  out += "\n" + einsums.str(1);

  Table accesses({"level", "tensor", "einsum", "reads", "writes", "fills",
                  "drains", "energy pJ"});
  for (const AccessRow &row : report.accesses)
    accesses.add(
        {arch.levels[row.level].name, workload.tensors[row.tensor].name,
         workload.einsums[row.einsum].name, text(row.reads), text(row.writes),
         text(row.fills), text(row.drains), text(row.energyPj)});
  out += "\n" + accesses.str(3);

  // A node has the number of its line above, from 0.
  Table buffers({"level", "tensor", "node", "elements", "bits", "steady",
                 "footprint", "reads", "writes", "fills", "drains"});
  for (const BufferRow &row : report.buffers)
    buffers.add({arch.levels[row.level].name, workload.tensors[row.tensor].name,
                 std::to_string(row.node), text(row.elements), text(row.bits),
                 text(row.steady), text(row.footprint), text(row.reads),
                 text(row.writes), text(row.fills), text(row.drains)});
  out += "\n" + buffers.str(2);

  Table levels({"level", "needs bits", "has bits", "cycles", "energy pJ"});
  for (LevelId id = 0; id < arch.levels.size(); ++id) {
    const Level &level = arch.levels[id];
    levels.add({level.name, text(report.capacityBits[id]),
                level.capacityBits ? text(*level.capacityBits) : "unbounded",
                text(report.memoryCycles[id]), text(report.levelEnergyPj[id])});
  }
  levels.add({"compute", "", "", text(report.computeCycles),
              text(report.computeEnergyPj)});
  out += "\n" + levels.str(1);

  out += "\noff-chip transfers   " + text(report.offChip.elements) +
         " elements, " + text(report.offChip.bits) + " bits\n";
  out += "algorithmic minimum  " + text(report.algorithmicMinimum.elements) +
         " elements, " + text(report.algorithmicMinimum.bits) + " bits" +
         ratio(report.offChip.bits, report.algorithmicMinimum.bits) + "\n";
  out += "latency              " + text(report.latencyCycles) +
         " cycles, bound by " +
         (report.boundBy ? arch.levels[*report.boundBy].name : "compute") +
         ", utilisation " + text(report.utilisation) + "\n";
  out += "energy               " + text(report.energyPj) + " pJ, of which " +
         text(report.leakageEnergyPj) + " leaks\n";
  return out;
}

//===- WriteReport.cpp - Results as one line of JSON -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "looptree/Candidate/Candidate.h"

#include "Json.h"

using namespace looptree;
using namespace looptree::candidate;

namespace {

Json toJson(const Problem &problem, const Arch &arch) {
  Json json;
  std::visit(Overloaded{[&](const OverCapacity &over) {
                          json["level"] = arch.levels[over.level].name;
                          json["bits"] = over.bits;
                          json["excess"] = over.excess;
                        },
                        [&](const OverFanOut &over) {
                          json["fanout"] = arch.fanouts[over.fanout].name;
                          json["instances"] = over.instances;
                          json["excess"] = over.excess;
                        },
                        [&](const OverCompute &over) {
                          json["compute_instances"] =
                              arch.computeInstances() + over.excess;
                          json["excess"] = over.excess;
                        }},
             problem);
  return json;
}

/// Of an AccessRow or a BufferRow.
template <typename Row> void addMoves(Json &json, const Row &row) {
  json["reads"] = row.reads;
  json["writes"] = row.writes;
  json["fills"] = row.fills;
  json["drains"] = row.drains;
  json["read_bits"] = row.readBits;
  json["write_bits"] = row.writeBits;
}

Json toJson(const AccessRow &row, const Workload &workload, const Arch &arch) {
  Json json;
  json["level"] = arch.levels[row.level].name;
  json["tensor"] = workload.tensors[row.tensor].name;
  json["einsum"] = workload.einsums[row.einsum].name;
  addMoves(json, row);
  json["energy_pj"] = row.energyPj;
  return json;
}

Json toJson(const BufferRow &row, const Workload &workload, const Arch &arch) {
  Json json;
  json["node"] = row.node;
  json["level"] = arch.levels[row.level].name;
  json["tensor"] = workload.tensors[row.tensor].name;
  json["elements"] = row.elements;
  json["bits"] = row.bits;
  json["steady"] = row.steady;
  json["footprint"] = row.footprint;
  addMoves(json, row);
  return json;
}

Json toJson(const NodeCost &node) {
  Json json;
  json["visits"] = node.visits;
  if (node.cycles)
    json["cycles"] = *node.cycles;
  return json;
}

Json toJson(const ElementsAndBits &count) {
  Json json;
  json["elements"] = count.elements;
  json["bits"] = count.bits;
  return json;
}

/// {"name": value} for each named item.
template <typename Named, typename T>
Json byName(const std::vector<Named> &items, const std::vector<T> &values) {
  Json json = Json::object();
  for (size_t i = 0; i < items.size() && i < values.size(); ++i)
    json[items[i].name] = values[i];
  return json;
}

Json latencyToJson(const CostReport &report, const Arch &arch) {
  Json json;
  json["compute"] = report.computeCycles;
  json["memory"] = byName(arch.levels, report.memoryCycles);
  json["overall"] = report.latencyCycles;
  json["bound_by"] =
      report.boundBy ? arch.levels[*report.boundBy].name : "compute";
  json["utilisation"] = report.utilisation;
  json["fill"] = report.fillCycles;
  json["drain"] = report.drainCycles;
  return json;
}

Json energyToJson(const CostReport &report, const Arch &arch) {
  Json json;
  json["total"] = report.energyPj;
  json["levels"] = byName(arch.levels, report.levelEnergyPj);
  json["compute"] = report.computeEnergyPj;
  json["leakage"] = report.leakageEnergyPj;
  return json;
}

} // namespace

std::string looptree::writeReport(const CostReport &report,
                                  const Workload &workload, const Arch &arch,
                                  std::span<const NodeCost> nodes) {
  Json json;
  json["version"] = 1;
  json["convention"] = toString(report.convention);
  json["valid"] = report.valid();
  json["problems"] = Json::array();
  for (const Problem &problem : report.problems)
    json["problems"].push_back(toJson(problem, arch));
  json["ops"] = byName(workload.einsums, report.ops);
  json["recompute"] = byName(workload.einsums, report.recompute);
  json["not_needed"] = byName(workload.einsums, report.notNeeded);
  json["accesses"] = Json::array();
  for (const AccessRow &row : report.accesses)
    json["accesses"].push_back(toJson(row, workload, arch));
  json["off_chip"] = toJson(report.offChip);
  json["algorithmic_minimum"] = toJson(report.algorithmicMinimum);
  json["buffers"] = Json::array();
  for (const BufferRow &row : report.buffers)
    json["buffers"].push_back(toJson(row, workload, arch));
  json["capacity_bits"] = byName(arch.levels, report.capacityBits);
  json["latency"] = latencyToJson(report, arch);
  json["energy_pj"] = energyToJson(report, arch);
  if (!nodes.empty())
    json["nodes"] = Json::array();
  for (const NodeCost &node : nodes)
    json["nodes"].push_back(toJson(node));
  return toLine(json);
}

std::string looptree::writeError(const Error &error) {
  Json json;
  json["error"] = error.message;
  return toLine(json);
}

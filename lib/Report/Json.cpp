//===- Json.cpp - The report for programs ---------------------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Comparison.h"

#include <nlohmann/json.hpp>

using namespace looptree;
using namespace looptree::report;

namespace {

/// Keys keep the order in which they are set.
using Json = nlohmann::ordered_json;

Json toJson(const ElementsAndBits &count) {
  return {{"elements", count.elements}, {"bits", count.bits}};
}

Json toJson(const Problem &problem, const Arch &arch) {
  return std::visit(
      Overloaded{[&](const OverCapacity &over) -> Json {
                   return {{"level", arch.levels[over.level].name},
                           {"bits", over.bits},
                           {"excess", over.excess}};
                 },
                 [&](const OverFanOut &over) -> Json {
                   return {{"fanout", arch.fanouts[over.fanout].name},
                           {"instances", over.instances},
                           {"excess", over.excess}};
                 },
                 [&](const OverCompute &over) -> Json {
                   return {{"compute_instances",
                            arch.computeInstances() + over.excess},
                           {"excess", over.excess}};
                 }},
      problem);
}

template <typename T>
Json byLevel(const Arch &arch, const std::vector<T> &values) {
  Json json = Json::object();
  for (size_t level = 0; level < arch.levels.size(); ++level)
    json[arch.levels[level].name] = values[level];
  return json;
}

/// The numbers that a set and a plan have in common.
void addCost(Json &json, const CostReport &cost, const Arch &arch) {
  json["valid"] = cost.valid();
  json["problems"] = Json::array();
  for (const Problem &problem : cost.problems)
    json["problems"].push_back(toJson(problem, arch));
  json["off_chip"] = toJson(cost.offChip);
  json["minimum"] = toJson(cost.algorithmicMinimum);
  json["capacity_bits"] = byLevel(arch, cost.capacityBits);
  json["ops"] = sumOf(cost.ops);
  json["recompute"] = sumOf(cost.recompute);
  json["not_needed"] = sumOf(cost.notNeeded);
  json["latency_cycles"] = cost.latencyCycles;
  json["compute_cycles"] = cost.computeCycles;
  json["memory_cycles"] = byLevel(arch, cost.memoryCycles);
  json["utilisation"] = cost.utilisation;
  json["energy_pj"] = cost.energyPj;
}

Json toJson(const std::optional<Share> &share) {
  if (!share)
    return nullptr;
  return {{"off_chip", toJson(share->offChip)},
          {"latency_cycles", share->latencyCycles},
          {"energy_pj", share->energyPj}};
}

Json toJson(const NamedSet &named, const NetworkCosts &costs) {
  const FusedSet &set = named.set;
  const Arch &arch = costs.arch;
  Json json;
  json["mapping"] = named.name;
  json["layers"] = layersOf(costs, set);
  json["tree"] = toString(set.mapping, set.workload, arch);
  addCost(json, set.report, arch);
  json["bound_by"] =
      set.report.boundBy ? arch.levels[*set.report.boundBy].name : "compute";
  json["layer_by_layer"] =
      toJson(shareOf(costs, PlanRole::LayerByLayer, set.einsums));
  json["op_by_op"] = toJson(shareOf(costs, PlanRole::OpByOp, set.einsums));
  return json;
}

Json toJson(const std::optional<PlanRole> &role) {
  if (!role)
    return nullptr;
  switch (*role) {
  case PlanRole::Fused:
    return "fused";
  case PlanRole::LayerByLayer:
    return "layer_by_layer";
  case PlanRole::OpByOp:
    return "op_by_op";
  }
  return nullptr;
}

Json toJson(const NamedPlan &plan, const NetworkCosts &costs) {
  Json json;
  json["name"] = plan.name;
  json["role"] = toJson(plan.role);
  json["certificate"] =
      plan.certificate.empty() ? Json(nullptr) : Json(plan.certificate);
  addCost(json, plan.total, costs.arch);
  json["sets"] = Json::array();
  for (const NamedSet &set : plan.sets)
    json["sets"].push_back(toJson(set, costs));
  return json;
}

Json toJson(const NetworkCosts &costs) {
  Json json;
  json["workload"] = costs.name;
  json["arch"] = costs.arch.name;
  json["convention"] = toString(costs.convention);
  json["einsums"] = costs.network.workload.einsums.size();
  json["ideal_array"] = hasIdealArray(costs.arch);
  json["barriers"] = Json::array();
  for (const NamedBarrier &barrier : costs.barriers)
    json["barriers"].push_back(
        {{"before",
          barrier.before.empty() ? Json(nullptr) : Json(barrier.before)},
         {"reason", barrier.reason}});
  json["minimum"] = toJson(costs.minimum);
  json["plans"] = Json::array();
  for (const NamedPlan &plan : costs.plans)
    json["plans"].push_back(toJson(plan, costs));
  json["mappings"] = Json::array();
  for (const NamedSet &mapping : costs.mappings)
    json["mappings"].push_back(toJson(mapping, costs));
  return json;
}

} // namespace

std::string looptree::formatJson(std::span<const NetworkCosts> networks) {
  Json json;
  json["version"] = 1;
  json["model"] = modelVersion;
  json["networks"] = Json::array();
  for (const NetworkCosts &costs : networks)
    json["networks"].push_back(toJson(costs));
  // Bytes that are not UTF-8 become U+FFFD instead of an exception.
  return json.dump(/*indent=*/2, /*indent_char=*/' ', /*ensure_ascii=*/false,
                   Json::error_handler_t::replace) +
         "\n";
}

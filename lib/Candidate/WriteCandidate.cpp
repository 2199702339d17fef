//===- WriteCandidate.cpp - Candidates as one line of JSON -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "looptree/Candidate/Candidate.h"
#include "looptree/Candidate/Problem.h"

#include "Json.h"

using namespace looptree;
using namespace looptree::candidate;

namespace {

Json toJson(const Tensor &tensor) {
  Json json;
  json["name"] = tensor.name;
  json["kind"] = toString(tensor.kind);
  json["shape"] = tensor.shape;
  json["bits"] = tensor.bits;
  if (tensor.partialBits)
    json["partial_bits"] = *tensor.partialBits;
  if (tensor.isWeight)
    json["role"] = "weight";
  return json;
}

Json toJson(const Access &access, const Einsum &einsum,
            const Workload &workload) {
  Json json;
  json["tensor"] = workload.tensors[access.tensor].name;
  json["index"] = Json::array();
  for (const LinearExpr &expr : access.index)
    json["index"].push_back(toString(expr, einsum));
  if (access.isInit)
    json["init"] = true;
  return json;
}

Json toJson(const Einsum &einsum, const Workload &workload) {
  Json json;
  json["name"] = einsum.name;
  json["kind"] = toString(einsum.kind);
  json["ranks"] = Json::array();
  for (const Rank &rank : einsum.ranks)
    json["ranks"].push_back(Json::array({rank.name, rank.extent}));
  json["write"] = toJson(einsum.write, einsum, workload);
  json["reads"] = Json::array();
  for (const Access &read : einsum.reads)
    json["reads"].push_back(toJson(read, einsum, workload));
  return json;
}

Json toJson(const Workload &workload) {
  Json json;
  json["tensors"] = Json::array();
  for (const Tensor &tensor : workload.tensors)
    json["tensors"].push_back(toJson(tensor));
  json["einsums"] = Json::array();
  for (const Einsum &einsum : workload.einsums)
    json["einsums"].push_back(toJson(einsum, workload));
  return json;
}

/// A number where JSON's double reads back as the same rate, else a string
/// that does.
Json toJson(const std::optional<Rational> &rate) {
  if (!rate)
    return nullptr;
  if (rate->den == 1)
    return rate->num;
  Json number = rate->toDouble();
  Result<Rational> back = Rational::parse(number.dump());
  if (back && *back == *rate)
    return number;
  return rate->str();
}

Json toJson(const OpCost &cost) {
  Json json;
  json["ops_per_cycle"] = toJson(cost.opsPerCycle);
  json["pj_per_op"] = cost.pjPerOp;
  return json;
}

const char *toText(TensorRole role) {
  switch (role) {
  case TensorRole::Input:
    return "input";
  case TensorRole::Weight:
    return "weight";
  case TensorRole::Intermediate:
    return "intermediate";
  case TensorRole::Output:
    return "output";
  }
  return "?";
}

Json toJson(const Level &level) {
  Json json;
  json["name"] = level.name;
  json["capacity_bits"] =
      level.capacityBits ? Json(*level.capacityBits) : Json(nullptr);
  json["read_pj_per_bit"] = level.readPjPerBit;
  json["write_pj_per_bit"] = level.writePjPerBit;
  if (level.accessBits)
    json["access_bits"] = *level.accessBits;
  json["read_bits_per_cycle"] = toJson(level.readBitsPerCycle);
  json["write_bits_per_cycle"] = toJson(level.writeBitsPerCycle);
  json["shared_bits_per_cycle"] = toJson(level.sharedBitsPerCycle);
  json["leakage_pj_per_cycle"] = level.leakagePjPerCycle;
  json["multicast"] = level.multicast;
  json["reduce"] = level.reduce;
  json["double_buffered"] = level.doubleBuffered;
  if (level.holds) {
    json["holds"] = Json::array();
    for (TensorRole role : *level.holds)
      json["holds"].push_back(toText(role));
  }
  return json;
}

Json toJson(const Arch &arch) {
  Json json;
  if (!arch.name.empty())
    json["name"] = arch.name;
  json["levels"] = Json::array();
  for (const Level &level : arch.levels)
    json["levels"].push_back(toJson(level));
  json["fanout"] = Json::array();
  for (const FanOut &fanout : arch.fanouts) {
    Json dim;
    dim["name"] = fanout.name;
    dim["size"] = fanout.size;
    dim["below"] = arch.levels[fanout.below].name;
    json["fanout"].push_back(std::move(dim));
  }
  Json compute = toJson(arch.compute.of(EinsumKind::Contraction));
  compute["leakage_pj_per_cycle"] = arch.compute.leakagePjPerCycle;
  compute["clock_hz"] = arch.compute.clockHz;
  for (EinsumKind kind : {EinsumKind::Reduction, EinsumKind::Elementwise})
    compute["kinds"][std::string(toString(kind))] =
        toJson(arch.compute.of(kind));
  json["compute"] = std::move(compute);
  return json;
}

class MappingWriter {
public:
  MappingWriter(const Workload &workload, const Arch &arch)
      : workload(workload), arch(arch) {}

  Json chain(const Node &first) const {
    Json json = Json::array();
    const Node *node = &first;
    for (; !node->isSplit() && !node->children.empty();
         node = &node->children.front())
      json.push_back(toJson(*node));
    json.push_back(toJson(*node));
    return json;
  }

private:
  Json toJson(const Node &node) const {
    Json json;
    visit(
        node, [&](const For &loop) { setLoop(json, "for", loop); },
        [&](const SpatialFor &loop) {
          setLoop(json, "spatial_for", loop);
          json["over"] = arch.fanouts[loop.fanout].name;
        },
        [&](const Retain &retain) {
          json["retain"] = names(retain.tensors);
          json["at"] = arch.levels[retain.level].name;
          if (!retain.noReuse.empty())
            json["no_reuse"] = names(retain.noReuse);
        },
        [&](const Sequential &) { json["sequential"] = branches(node); },
        [&](const Pipeline &) { json["pipeline"] = branches(node); },
        [&](const ComputeNode &compute) {
          json["compute"] = workload.einsums[compute.einsum].name;
        });
    return json;
  }
  template <typename Loop>
  void setLoop(Json &json, const char *key, const Loop &loop) const {
    const Einsum &einsum = workload.einsums[loop.einsum];
    json[key] = einsum.ranks[loop.rank].name;
    json["of"] = einsum.name;
    json["step"] = loop.step;
  }
  Json names(const std::vector<TensorId> &tensors) const {
    Json json = Json::array();
    for (TensorId tensor : tensors)
      json.push_back(workload.tensors[tensor].name);
    return json;
  }
  Json branches(const Node &split) const {
    Json json = Json::array();
    for (const Node &branch : split.children)
      json.push_back(chain(branch));
    return json;
  }

  const Workload &workload;
  const Arch &arch;
};

} // namespace

std::string looptree::writeMapping(const Mapping &mapping,
                                   const Workload &workload, const Arch &arch) {
  return toLine(MappingWriter(workload, arch).chain(mapping.root));
}

std::string looptree::writeCandidate(const Candidate &candidate) {
  Json json;
  json["version"] = 1;
  json["workload"] = toJson(candidate.workload);
  json["architecture"] = toJson(candidate.arch);
  json["mapping"] = MappingWriter(candidate.workload, candidate.arch)
                        .chain(candidate.mapping.root);
  if (candidate.convention != Convention::Exact)
    json["convention"] = toString(candidate.convention);
  return toLine(json);
}

std::string looptree::writeProblem(const Network &network,
                                   const std::optional<Arch> &arch) {
  Json json;
  json["version"] = 1;
  json["workload"] = toJson(network.workload);
  if (!network.cuts.empty()) {
    json["cuts"] = Json::array();
    for (EinsumId cut : network.cuts)
      json["cuts"].push_back(network.workload.einsums[cut].name);
  }
  if (arch)
    json["architecture"] = toJson(*arch);
  return toLine(json);
}

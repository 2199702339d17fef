//===- WriteDesign.cpp - Rows of the taxonomy as one line of JSON -*- C++
//-*-===//
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

static Json toJson(const DesignRow &row, const Workload &workload,
                   const Arch &arch) {
  Json json;
  json["depth"] = row.depth;
  json["einsums"] = Json::array();
  for (EinsumId einsum : row.einsums)
    json["einsums"].push_back(workload.einsums[einsum].name);
  json["schedule"] = Json::array();
  for (const DesignRow::Loop &loop : row.schedule) {
    const Einsum &einsum = workload.einsums[loop.einsum];
    Json item;
    item["rank"] = einsum.ranks[loop.rank].name;
    item["of"] = einsum.name;
    item["step"] = loop.step;
    if (loop.fanout)
      item["over"] = arch.fanouts[*loop.fanout].name;
    json["schedule"].push_back(std::move(item));
  }
  json["retention"] = Json::array();
  for (const DesignRow::Kept &kept : row.retention) {
    Json item;
    item["tensor"] = workload.tensors[kept.tensor].name;
    item["level"] = arch.levels[kept.level].name;
    item["loops_above"] = kept.loopsAbove;
    item["no_reuse"] = kept.noReuse;
    json["retention"].push_back(std::move(item));
  }
  json["intermediates"] = Json::array();
  for (const DesignRow::Intermediate &between : row.intermediates) {
    Json item;
    item["tensor"] = workload.tensors[between.tensor].name;
    item["treatment"] = toString(between.treatment);
    item["recompute"] = between.recompute;
    json["intermediates"].push_back(std::move(item));
  }
  json["parallelism"] = toString(row.parallelism);
  return json;
}

std::string looptree::writeDesign(const std::vector<DesignRow> &rows,
                                  const Workload &workload, const Arch &arch) {
  Json json;
  json["version"] = 1;
  json["rows"] = Json::array();
  for (const DesignRow &row : rows)
    json["rows"].push_back(toJson(row, workload, arch));
  return toLine(json);
}

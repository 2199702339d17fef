//===- ReadMapping.cpp - Mappings from files -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Reader.h"

#include <algorithm>

using namespace looptree;
using namespace looptree::candidate;

namespace {

constexpr unsigned kMaxDepth = 256;

constexpr const char *kNodeKeys[] = {"for",        "spatial_for", "retain",
                                     "sequential", "pipeline",    "compute"};

/// The branches of a split, or null for any other node.
const Value *branchesOf(const Value &node) {
  for (size_t i = 0; i + 1 < node.items.size(); i += 2)
    if (node.items[i].text == "sequential" || node.items[i].text == "pipeline")
      return &node.items[i + 1];
  return nullptr;
}

class MappingReader {
public:
  MappingReader(Reader &reader, const Workload &workload, const Arch &arch)
      : reader(reader), workload(workload), arch(arch) {}

  /// A chain is a list of nodes, each the only child of the one before it.
  bool readChain(const Value &value, unsigned depth, Node &first) {
    auto items = reader.list(value, "a mapping or branch");
    if (!items)
      return false;
    if (items->empty())
      return reader.fail(value, "a mapping or branch has at least one node");
    Node *node = &first;
    for (size_t i = 0; i < items->size(); ++i) {
      const Value &item = (*items)[i];
      if (depth + i >= kMaxDepth)
        return reader.fail(item, "the mapping is deeper than " +
                                     std::to_string(kMaxDepth) + " nodes");
      if (!readNode(item, depth + unsigned(i), *node))
        return false;
      bool isLast = i + 1 == items->size();
      bool endsChain =
          node->isSplit() || std::holds_alternative<ComputeNode>(node->kind);
      if (isLast && !endsChain)
        return reader.fail(item, "the last node of a mapping or branch is a "
                                 "split or a compute");
      if (!isLast && endsChain)
        return reader.fail((*items)[i + 1],
                           "nothing can follow a split or a compute");
      if (!isLast)
        node = &node->children.emplace_back();
    }
    return true;
  }

  bool readTrunk(const Value &value, std::vector<NodeKind> &trunk) {
    auto items = reader.list(value, "a mapping");
    if (!items)
      return false;
    for (const Value &item : *items) {
      Node node;
      if (!readNode(item, 0, node))
        return false;
      if (!node.children.empty() ||
          std::holds_alternative<ComputeNode>(node.kind))
        return reader.fail(item, "the mapping ends here; only its last node is "
                                 "a split or a compute");
      trunk.push_back(std::move(node.kind));
    }
    return true;
  }

private:
  bool readNode(const Value &value, unsigned depth, Node &node) {
    const char *key = nullptr;
    if (value.kind == Value::Kind::Map)
      for (size_t i = 0; i < value.items.size() && !key; i += 2)
        for (const char *known : kNodeKeys)
          if (value.items[i].kind == Value::Kind::Scalar &&
              value.items[i].text == known)
            key = known;
    if (!key)
      return reader.fail(value, "a node has one of the keys for, spatial_for, "
                                "retain, sequential, pipeline, compute");
    std::string_view kind = key;
    if (kind == "for")
      return readFor(value, node);
    if (kind == "spatial_for")
      return readSpatialFor(value, node);
    if (kind == "retain")
      return readRetain(value, node);
    if (kind == "sequential")
      return readSplit(value, key, depth, node, Sequential{});
    if (kind == "pipeline")
      return readSplit(value, key, depth, node, Pipeline{});
    return readCompute(value, node);
  }

  bool readEinsum(const Value *value, const char *what, EinsumId &einsum) {
    std::optional<std::string> name =
        value ? reader.string(*value, what) : std::nullopt;
    if (!name)
      return false;
    std::optional<EinsumId> id = workload.findEinsum(*name);
    if (!id)
      return reader.fail(*value, "there is no einsum " + *name);
    einsum = *id;
    return true;
  }

  bool readLoop(const Fields &fields, const char *key, EinsumId &einsum,
                RankId &rank, int64_t &step) {
    if (!readEinsum(fields.require("of"), "of", einsum))
      return false;
    const Value *rankValue = fields.require(key);
    std::optional<std::string> name =
        rankValue ? reader.string(*rankValue, key) : std::nullopt;
    if (!name)
      return false;
    std::optional<RankId> id = workload.einsums[einsum].findRank(*name);
    if (!id)
      return reader.fail(*rankValue, *name + " is not a rank of einsum " +
                                         workload.einsums[einsum].name);
    const Value *stepValue = fields.require("step");
    std::optional<int64_t> number =
        stepValue ? reader.integer(*stepValue, "step", 1) : std::nullopt;
    if (!number)
      return false;
    rank = *id;
    step = *number;
    return true;
  }

  bool readFor(const Value &value, Node &node) {
    Fields fields(reader, value, "a for", {"for", "of", "step"});
    For loop;
    if (!fields || !readLoop(fields, "for", loop.einsum, loop.rank, loop.step))
      return false;
    node.kind = loop;
    return true;
  }

  bool readSpatialFor(const Value &value, Node &node) {
    Fields fields(reader, value, "a spatial_for",
                  {"spatial_for", "of", "step", "over"});
    SpatialFor loop;
    if (!fields ||
        !readLoop(fields, "spatial_for", loop.einsum, loop.rank, loop.step))
      return false;
    const Value *over = fields.require("over");
    std::optional<std::string> name =
        over ? reader.string(*over, "over") : std::nullopt;
    if (!name)
      return false;
    auto dim =
        std::find_if(arch.fanouts.begin(), arch.fanouts.end(),
                     [&](const FanOut &known) { return known.name == *name; });
    if (dim == arch.fanouts.end())
      return reader.fail(*over, "there is no fan-out dimension " + *name);
    loop.fanout = unsigned(dim - arch.fanouts.begin());
    node.kind = loop;
    return true;
  }

  bool readTensors(const Value &value, const char *what,
                   std::vector<TensorId> &tensors) {
    auto items = reader.list(value, what);
    if (!items)
      return false;
    for (const Value &item : *items) {
      std::optional<std::string> name = reader.string(item, "a tensor");
      if (!name)
        return false;
      std::optional<TensorId> tensor = workload.findTensor(*name);
      if (!tensor)
        return reader.fail(item, "there is no tensor " + *name);
      if (std::find(tensors.begin(), tensors.end(), *tensor) != tensors.end())
        return reader.fail(item, *name + " is named twice by a retain");
      tensors.push_back(*tensor);
    }
    return true;
  }

  bool readRetain(const Value &value, Node &node) {
    Fields fields(reader, value, "a retain", {"retain", "at", "no_reuse"});
    Retain retain;
    if (!fields ||
        !readTensors(*fields.find("retain"), "retain", retain.tensors))
      return false;
    const Value *at = fields.require("at");
    std::optional<std::string> name =
        at ? reader.string(*at, "at") : std::nullopt;
    if (!name)
      return false;
    std::optional<LevelId> level = arch.findLevel(*name);
    if (!level)
      return reader.fail(*at, "there is no level " + *name);
    retain.level = *level;
    const Value *noReuse = fields.find("no_reuse");
    if (noReuse && !readTensors(*noReuse, "no_reuse", retain.noReuse))
      return false;
    node.kind = std::move(retain);
    return true;
  }

  bool readSplit(const Value &value, const char *key, unsigned depth,
                 Node &node, NodeKind kind) {
    Fields fields(reader, value, "a split", {key});
    if (!fields)
      return false;
    const Value &list = *fields.find(key);
    auto branches = reader.list(list, key);
    if (!branches)
      return false;
    if (branches->empty())
      return reader.fail(list, std::string(key) + " has at least one branch");
    node.kind = std::move(kind);
    node.children.resize(branches->size());
    for (size_t i = 0; i < branches->size(); ++i)
      if (!readChain((*branches)[i], depth + 1, node.children[i]))
        return false;
    return true;
  }

  bool readCompute(const Value &value, Node &node) {
    Fields fields(reader, value, "a compute", {"compute"});
    ComputeNode compute;
    if (!fields ||
        !readEinsum(fields.find("compute"), "compute", compute.einsum))
      return false;
    node.kind = compute;
    return true;
  }

  Reader &reader;
  const Workload &workload;
  const Arch &arch;
};

/// The text of the node that a path of child indices leads to.
const Value &locate(const Value &mapping, const std::vector<unsigned> &path) {
  const Value *chain = &mapping;
  size_t item = 0;
  for (unsigned child : path) {
    if (const Value *branches = branchesOf(chain->items[item])) {
      chain = &branches->items[child];
      item = 0;
    } else {
      ++item;
    }
  }
  return chain->items[item];
}

} // namespace

std::optional<Mapping> candidate::readMapping(Reader &reader,
                                              const Value &value,
                                              const Workload &workload,
                                              const Arch &arch) {
  Mapping mapping;
  if (!MappingReader(reader, workload, arch).readChain(value, 0, mapping.root))
    return std::nullopt;
  if (std::optional<IllegalMapping> illegal = check(mapping, workload, arch)) {
    reader.fail(locate(value, illegal->path),
                illegal->message + " [" + illegal->rule + "]");
    return std::nullopt;
  }
  return mapping;
}

std::optional<std::vector<NodeKind>>
candidate::readTrunk(Reader &reader, const Value &value,
                     const Workload &workload, const Arch &arch) {
  std::vector<NodeKind> trunk;
  if (!MappingReader(reader, workload, arch).readTrunk(value, trunk))
    return std::nullopt;
  return trunk;
}

//===- ReadWorkload.cpp - Workloads from files -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Reader.h"

#include <algorithm>
#include <unordered_map>

using namespace looptree;
using namespace looptree::candidate;

namespace {

class WorkloadReader {
public:
  explicit WorkloadReader(Reader &reader) : reader(reader) {}

  std::optional<Workload> read(const Value &value) {
    Fields fields(reader, value, "a workload", {"tensors", "einsums"});
    if (!fields)
      return std::nullopt;
    const Value *tensors = fields.require("tensors");
    const Value *einsums = tensors ? fields.require("einsums") : nullptr;
    if (!einsums || !readTensors(*tensors) || !readEinsums(*einsums))
      return std::nullopt;
    if (std::optional<InvalidWorkload> invalid = workload.diagnose()) {
      const Value *where = &value;
      if (invalid->einsum)
        where = &einsums->items[*invalid->einsum];
      else if (invalid->tensor)
        where = &tensors->items[*invalid->tensor];
      reader.fail(*where, invalid->message);
      return std::nullopt;
    }
    return std::move(workload);
  }

private:
  bool readTensors(const Value &value) {
    auto items = reader.list(value, "tensors");
    if (!items)
      return false;
    for (const Value &item : *items)
      if (!readTensor(item))
        return false;
    return true;
  }

  bool readTensor(const Value &value) {
    Fields fields(reader, value, "a tensor",
                  {"name", "kind", "shape", "bits", "partial_bits", "role"});
    if (!fields)
      return false;
    Tensor tensor;
    if (!readName(fields, "the name of a tensor", tensor.name) ||
        !readTensorKind(fields, tensor.kind))
      return false;
    if (!tensorIds.emplace(tensor.name, TensorId(workload.tensors.size()))
             .second)
      return reader.fail(*fields.find("name"),
                         "two tensors are named " + tensor.name);

    const Value *shape = fields.require("shape");
    auto extents = shape ? reader.list(*shape, "shape") : std::nullopt;
    if (!extents)
      return false;
    for (const Value &item : *extents) {
      std::optional<int64_t> extent = reader.integer(item, "an extent", 1);
      if (!extent)
        return false;
      tensor.shape.push_back(*extent);
    }
    if (const Value *bits = fields.find("bits")) {
      std::optional<int64_t> number = reader.bits(*bits, "bits", 1);
      if (!number)
        return false;
      tensor.bits = *number;
    }
    const Value *partial = fields.find("partial_bits");
    if (partial && partial->kind != Value::Kind::Null) {
      tensor.partialBits = reader.bits(*partial, "partial_bits", 1);
      if (!tensor.partialBits)
        return false;
    }
    if (const Value *role = fields.find("role")) {
      std::optional<std::string> text = reader.string(*role, "role");
      if (!text)
        return false;
      if (*text != "weight")
        return reader.fail(*role,
                           "unknown role '" + *text + "'; known is weight");
      tensor.isWeight = true;
    }
    workload.tensors.push_back(std::move(tensor));
    return true;
  }

  bool readName(const Fields &fields, const char *what, std::string &name) {
    const Value *value = fields.require("name");
    std::optional<std::string> text =
        value ? reader.string(*value, what) : std::nullopt;
    if (!text)
      return false;
    name = std::move(*text);
    return true;
  }

  bool readTensorKind(const Fields &fields, TensorKind &kind) {
    const Value *value = fields.require("kind");
    std::optional<std::string> text =
        value ? reader.string(*value, "kind") : std::nullopt;
    if (!text)
      return false;
    for (TensorKind known :
         {TensorKind::Input, TensorKind::Intermediate, TensorKind::Output})
      if (toString(known) == *text) {
        kind = known;
        return true;
      }
    return reader.fail(*value, "unknown tensor kind '" + *text +
                                   "'; known are input, intermediate, output");
  }

  bool readEinsums(const Value &value) {
    auto items = reader.list(value, "einsums");
    if (!items)
      return false;
    for (const Value &item : *items)
      if (!readEinsum(item))
        return false;
    return true;
  }

  bool readEinsum(const Value &value) {
    Fields fields(reader, value, "an einsum",
                  {"name", "kind", "ranks", "write", "reads"});
    if (!fields)
      return false;
    Einsum einsum;
    if (!readName(fields, "the name of an einsum", einsum.name) ||
        !readEinsumKind(fields, einsum.kind))
      return false;
    if (workload.findEinsum(einsum.name))
      return reader.fail(*fields.find("name"),
                         "two einsums are named " + einsum.name);

    const Value *ranks = fields.require("ranks");
    auto rankItems = ranks ? reader.list(*ranks, "ranks") : std::nullopt;
    if (!rankItems)
      return false;
    for (const Value &item : *rankItems)
      if (!readRank(item, einsum))
        return false;

    const Value *write = fields.require("write");
    const Value *reads = write ? fields.require("reads") : nullptr;
    auto readItems = reads ? reader.list(*reads, "reads") : std::nullopt;
    if (!readItems || !readAccess(*write, einsum, einsum.write, "a write"))
      return false;
    for (const Value &item : *readItems)
      if (!readAccess(item, einsum, einsum.reads.emplace_back(), "a read"))
        return false;
    workload.einsums.push_back(std::move(einsum));
    return true;
  }

  bool readEinsumKind(const Fields &fields, EinsumKind &kind) {
    const Value *value = fields.find("kind");
    if (!value)
      return true;
    std::optional<std::string> text = reader.string(*value, "kind");
    if (!text)
      return false;
    for (EinsumKind known : {EinsumKind::Contraction, EinsumKind::Reduction,
                             EinsumKind::Elementwise})
      if (toString(known) == *text) {
        kind = known;
        return true;
      }
    return reader.fail(*value,
                       "unknown einsum kind '" + *text +
                           "'; known are contraction, reduction, elementwise");
  }

  bool readRank(const Value &value, Einsum &einsum) {
    auto pair = reader.list(value, "a rank");
    if (!pair)
      return false;
    if (pair->size() != 2)
      return reader.fail(value, "a rank is [name, extent], not " +
                                    std::to_string(pair->size()) + " items");
    std::optional<std::string> name =
        reader.string((*pair)[0], "the name of a rank");
    if (!name)
      return false;
    if (einsum.findRank(*name))
      return reader.fail((*pair)[0], "einsum " + einsum.name +
                                         " has two ranks named " + *name);
    std::optional<int64_t> extent = reader.integer((*pair)[1], "an extent", 1);
    if (!extent)
      return false;
    einsum.ranks.push_back({std::move(*name), *extent});
    return true;
  }

  bool readAccess(const Value &value, const Einsum &einsum, Access &access,
                  const char *what) {
    // `init` is known for a write too: diagnose() says why it is wrong.
    Fields fields(reader, value, what, {"tensor", "index", "init"});
    if (!fields)
      return false;
    const Value *tensor = fields.require("tensor");
    std::optional<std::string> name =
        tensor ? reader.string(*tensor, "tensor") : std::nullopt;
    if (!name)
      return false;
    auto known = tensorIds.find(*name);
    if (known == tensorIds.end())
      return reader.fail(*tensor, "there is no tensor " + *name);
    access.tensor = known->second;

    const Value *index = fields.require("index");
    auto exprs = index ? reader.list(*index, "index") : std::nullopt;
    if (!exprs)
      return false;
    size_t dims = workload.tensors[access.tensor].shape.size();
    if (exprs->size() != dims)
      return reader.fail(*index, "tensor " + *name + " has " +
                                     std::to_string(dims) +
                                     " dimensions, but the index has " +
                                     std::to_string(exprs->size()));
    for (const Value &item : *exprs) {
      if (item.kind != Value::Kind::Scalar)
        return reader.fail(item, "an index is a string such as \"2*p + r\"");
      Result<LinearExpr> expr = parseLinearExpr(item.text, einsum);
      if (!expr)
        return reader.fail(item, expr.error().message);
      access.index.push_back(std::move(*expr));
    }
    if (const Value *init = fields.find("init")) {
      std::optional<bool> flag = reader.boolean(*init, "init");
      if (!flag)
        return false;
      access.isInit = *flag;
    }
    return true;
  }

  Reader &reader;
  Workload workload;
  std::unordered_map<std::string, TensorId> tensorIds;
};

} // namespace

std::optional<Workload> candidate::readWorkload(Reader &reader,
                                                const Value &value) {
  return WorkloadReader(reader).read(value);
}

//===- ReadConstraints.cpp - What narrows a search ------------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Reader.h"
#include "looptree/Candidate/Problem.h"

#include <algorithm>

using namespace looptree;
using namespace looptree::candidate;

namespace {

class ConstraintsReader {
public:
  ConstraintsReader(Reader &reader, const Workload &workload, const Arch &arch,
                    bool onlyHead)
      : reader(reader), workload(workload), arch(arch), onlyHead(onlyHead) {}

  std::optional<Constraints> read(const Value &value) {
    Fields fields =
        onlyHead ? Fields(reader, value, "constraints",
                          {"partitioned_ranks", "loop_order", "max_loops",
                           "steps", "branch_ranks", "max_branch_loops",
                           "unfused", "fused", "retain", "splits", "mapping"})
                 : Fields(reader, value, "constraints",
                          {"partitioned_ranks", "loop_order", "max_loops",
                           "steps", "unfused", "fused", "retain", "splits"});
    if (!fields)
      return std::nullopt;
    if (const Value *most = fields.find("max_loops")) {
      result.maxLoops = readLoops(*most, "max_loops");
      if (!result.maxLoops)
        return std::nullopt;
    }
    if (const Value *most = fields.find("max_branch_loops")) {
      result.maxBranchLoops = readLoops(*most, "max_branch_loops");
      if (!result.maxBranchLoops)
        return std::nullopt;
    }
    const Value *ranks = fields.find("partitioned_ranks");
    const Value *orders = fields.find("loop_order");
    const Value *steps = fields.find("steps");
    const Value *branches = fields.find("branch_ranks");
    const Value *unfused = fields.find("unfused");
    const Value *fused = fields.find("fused");
    const Value *retain = fields.find("retain");
    const Value *splits = fields.find("splits");
    bool good =
        (!ranks || forEachEinsum(*ranks, "partitioned_ranks",
                                 [&](EinsumId e, const Value &list) {
                                   return readRanks(list, e, result.ranks[e]);
                                 })) &&
        (!orders || forEachEinsum(*orders, "loop_order",
                                  [&](EinsumId e, const Value &lists) {
                                    return readOrders(lists, e);
                                  })) &&
        (!steps || forEachEinsum(*steps, "steps",
                                 [&](EinsumId e, const Value &map) {
                                   return readSteps(map, e);
                                 })) &&
        (!branches || forEachEinsum(
                          *branches, "branch_ranks",
                          [&](EinsumId e, const Value &list) {
                            return readRanks(list, e, result.branchRanks[e]);
                          },
                          false)) &&
        (!unfused || readTensors(*unfused, result.unfused)) &&
        (!fused || readTensors(*fused, result.fused)) &&
        (!retain || readRetain(*retain)) && (!splits || readSplits(*splits));
    if (!good)
      return std::nullopt;
    return std::move(result);
  }

private:
  /// A mapping is no deeper than 256 nodes.
  std::optional<unsigned> readLoops(const Value &value, const char *what) {
    auto number = reader.integer(value, what, 0);
    if (number && *number > 256)
      reader.fail(value, std::string(what) + " is " + std::to_string(*number) +
                             "; a mapping has at most 256");
    return reader.failed() ? std::nullopt : std::optional(unsigned(*number));
  }

  /// The entries of a map from einsums.
  template <typename Use>
  bool forEachEinsum(const Value &value, const char *what, Use use,
                     bool isOfTrunk = true) {
    if (value.kind != Value::Kind::Map)
      return reader.fail(value, std::string(what) + " is a map from einsums");
    std::vector<EinsumId> seen;
    for (size_t i = 0; i < value.items.size(); i += 2) {
      const std::string &name = value.items[i].text;
      auto einsum = workload.findEinsum(name);
      if (!einsum)
        return reader.fail(value.items[i], "there is no einsum '" + name + "'");
      if (onlyHead && isOfTrunk && *einsum + 1 != workload.einsums.size())
        return reader.fail(value.items[i], "the trunk's loops are over ranks "
                                           "of " +
                                               workload.einsums.back().name +
                                               ", not of '" + name + "'");
      if (std::count(seen.begin(), seen.end(), *einsum))
        return reader.fail(value.items[i],
                           "einsum " + name + " is given twice");
      seen.push_back(*einsum);
      if (!use(*einsum, value.items[i + 1]))
        return false;
    }
    return true;
  }

  std::optional<RankId> rankOf(const Value &value, const std::string &name,
                               EinsumId einsum) {
    auto rank = workload.einsums[einsum].findRank(name);
    if (!rank)
      reader.fail(value, "einsum " + workload.einsums[einsum].name +
                             " has no rank '" + name + "'");
    return rank;
  }

  bool readRanks(const Value &value, EinsumId einsum,
                 std::vector<RankId> &ranks) {
    auto items = reader.list(value, "a list of ranks");
    if (!items)
      return false;
    for (const Value &item : *items) {
      auto name = reader.string(item, "a rank");
      auto rank = name ? rankOf(item, *name, einsum) : std::nullopt;
      if (!rank)
        return false;
      if (std::count(ranks.begin(), ranks.end(), *rank))
        return reader.fail(item, "rank " + *name + " is given twice");
      ranks.push_back(*rank);
    }
    return true;
  }

  bool readOrders(const Value &value, EinsumId einsum) {
    auto lists = reader.list(value, "loop_order");
    if (!lists)
      return false;
    auto &orders = result.orders[einsum];
    for (const Value &list : *lists)
      if (!readRanks(list, einsum, orders.emplace_back()))
        return false;
    return true;
  }

  bool readSteps(const Value &map, EinsumId einsum) {
    if (map.kind != Value::Kind::Map)
      return reader.fail(map, "steps of an einsum are a map from its ranks");
    auto &steps = result.steps[einsum];
    for (size_t i = 0; i < map.items.size(); i += 2) {
      auto rank = rankOf(map.items[i], map.items[i].text, einsum);
      if (!rank)
        return false;
      if (steps.count(*rank))
        return reader.fail(map.items[i],
                           "rank " + map.items[i].text + " is given twice");
      Fields rule(reader, map.items[i + 1], "steps of a rank",
                  {"multiple_of", "one_of", "tiles"});
      if (!rule || !readRule(rule, steps[*rank]))
        return false;
    }
    return true;
  }

  bool readRule(const Fields &fields, StepRule &rule) {
    if (const Value *of = fields.find("multiple_of")) {
      auto number = reader.integer(*of, "multiple_of", 1);
      if (!number)
        return false;
      rule.multipleOf = *number;
    }
    return readNumbers(fields.find("one_of"), "a step", rule.oneOf) &&
           readNumbers(fields.find("tiles"), "a number of tiles", rule.tiles);
  }
  bool readNumbers(const Value *value, const char *what,
                   std::optional<std::vector<int64_t>> &numbers) {
    if (!value)
      return true;
    auto items = reader.list(*value, "a list of numbers");
    if (!items)
      return false;
    numbers.emplace();
    for (const Value &item : *items) {
      auto number = reader.integer(item, what, 1);
      if (!number)
        return false;
      numbers->push_back(*number);
    }
    return true;
  }

  bool readTensors(const Value &value, std::vector<TensorId> &tensors) {
    auto items = reader.list(value, "a list of tensors");
    if (!items)
      return false;
    for (const Value &item : *items) {
      auto name = reader.string(item, "a tensor");
      if (!name)
        return false;
      auto tensor = workload.findTensor(*name);
      if (!tensor || workload.tensors[*tensor].kind != TensorKind::Intermediate)
        return reader.fail(item, "there is no intermediate '" + *name + "'");
      const auto &other = result.unfused;
      if (&tensors != &other && std::count(other.begin(), other.end(), *tensor))
        return reader.fail(item, "tensor " + *name +
                                     " is to be fused and unfused at once");
      tensors.push_back(*tensor);
    }
    return true;
  }

  bool readRetain(const Value &value) {
    if (value.kind != Value::Kind::Map)
      return reader.fail(value, "retain is a map from tensors");
    for (size_t i = 0; i < value.items.size(); i += 2) {
      const Value &key = value.items[i];
      auto tensor = workload.findTensor(key.text);
      if (!tensor)
        return reader.fail(key, "there is no tensor '" + key.text + "'");
      RetainRule rule;
      if (!readRetainRule(value.items[i + 1], *tensor, rule))
        return false;
      if (!result.retain.emplace(*tensor, rule).second)
        return reader.fail(key, "tensor " + key.text + " is given twice");
    }
    return true;
  }

  bool readRetainRule(const Value &value, TensorId tensor, RetainRule &rule) {
    if (value.kind != Value::Kind::Map)
      return readPlace(value, rule);
    Fields fields(reader, value, "a retention", {"place", "at", "no_reuse"});
    if (!fields)
      return false;
    if (const Value *place = fields.find("place");
        place && !readPlace(*place, rule))
      return false;
    if (const Value *noReuse = fields.find("no_reuse")) {
      rule.noReuse = reader.boolean(*noReuse, "no_reuse");
      if (!rule.noReuse)
        return false;
    }
    const Value *at = fields.find("at");
    if (!at)
      return true;
    auto name = reader.string(*at, "at");
    if (!name)
      return false;
    rule.level = arch.findLevel(*name);
    if (!rule.level || *rule.level == 0)
      return reader.fail(*at, "there is no level " + *name + " on chip");
    if (!arch.levels[*rule.level].canHold(workload.tensors[tensor]))
      return reader.fail(*at, "level " + *name + " does not hold " +
                                  workload.tensors[tensor].name);
    return true;
  }

  bool readPlace(const Value &value, RetainRule &rule) {
    constexpr std::pair<const char *, RetainRule::Where> kPlaces[] = {
        {"on_trunk", RetainRule::Where::OnTrunk},
        {"above_loops", RetainRule::Where::AboveLoops},
        {"below_loops", RetainRule::Where::BelowLoops},
        {"off_chip", RetainRule::Where::OffChip}};
    for (auto [name, where] : kPlaces)
      if (value.kind == Value::Kind::Scalar && value.text == name) {
        rule.where = where;
        return true;
      }
    if (value.kind != Value::Kind::Scalar || value.text.empty() ||
        value.text.find_first_not_of("0123456789") != std::string::npos)
      return reader.fail(value, "a place is on_trunk, above_loops, "
                                "below_loops, off_chip, or a number of loops "
                                "that it is below");
    auto depth = readLoops(value, "a number of loops");
    if (!depth)
      return false;
    rule.where = RetainRule::Where::BelowSome;
    rule.depth = *depth;
    return true;
  }

  bool readSplits(const Value &value) {
    auto items = reader.list(value, "splits");
    if (!items)
      return false;
    result.sequential = result.pipeline = false;
    for (const Value &item : *items) {
      auto name = reader.string(item, "a kind of split");
      if (!name)
        return false;
      if (*name != "sequential" && *name != "pipeline")
        return reader.fail(item, "a split is sequential or pipeline, not '" +
                                     *name + "'");
      (*name == "sequential" ? result.sequential : result.pipeline) = true;
    }
    return true;
  }

  Reader &reader;
  const Workload &workload;
  const Arch &arch;
  bool onlyHead;
  Constraints result;
};

} // namespace

std::optional<Constraints> candidate::readConstraints(Reader &reader,
                                                      const Value &value,
                                                      const Workload &workload,
                                                      const Arch &arch,
                                                      bool onlyHead) {
  return ConstraintsReader(reader, workload, arch, onlyHead).read(value);
}

Result<Constraints> looptree::readConstraints(std::string_view text,
                                              std::string_view name,
                                              const Workload &workload,
                                              const Arch &arch) {
  Result<Value> value = parseDocument(text, name);
  if (!value)
    return value.error();
  Reader reader(name);
  auto constraints = candidate::readConstraints(reader, *value, workload, arch,
                                                /*onlyHead=*/false);
  if (!constraints)
    return reader.error();
  return std::move(*constraints);
}

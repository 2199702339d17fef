//===- Check.cpp - What makes a mapping legal -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "looptree/Mapping/Mapping.h"

#include <algorithm>

using namespace looptree;

namespace {

constexpr size_t kMaxDepth = 256;

using Path = std::vector<unsigned>;

/// Depth and arity, without recursion: the tree may be hostile, and all later
/// walks recurse.
std::optional<IllegalMapping> checkShape(const Mapping &mapping) {
  struct Item {
    const Node *node;
    Path path;
  };
  std::vector<Item> work;
  work.push_back({&mapping.root, {}});
  while (!work.empty()) {
    Item item = std::move(work.back());
    work.pop_back();
    if (item.path.size() >= kMaxDepth)
      return IllegalMapping{"depth",
                            "the tree is deeper than " +
                                std::to_string(kMaxDepth) + " nodes",
                            item.path};
    size_t count = item.node->children.size();
    std::string wrong = looptree::visit(
        *item.node,
        [&](const For &) { return count != 1 ? "a loop has one child" : ""; },
        [&](const SpatialFor &) {
          return count != 1 ? "a spatial loop has one child" : "";
        },
        [&](const Retain &) {
          return count != 1 ? "a retain has one child" : "";
        },
        [&](const Sequential &) {
          return count == 0 ? "a sequential has at least one branch" : "";
        },
        [&](const Pipeline &) {
          return count == 0 ? "a pipeline has at least one branch" : "";
        },
        [&](const ComputeNode &) {
          return count != 0 ? "a compute has no children" : "";
        });
    if (!wrong.empty())
      return IllegalMapping{"arity", wrong + ", not " + std::to_string(count),
                            item.path};
    for (size_t i = 0; i < count; ++i) {
      Item child{&item.node->children[i], item.path};
      child.path.push_back(unsigned(i));
      work.push_back(std::move(child));
    }
  }
  return std::nullopt;
}

/// Walks the tree once, keeping what stands above the node. Every visit
/// returns false once a broken rule is recorded.
class Checker {
public:
  Checker(const Workload &workload, const Arch &arch)
      : workload(workload), arch(arch), tensorCount(workload.tensors.size()),
        computed(workload.einsums.size(), false), retainsOf(tensorCount),
        users(tensorCount) {
    for (EinsumId id = 0; id < workload.einsums.size(); ++id) {
      const Einsum &einsum = workload.einsums[id];
      addUser(einsum.write.tensor, id);
      for (const Access &read : einsum.reads)
        addUser(read.tensor, id);
    }
  }

  std::optional<IllegalMapping> run(const Node &root) {
    // Ids first: every later rule uses them as indices.
    if (!checkIds(root))
      return broken;
    for (EinsumId id = 0; id < computed.size(); ++id)
      if (!computed[id]) {
        fail("compute-once",
             "einsum " + workload.einsums[id].name + " has no compute node");
        return broken;
      }
    walk(root);
    return broken;
  }

private:
  using Group = std::vector<EinsumId>;

  void addUser(TensorId tensor, EinsumId einsum) {
    if (users[tensor].empty() || users[tensor].back() != einsum)
      users[tensor].push_back(einsum);
  }

  bool fail(const char *rule, std::string message) {
    broken = IllegalMapping{rule, std::move(message), path};
    return false;
  }

  const std::string &tensorName(TensorId id) const {
    return workload.tensors[id].name;
  }
  const std::string &einsumName(EinsumId id) const {
    return workload.einsums[id].name;
  }
  const std::string &levelName(LevelId id) const {
    return arch.levels[id].name;
  }
  std::string einsumNames(const Group &group) const {
    std::string text;
    for (size_t i = 0; i < group.size(); ++i)
      text += (i ? ", " : "") + einsumName(group[i]);
    return text;
  }
  std::string loopText(EinsumId einsum, RankId rank) const {
    return "the loop over " + workload.einsums[einsum].ranks[rank].name +
           " of " + einsumName(einsum);
  }

  // Ids, steps, and computes counted.

  bool inRange(const char *rule, const char *what, size_t id, size_t count) {
    return id < count || fail(rule, "there is no " + std::string(what) +
                                        " number " + std::to_string(id) +
                                        "; there are " + std::to_string(count));
  }
  bool checkLoopIds(EinsumId einsum, RankId rank, int64_t step) {
    if (!inRange("known-einsum", "einsum", einsum, workload.einsums.size()))
      return false;
    size_t ranks = workload.einsums[einsum].ranks.size();
    if (rank >= ranks)
      return fail("known-rank", "einsum " + einsumName(einsum) +
                                    " has no rank number " +
                                    std::to_string(rank) + "; it has " +
                                    std::to_string(ranks));
    if (step < 1)
      return fail("step-positive", loopText(einsum, rank) + " has step " +
                                       std::to_string(step) +
                                       "; at least 1 is needed");
    return true;
  }
  bool checkRetainIds(const Retain &retain) {
    if (!inRange("known-level", "level", retain.level, arch.levels.size()))
      return false;
    if (retain.tensors.empty())
      return fail("retain-some", "a retain at " + levelName(retain.level) +
                                     " names no tensor");
    for (const std::vector<TensorId> *list :
         {&retain.tensors, &retain.noReuse}) {
      for (size_t i = 0; i < list->size(); ++i) {
        TensorId tensor = (*list)[i];
        if (!inRange("known-tensor", "tensor", tensor, tensorCount))
          return false;
        if (std::find(list->begin(), list->begin() + i, tensor) !=
            list->begin() + i)
          return fail("retain-unique", tensorName(tensor) +
                                           " is named twice by a retain at " +
                                           levelName(retain.level));
      }
    }
    for (TensorId tensor : retain.noReuse)
      if (std::find(retain.tensors.begin(), retain.tensors.end(), tensor) ==
          retain.tensors.end())
        return fail("no-reuse-retained",
                    "no_reuse names " + tensorName(tensor) +
                        ", which the retain at " + levelName(retain.level) +
                        " does not keep");
    return true;
  }
  bool checkIds(const Node &node) {
    bool good = looptree::visit(
        node,
        [&](const For &loop) {
          return checkLoopIds(loop.einsum, loop.rank, loop.step);
        },
        [&](const SpatialFor &loop) {
          return checkLoopIds(loop.einsum, loop.rank, loop.step) &&
                 inRange("known-fanout", "fan-out dimension", loop.fanout,
                         arch.fanouts.size());
        },
        [&](const Retain &retain) { return checkRetainIds(retain); },
        [&](const Sequential &) { return true; },
        [&](const Pipeline &) { return true; },
        [&](const ComputeNode &compute) {
          if (!inRange("known-einsum", "einsum", compute.einsum,
                       workload.einsums.size()))
            return false;
          if (computed[compute.einsum])
            return fail("compute-once", "einsum " + einsumName(compute.einsum) +
                                            " has two compute nodes");
          computed[compute.einsum] = true;
          return true;
        });
    return good && forChildren(node, [&](const Node &child) {
             return checkIds(child);
           });
  }

  template <typename F> bool forChildren(const Node &node, F &&f) {
    for (size_t i = 0; i < node.children.size(); ++i) {
      path.push_back(unsigned(i));
      if (!f(node.children[i]))
        return false;
      path.pop_back();
    }
    return true;
  }

  // The rules that need the nodes above.

  bool walk(const Node &node) {
    auto below = [&] {
      return forChildren(node, [&](const Node &child) { return walk(child); });
    };
    return looptree::visit(
        node,
        [&](const For &loop) {
          if (!checkHead(node, loop.einsum, loop.rank))
            return false;
          ++loopsAndSplits;
          bool good = below();
          --loopsAndSplits;
          return good;
        },
        [&](const SpatialFor &loop) {
          if (!checkHead(node, loop.einsum, loop.rank) ||
              !checkFanOut(loop.einsum, loop.rank, loop.fanout))
            return false;
          spatial.push_back(loop);
          ++loopsAndSplits;
          bool good = below();
          --loopsAndSplits;
          spatial.pop_back();
          return good;
        },
        [&](const Retain &retain) {
          if (!checkRetain(node, retain))
            return false;
          levelsAbove.push_back(retain.level);
          for (TensorId tensor : retain.tensors)
            retainsOf[tensor].push_back(retain.level);
          bool good = below();
          for (TensorId tensor : retain.tensors)
            retainsOf[tensor].pop_back();
          levelsAbove.pop_back();
          return good;
        },
        [&](const Sequential &) { return walkSplit(node); },
        [&](const Pipeline &) { return walkSplit(node); },
        [&](const ComputeNode &compute) {
          const Einsum &einsum = workload.einsums[compute.einsum];
          if (!checkOperand(einsum.write.tensor, einsum))
            return false;
          for (const Access &read : einsum.reads)
            if (!checkOperand(read.tensor, einsum))
              return false;
          return true;
        });
  }

  bool checkHead(const Node &node, EinsumId einsum, RankId rank) {
    Group heads = headsOf(groupOf(node), workload);
    if (heads == Group{einsum})
      return true;
    return fail("loop-head",
                loopText(einsum, rank) + " needs " + einsumName(einsum) +
                    " as the only head of the einsums below it; " +
                    (heads.size() == 1 ? "the head is " : "the heads are ") +
                    einsumNames(heads));
  }

  bool checkFanOut(EinsumId einsum, RankId rank, unsigned fanout) {
    const FanOut &dim = arch.fanouts[fanout];
    for (LevelId level : levelsAbove)
      if (level > dim.below)
        return fail("fanout-side",
                    "a retain at " + levelName(level) + " stands above " +
                        loopText(einsum, rank) + " over " + dim.name +
                        ", which lies below " + levelName(dim.below));
    return true;
  }

  bool checkRetain(const Node &node, const Retain &retain) {
    Group group = groupOf(node);
    std::vector<bool> isBelow(workload.einsums.size(), false);
    for (EinsumId member : group)
      isBelow[member] = true;
    const Level &level = arch.levels[retain.level];
    for (const SpatialFor &loop : spatial) {
      const FanOut &dim = arch.fanouts[loop.fanout];
      if (retain.level <= dim.below)
        return fail("fanout-side",
                    "a retain at " + level.name + " stands below " +
                        loopText(loop.einsum, loop.rank) + " over " + dim.name +
                        ", which lies below " + levelName(dim.below));
    }
    for (TensorId id : retain.tensors) {
      const Tensor &tensor = workload.tensors[id];
      size_t usersBelow = 0;
      EinsumId outside = 0;
      for (EinsumId user : users[id]) {
        usersBelow += isBelow[user];
        if (!isBelow[user])
          outside = user;
      }
      std::string who = tensor.name + " is retained at " + level.name;
      if (usersBelow == 0)
        return fail("retain-used", who + " where no einsum below uses it");
      if (!level.canHold(tensor))
        return fail("level-holds", who + ", which does not hold it");
      if (!retainsOf[id].empty()) {
        LevelId above = retainsOf[id].back();
        if (above >= retain.level)
          return fail("retain-inward", who + " below its retain at " +
                                           levelName(above) +
                                           "; retains go strictly inward");
        continue;
      }
      if (usersBelow != users[id].size())
        return fail("backing-above-uses",
                    who + " for the first time, but " + einsumName(outside) +
                        ", which uses it too, is not below");
      if (tensor.kind == TensorKind::Intermediate)
        continue;
      std::string kind(toString(tensor.kind));
      if (retain.level != 0)
        return fail("backing-outermost", who + "; an " + kind +
                                             " is first retained at " +
                                             levelName(0));
      if (loopsAndSplits)
        return fail("backing-outermost",
                    who + " below a loop or split; an " + kind +
                        " is first retained above them all");
    }
    return true;
  }

  bool checkOperand(TensorId tensor, const Einsum &einsum) {
    return !retainsOf[tensor].empty() ||
           fail("operand-retained", tensorName(tensor) +
                                        " is retained nowhere above the "
                                        "compute of " +
                                        einsum.name);
  }

  bool walkSplit(const Node &node) {
    // Which branch of this split computes an einsum, if any.
    std::vector<std::optional<size_t>> branchOf(workload.einsums.size());
    for (size_t i = 0; i < node.children.size(); ++i)
      for (EinsumId member : groupOf(node.children[i]))
        branchOf[member] = i;
    for (EinsumId id = 0; id < workload.einsums.size(); ++id) {
      std::optional<size_t> made = branchOf[id];
      if (!made)
        continue;
      TensorId written = workload.einsums[id].write.tensor;
      for (EinsumId user : users[written])
        if (branchOf[user] && *branchOf[user] < *made)
          return fail("producer-first",
                      einsumName(user) + " in branch " +
                          std::to_string(*branchOf[user]) + " reads " +
                          tensorName(written) + ", which " + einsumName(id) +
                          " in branch " + std::to_string(*made) + " makes");
    }
    ++loopsAndSplits;
    bool good =
        forChildren(node, [&](const Node &child) { return walk(child); });
    --loopsAndSplits;
    return good;
  }

  const Workload &workload;
  const Arch &arch;
  size_t tensorCount;
  std::vector<bool> computed;
  std::optional<IllegalMapping> broken;

  // What stands above the current node.
  Path path;
  unsigned loopsAndSplits = 0;
  std::vector<SpatialFor> spatial;
  std::vector<LevelId> levelsAbove;
  std::vector<std::vector<LevelId>> retainsOf; ///< Per tensor, outermost first.

  std::vector<Group> users; ///< Per tensor: producer and consumers.
};

} // namespace

std::optional<IllegalMapping> looptree::check(const Mapping &mapping,
                                              const Workload &workload,
                                              const Arch &arch) {
  if (std::optional<IllegalMapping> wrong = checkShape(mapping))
    return wrong;
  return Checker(workload, arch).run(mapping.root);
}

//===- ShrinkCandidate.cpp - Small candidates that still fail - -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RandomCandidate.h"

#include <algorithm>

using namespace looptree;
using namespace looptree::test;

namespace {

bool isLegal(const Candidate &c) {
  return !c.workload.check() && !c.arch.check() &&
         !check(c.mapping, c.workload, c.arch);
}

/// Nodes of a tree by preorder number.
void collect(Node &node, std::vector<Node *> &nodes) {
  nodes.push_back(&node);
  for (Node &child : node.children)
    collect(child, nodes);
}
std::vector<Node *> nodesOf(Candidate &c) {
  std::vector<Node *> nodes;
  collect(c.mapping.root, nodes);
  return nodes;
}

EinsumId &einsumOf(Node &loop) {
  if (auto *temporal = std::get_if<For>(&loop.kind))
    return temporal->einsum;
  return std::get<SpatialFor>(loop.kind).einsum;
}
int64_t &stepOf(Node &loop) {
  if (auto *temporal = std::get_if<For>(&loop.kind))
    return temporal->step;
  return std::get<SpatialFor>(loop.kind).step;
}

/// Takes an einsum out of a tree; false when nothing is left of it.
bool removeCompute(Node &node, EinsumId gone) {
  if (auto *compute = std::get_if<ComputeNode>(&node.kind)) {
    if (compute->einsum == gone)
      return false;
    compute->einsum -= compute->einsum > gone;
    return true;
  }
  std::erase_if(node.children,
                [&](Node &child) { return !removeCompute(child, gone); });
  if (node.children.empty())
    return false;
  if (node.isLoop()) {
    EinsumId &head = einsumOf(node);
    if (head == gone) {
      node = Node(node.children[0]);
      return true;
    }
    head -= head > gone;
  }
  return true;
}

/// Tensors that nothing uses any more leave the workload and the tree; kinds
/// follow from what is left.
void tidy(Candidate &c) {
  Workload &w = c.workload;
  for (TensorId t = TensorId(w.tensors.size()); t-- > 0;) {
    bool isWritten = w.producer(t).has_value(),
         isRead = !w.consumers(t).empty();
    if (isWritten && !isRead)
      w.tensors[t].kind = TensorKind::Output;
    if (!isWritten)
      w.tensors[t].kind = TensorKind::Input;
    if (isWritten || isRead)
      continue;
    w.tensors.erase(w.tensors.begin() + t);
    auto renumber = [&](TensorId &id) { id -= id > t; };
    for (Einsum &einsum : w.einsums) {
      renumber(einsum.write.tensor);
      for (Access &read : einsum.reads)
        renumber(read.tensor);
    }
    for (Node *node : nodesOf(c))
      if (auto *retain = std::get_if<Retain>(&node->kind)) {
        std::erase(retain->tensors, t);
        std::erase(retain->noReuse, t);
        std::for_each(retain->tensors.begin(), retain->tensors.end(), renumber);
        std::for_each(retain->noReuse.begin(), retain->noReuse.end(), renumber);
      }
  }
  // Retains name only what is used below them, and inputs and outputs stand at
  // the root.
  std::vector<bool> atRoot(w.tensors.size(), false);
  for (Node *node : nodesOf(c)) {
    auto *retain = std::get_if<Retain>(&node->kind);
    if (!retain)
      continue;
    std::vector<EinsumId> group = groupOf(*node);
    auto unused = [&](TensorId t) {
      return std::none_of(group.begin(), group.end(), [&](EinsumId e) {
        const Einsum &einsum = w.einsums[e];
        return einsum.write.tensor == t ||
               std::any_of(einsum.reads.begin(), einsum.reads.end(),
                           [&](const Access &a) { return a.tensor == t; });
      });
    };
    std::erase_if(retain->tensors, unused);
    std::erase_if(retain->noReuse, unused);
  }
  if (auto *retain = std::get_if<Retain>(&c.mapping.root.kind)) {
    for (TensorId t : retain->tensors)
      atRoot[t] = true;
    for (TensorId t = 0; t < w.tensors.size(); ++t)
      if (w.tensors[t].kind != TensorKind::Intermediate && !atRoot[t] &&
          retain->level == 0)
        retain->tensors.push_back(t);
  }
}

class Shrinker {
public:
  Shrinker(Candidate start, const std::function<bool(const Candidate &)> &fails)
      : best(std::move(start)), fails(fails) {}

  Candidate run() {
    bool any = true;
    while (any) {
      any = dropEinsums();
      any |= dropNodes();
      any |= dropAccesses();
      any |= lowerNumbers();
    }
    return std::move(best);
  }

private:
  /// Keeps a changed candidate when it is legal and still fails.
  template <typename Change> bool attempt(Change change) {
    Candidate next = best;
    if (!change(next) || next.workload.einsums.empty() || !isLegal(next) ||
        !fails(next))
      return false;
    best = std::move(next);
    return true;
  }

  bool dropEinsums() {
    bool any = false;
    for (EinsumId e = EinsumId(best.workload.einsums.size()); e-- > 0;)
      any |= attempt([&](Candidate &c) {
        if (!removeCompute(c.mapping.root, e))
          return false;
        c.workload.einsums.erase(c.workload.einsums.begin() + e);
        tidy(c);
        return true;
      });
    return any;
  }

  bool dropNodes() {
    bool any = false;
    for (size_t n = 0; n < nodesOf(best).size(); ++n) {
      // A node with one child makes way for it.
      while (n < nodesOf(best).size() && attempt([&](Candidate &c) {
               Node *node = nodesOf(c)[n];
               if (node->children.size() != 1)
                 return false;
               *node = Node(node->children[0]);
               return true;
             }))
        any = true;
      if (n >= nodesOf(best).size())
        break;
      any |= attempt([&](Candidate &c) { // What is simpler in kind.
        NodeKind &kind = nodesOf(c)[n]->kind;
        if (std::holds_alternative<Pipeline>(kind))
          kind = Sequential{};
        else if (const auto *loop = std::get_if<SpatialFor>(&kind))
          kind = For{loop->einsum, loop->rank, loop->step};
        else
          return false;
        return true;
      });
      const auto *retain = std::get_if<Retain>(&nodesOf(best)[n]->kind);
      for (size_t i = retain ? retain->tensors.size() : 0; i-- > 0;) {
        any |= attempt([&](Candidate &c) {
          auto &r = std::get<Retain>(nodesOf(c)[n]->kind);
          if (i >= r.tensors.size() || r.tensors.size() == 1)
            return false;
          std::erase(r.noReuse, r.tensors[i]);
          r.tensors.erase(r.tensors.begin() + ptrdiff_t(i));
          return true;
        });
        any |= attempt([&](Candidate &c) {
          auto &r = std::get<Retain>(nodesOf(c)[n]->kind);
          return i < r.tensors.size() && std::erase(r.noReuse, r.tensors[i]);
        });
        retain = std::get_if<Retain>(&nodesOf(best)[n]->kind);
      }
      any |= attempt([&](Candidate &c) { // Branches that are splits open up.
        Node *node = nodesOf(c)[n];
        std::vector<Node> flat;
        for (Node &child : node->children)
          if (node->isSplit() && child.isSplit())
            flat.insert(flat.end(), child.children.begin(),
                        child.children.end());
          else
            flat.push_back(child);
        bool changed = flat.size() != node->children.size();
        node->children = std::move(flat);
        return changed;
      });
    }
    return any;
  }

  bool dropAccesses() {
    bool any = false;
    for (EinsumId e = 0; e < best.workload.einsums.size(); ++e)
      for (size_t i = best.workload.einsums[e].reads.size(); i-- > 0;)
        any |= attempt([&](Candidate &c) {
          auto &reads = c.workload.einsums[e].reads;
          reads.erase(reads.begin() + ptrdiff_t(i));
          tidy(c);
          return true;
        });
    // Levels that nothing uses.
    for (LevelId l = LevelId(best.arch.levels.size()); l-- > 1;)
      any |= attempt([&](Candidate &c) {
        for (Node *node : nodesOf(c))
          if (auto *retain = std::get_if<Retain>(&node->kind)) {
            if (retain->level == l)
              return false;
            retain->level -= retain->level > l;
          }
        for (FanOut &dim : c.arch.fanouts)
          dim.below -= dim.below >= l;
        c.arch.levels.erase(c.arch.levels.begin() + l);
        return true;
      });
    for (unsigned dim = unsigned(best.arch.fanouts.size()); dim-- > 0;)
      any |= attempt([&](Candidate &c) {
        for (Node *node : nodesOf(c))
          if (auto *loop = std::get_if<SpatialFor>(&node->kind)) {
            if (loop->fanout == dim)
              return false;
            loop->fanout -= loop->fanout > dim;
          }
        c.arch.fanouts.erase(c.arch.fanouts.begin() + dim);
        return true;
      });
    any |= attempt([&](Candidate &c) {
      Arch plain;
      plain.name = c.arch.name;
      for (const Level &level : c.arch.levels)
        plain.levels.emplace_back().name = level.name;
      plain.fanouts = c.arch.fanouts;
      bool changed = plain != c.arch;
      c.arch = std::move(plain);
      return changed;
    });
    for (TensorId t = 0; t < best.workload.tensors.size(); ++t)
      any |= attempt([&](Candidate &c) {
        Tensor &tensor = c.workload.tensors[t];
        Tensor plain{tensor.name, tensor.kind, tensor.shape};
        bool changed = plain != tensor;
        tensor = std::move(plain);
        return changed;
      });
    return any;
  }

  /// Numbers of a candidate that may become smaller, all in a fixed order.
  static std::vector<std::pair<int64_t *, int64_t>> numbers(Candidate &c) {
    std::vector<std::pair<int64_t *, int64_t>> result; // And the least value.
    for (Einsum &einsum : c.workload.einsums) {
      for (Rank &rank : einsum.ranks)
        result.push_back({&rank.extent, 1});
      auto add = [&](Access &access) {
        for (LinearExpr &expr : access.index) {
          result.push_back({&expr.constant, 0});
          for (LinearExpr::Term &term : expr.terms)
            result.push_back({&term.coefficient, 1});
        }
      };
      add(einsum.write);
      for (Access &read : einsum.reads)
        add(read);
    }
    for (Tensor &tensor : c.workload.tensors)
      for (int64_t &extent : tensor.shape)
        result.push_back({&extent, 1});
    for (Node *node : nodesOf(c))
      if (node->isLoop())
        result.push_back({&stepOf(*node), 1});
    for (FanOut &dim : c.arch.fanouts)
      result.push_back({&dim.size, 1});
    return result;
  }

  bool lowerNumbers() {
    bool any = false;
    for (size_t i = 0; i < numbers(best).size(); ++i)
      while (attempt([&](Candidate &c) {
        auto [number, least] = numbers(c)[i];
        if (*number == least)
          return false;
        *number += *number > least ? -1 : 1;
        return true;
      }))
        any = true;
    return any;
  }

  Candidate best;
  const std::function<bool(const Candidate &)> &fails;
};

} // namespace

Candidate test::shrink(Candidate candidate,
                       const std::function<bool(const Candidate &)> &fails) {
  return Shrinker(std::move(candidate), fails).run();
}

//===- Arena.cpp - Buffers in one memory per level ------------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "looptree/Analysis/Arena.h"

#include "PlanImpl.h"

#include <algorithm>
#include <numeric>

using namespace looptree;

namespace {

/// Something that lives in branches first to last of a `sequential`.
struct Tenant {
  int64_t size;
  size_t first, last;
  int64_t offset = 0;

  bool meets(const Tenant &other) const {
    return first <= other.last && other.first <= last;
  }
};

/// Puts each, in the order given, into the lowest gap that is free in all its
/// branches. Returns what all take.
int64_t placeInOrder(std::vector<Tenant> &tenants,
                     std::span<const unsigned> order) {
  int64_t total = 0;
  for (size_t i = 0; i < order.size(); ++i) {
    Tenant &tenant = tenants[order[i]];
    tenant.offset = 0;
    for (bool moved = true; moved;) {
      moved = false;
      for (size_t j = 0; j < i; ++j) {
        const Tenant &other = tenants[order[j]];
        if (other.meets(tenant) && tenant.offset < other.offset + other.size &&
            other.offset < tenant.offset + tenant.size) {
          tenant.offset = other.offset + other.size;
          moved = true;
        }
      }
    }
    total = std::max(total, tenant.offset + tenant.size);
  }
  return total;
}

/// The most that tenants of one branch take.
int64_t needOf(std::span<const Tenant> tenants) {
  int64_t need = 0;
  for (const Tenant &tenant : tenants) {
    int64_t together = 0;
    for (const Tenant &other : tenants)
      if (other.first <= tenant.first && tenant.first <= other.last)
        together += other.size;
    need = std::max(need, together);
  }
  return need;
}

/// The best of a few orders. What lives longest goes first, else what is
/// largest; or the ends are filled in turn, as a chain of producers wants it.
/// Of a few tenants the best of all orders, which is the best there is: in the
/// order of its offsets each tenant of a layout has room where it is.
void place(std::vector<Tenant> &tenants) {
  std::vector<unsigned> order(tenants.size());
  std::iota(order.begin(), order.end(), 0u);
  auto length = [&](unsigned i) { return tenants[i].last - tenants[i].first; };
  std::vector<Tenant> best;
  int64_t least = INT64_MAX;
  auto attempt = [&](auto isBefore) {
    std::stable_sort(order.begin(), order.end(), isBefore);
    int64_t total = placeInOrder(tenants, order);
    if (total >= least)
      return;
    least = total;
    best = tenants;
  };
  attempt([&](unsigned a, unsigned b) { return length(a) > length(b); });
  attempt([&](unsigned a, unsigned b) {
    return tenants[a].size > tenants[b].size;
  });
  attempt([&](unsigned a, unsigned b) {
    return tenants[a].first < tenants[b].first;
  });
  attempt([&](unsigned a, unsigned b) {
    return std::pair(length(a) == 0, tenants[a].first % 2) <
           std::pair(length(b) == 0, tenants[b].first % 2);
  });
  constexpr size_t kFew = 8;
  int64_t need = needOf(tenants);
  if (tenants.size() <= kFew && least > need) {
    std::sort(order.begin(), order.end());
    do {
      int64_t total = placeInOrder(tenants, order);
      if (total < least) {
        least = total;
        best = tenants;
      }
    } while (least > need && std::next_permutation(order.begin(), order.end()));
  }
  tenants = std::move(best);
}

class Architect {
public:
  Architect(const Plan::Impl &plan, const Schedule &schedule,
            std::span<const int64_t> sizes)
      : plan(plan), schedule(schedule), sizes(sizes) {
    layout.offset.assign(plan.buffers.size(), 0);
  }

  ArenaLayout run() {
    for (LevelId l = 0; l < plan.arch.levels.size(); ++l) {
      level = l;
      Placed all = add(0, {});
      layout.size.push_back(all.size);
      layout.need.push_back(all.need);
    }
    return std::move(layout);
  }

private:
  /// What a subtree takes of the level, and the buffers that are placed in it,
  /// from 0 on.
  struct Placed {
    int64_t size = 0, need = 0;
    std::vector<BufferId> buffers;
  };

  /// `inBranches`: buffers above a `sequential` that live in some of its
  /// branches.
  Placed add(NodeId id, std::vector<BufferId> inBranches) {
    const PlanNode &node = plan.nodes[id];
    switch (node.kind) {
    case PlanNode::Kind::Compute:
      return {};
    case PlanNode::Kind::For:
    case PlanNode::Kind::SpatialFor:
      return add(node.children[0], {});
    case PlanNode::Kind::Retain: {
      std::vector<BufferId> own;
      for (BufferId b : node.buffers)
        if (plan.buffers[b].level == level &&
            !schedule.buffers[b].isWholeTensor)
          (schedule.buffers[b].livesInBranches ? inBranches : own).push_back(b);
      Placed all = add(node.children[0], std::move(inBranches));
      for (BufferId b : own) {
        layout.offset[b] = all.size;
        all.size += sizes[b];
        all.need += sizes[b];
        all.buffers.push_back(b);
      }
      return all;
    }
    case PlanNode::Kind::Sequential:
    case PlanNode::Kind::Pipeline:
      break;
    }
    std::vector<Tenant> tenants;
    std::vector<std::vector<BufferId>> members;
    std::vector<Tenant> needs;
    for (size_t i = 0; i < node.children.size(); ++i) {
      auto [size, need, placed] = add(node.children[i], {});
      // Stages of a pipeline are there all the time.
      bool isPipeline = node.kind == PlanNode::Kind::Pipeline;
      tenants.push_back(
          {size, isPipeline ? 0 : i, isPipeline ? node.children.size() : i});
      needs.push_back(tenants.back());
      needs.back().size = need;
      members.push_back(std::move(placed));
    }
    for (BufferId b : inBranches) {
      auto [first, last] = plan.branchesUsing(node, plan.buffers[b]);
      tenants.push_back({sizes[b], first, last});
      needs.push_back(tenants.back());
      members.push_back({b});
    }
    place(tenants);
    Placed all;
    all.need = needOf(needs);
    for (size_t i = 0; i < tenants.size(); ++i) {
      all.size = std::max(all.size, tenants[i].offset + tenants[i].size);
      for (BufferId b : members[i]) {
        layout.offset[b] += tenants[i].offset;
        all.buffers.push_back(b);
      }
    }
    return all;
  }

  const Plan::Impl &plan;
  const Schedule &schedule;
  std::span<const int64_t> sizes;
  ArenaLayout layout;
  LevelId level = 0;
};

} // namespace

ArenaLayout looptree::layOut(const Plan &plan, const Schedule &schedule,
                             std::span<const int64_t> sizes) {
  return Architect(plan.get(), schedule, sizes).run();
}

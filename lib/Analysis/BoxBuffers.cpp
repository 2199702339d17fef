//===- BoxBuffers.cpp - Buffers of boxes, and rows of a report ------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The part of a BoxPlan that is about buffers: where they stand and whose
// window they hold, in which rows of a report their traffic goes, and what the
// architecture adds up to.
//
//===----------------------------------------------------------------------===//

#include "BoxPlan.h"

using namespace looptree;

bool looptree::describeBuffer(const Plan::Impl &plan,
                              const std::vector<BoxSet> &untiled, BufferId b,
                              BoxPlan &boxes) {
  const Buffer &buffer = plan.buffers[b];
  BoxBuffer &info = boxes.buffers[b];
  for (BufferId up = b; up != kNone; up = plan.buffers[up].parent)
    if (plan.buffers[up].noReuse)
      info.emptiedBy = std::max(info.emptiedBy, boxes.buffers[up].depth);
  info.atSplit = buffer.sequentialBelow != kNone;
  info.firstBranch = boxes.branches;
  for (EinsumId e : buffer.users) {
    info.firstBranch = std::min(info.firstBranch, boxes.branchOf[e]);
    info.lastBranch = std::max(info.lastBranch, boxes.branchOf[e]);
  }
  if (!info.inBranch && info.depth == 0) {
    BoxSet window(plan.workload.tensors[buffer.tensor].shape.size());
    for (EinsumId e : buffer.users) {
      BoxSet used = usedElements(plan, e, untiled[e], buffer.tensor);
      info.taken.push_back(used.subtract(window).size());
      window.unite(used);
    }
    info.elements = window.size();
    info.footprint = window.empty() ? 0 : window.latticeBoxSize();
  }
  if (!info.inBranch)
    return true;
  for (unsigned a = 0; a < boxes.accesses.size(); ++a)
    if (boxes.accesses[a].einsum == buffer.users[0] &&
        boxes.accesses[a].tensor == buffer.tensor) {
      if (info.access != kNone)
        return false;
      info.access = a;
      for (BoxAxis &axis : boxes.accesses[a].axes)
        axis.needed[axis.countsBelow(info.depth)] = true;
      boxes.accesses[a].needsSides = true;
    }
  return true;
}

void looptree::orderRows(const Plan::Impl &plan, BoxPlan &boxes) {
  const Workload &w = plan.workload;
  auto &rows = boxes.rows;
  for (BufferId b = 0; b < plan.buffers.size(); ++b)
    for (EinsumId e : plan.buffers[b].users)
      rows.push_back({plan.buffers[b].level, plan.buffers[b].tensor, e, b});
  auto before = [&](const BoxPlan::Row &a, const BoxPlan::Row &b) {
    if (a.level != b.level)
      return a.level < b.level;
    if (a.tensor != b.tensor)
      return w.tensors[a.tensor].name < w.tensors[b.tensor].name;
    if (a.einsum != b.einsum)
      return w.einsums[a.einsum].name < w.einsums[b.einsum].name;
    return a.buffer < b.buffer;
  };
  std::sort(rows.begin(), rows.end(), before);
  for (size_t i = 1; i < rows.size(); ++i) {
    const BoxPlan::Row &a = rows[i - 1], &b = rows[i];
    bool isSame =
        a.level == b.level && a.tensor == b.tensor && a.einsum == b.einsum;
    rows[i].reported = a.reported + (isSame ? 0 : 1);
  }
  for (BufferId b = 0; b < plan.buffers.size(); ++b)
    for (EinsumId e : plan.buffers[b].users) {
      auto at = std::find_if(rows.begin(), rows.end(), [&](const auto &row) {
        return row.buffer == b && row.einsum == e;
      });
      boxes.buffers[b].rows.push_back(unsigned(at - rows.begin()));
    }
  auto userOf = [&](BufferId b, EinsumId e) {
    const auto &users = plan.buffers[b].users;
    auto at = std::find(users.begin(), users.end(), e);
    return at == users.end() ? kNone : unsigned(at - users.begin());
  };
  for (BoxAccess &access : boxes.accesses) {
    BufferId b = plan.operands[access.operand].buffer;
    access.row = boxes.buffers[b].rows[userOf(b, access.einsum)];
  }
  for (BufferId b = 0; b < plan.buffers.size(); ++b) {
    EinsumId producer = plan.tensors[plan.buffers[b].tensor].producer;
    boxes.buffers[b].writer = producer == kNone ? kNone : userOf(b, producer);
    BufferId parent = plan.buffers[b].parent;
    for (EinsumId e : plan.buffers[b].users)
      if (parent != kNone)
        boxes.buffers[b].parentRows.push_back(
            boxes.buffers[parent].rows[userOf(parent, e)]);
  }
}

void looptree::summarizeArch(const Arch &arch, BoxPlan &boxes) {
  boxes.computeInstances = arch.computeInstances();
  boxes.leakagePerCycle =
      arch.compute.leakagePjPerCycle * double(arch.computeInstances());
  for (LevelId l = 0; l < arch.levels.size(); ++l)
    boxes.leakagePerCycle +=
        arch.levels[l].leakagePjPerCycle * double(arch.instances(l));
}

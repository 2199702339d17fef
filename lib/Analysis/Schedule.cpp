//===- Schedule.cpp - A mapping run, as loops over boxes --------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "looptree/Analysis/Schedule.h"

#include "AccessSets.h"
#include "Scheduler.h"

#include <algorithm>
#include <functional>
#include <numeric>

using namespace looptree;

static int64_t product(const std::vector<int64_t> &extents) {
  return std::accumulate(extents.begin(), extents.end(), int64_t(1),
                         std::multiplies<>());
}
int64_t ScheduledBuffer::footprint() const {
  return elements == 0 ? 0 : product(slots) * (hasHalves ? 2 : 1);
}
int64_t ScheduledBuffer::copies() const { return product(instances); }

Scheduler::Scheduler(const Plan::Impl &plan, const VisitTree &tree,
                     const Transfers &transfers, const Lanes &lanes,
                     const std::vector<std::vector<bool>> &runsOutside)
    : plan(plan), tree(tree), transfers(transfers), lanes(lanes),
      runsOutside(runsOutside), contents(plan.buffers.size()),
      openWindows(plan.buffers.size()) {}

Result<Schedule> Scheduler::run() {
  for (EinsumId e = 0; e < plan.einsums.size(); ++e)
    if (!hasOneFirstOp(e))
      return Error{plan.workload.einsums[e].name +
                   " writes an element from several indices of the ranks of "
                   "its write, which has no schedule"};
  result.combines.assign(plan.einsums.size(), false);
  for (NodeId id = 0; id < plan.nodes.size(); ++id) {
    const PlanNode &node = plan.nodes[id];
    if (node.kind != PlanNode::Kind::Pipeline)
      continue;
    pipelines[id] = unsigned(result.pipelines.size());
    ScheduledPipeline pipeline;
    pipeline.stages = unsigned(node.children.size());
    for (const Crossing &crossing : node.crossings)
      pipeline.room.push_back({crossing.first, crossing.last});
    std::sort(pipeline.room.begin(), pipeline.room.end());
    pipeline.room.erase(std::unique(pipeline.room.begin(), pipeline.room.end()),
                        pipeline.room.end());
    result.pipelines.push_back(std::move(pipeline));
  }
  addBuffers();
  measure();
  // Inputs stand where they are from the beginning.
  for (BufferId b = 0; b < plan.buffers.size(); ++b)
    if (result.buffers[b].isWholeTensor)
      copy(b, 0);
  Part part = walkBranch(tree.root);
  finish(part);
  result.steps = roller.expand(part);
  std::vector<int64_t> counts;
  noteWraps(result.steps, counts);
  return std::move(result);
}

bool Scheduler::hasOneFirstOp(EinsumId e) const {
  const EinsumPlan &info = plan.einsums[e];
  const Access &write = plan.workload.einsums[e].write;
  return opsAt(info.allOps, info.reductionRanks, 0).size() ==
         elementsOf(info.allOps, write, plan.workload.tensors[write.tensor])
             .size();
}

/// Those within the instance that the walk is of.
std::vector<Scheduler::Member> Scheduler::membersOf(const Visit &visit) const {
  std::vector<Member> members;
  for (unsigned i = 0; i < visit.instances; ++i) {
    InstanceId id = tree.order[visit.firstInstance + i];
    if (tree.instances.isWithin(id, within))
      members.push_back({id, i});
  }
  return members;
}

Part Scheduler::walk(unsigned id) {
  const Visit &visit = tree.visits[id];
  const PlanNode &node = plan.nodes[visit.node];
  Part part;
  switch (node.kind) {
  case PlanNode::Kind::For: {
    Roller::Loop loop(roller);
    for (unsigned child : visit.children)
      if (within == 0 || !membersOf(tree.visits[child]).empty())
        loop.add(walk(child));
      else
        skip(child);
    return loop.finish();
  }
  case PlanNode::Kind::SpatialFor:
    return walkSpatial(node, visit.children[0]);
  case PlanNode::Kind::Retain:
    enter(part, node, visit);
    part.append(walk(visit.children[0]));
    return part;
  case PlanNode::Kind::Sequential:
  case PlanNode::Kind::Pipeline:
    return walkSplit(node, visit);
  case PlanNode::Kind::Compute:
    compute(part, node.einsum, visit);
    return part;
  }
  return part;
}

/// The run of the pipeline that ends the chain, if one does, is a group.
Part Scheduler::walkBranch(unsigned id) {
  NodeId end = plan.nodes[tree.visits[id].node].chainEnd;
  Part part = walk(id);
  if (plan.nodes[end].kind != PlanNode::Kind::Pipeline)
    return part;
  return roller.group(std::move(part), Repeat::Kind::Run, pipelines.at(end));
}

Part Scheduler::walkSpatial(const PlanNode &node, unsigned child) {
  if (tree.instances[within].depth != node.spatialAbove || !isIndependent(node))
    return walk(child);
  std::vector<Member> groups;
  for (const Member &member : membersOf(tree.visits[child])) {
    InstanceId group = tree.instances.prefix(member.id, node.spatialAbove + 1);
    if (groups.empty() || groups.back().id != group)
      groups.push_back({group, 0});
  }
  // All start from the same jobs of a pipeline.
  const InstanceId outer = within;
  const Flight before = flight;
  Flight after = flight;
  auto walkOne = [&](const Member &group) {
    within = group.id;
    flight = before;
    Part part = walk(child);
    for (auto &[where, windows] : flight.windows)
      if (windows.size() >= after.windows[where].size())
        after.windows[where] = std::move(windows);
    after.jobs = std::max(after.jobs, flight.jobs);
    within = outer;
    return part;
  };
  Part part = inLoops<Member>(groups, /*isParallel=*/true, walkOne);
  flight = std::move(after);
  return part;
}

/// Jobs of a pipeline that the instance of the walk has no part in.
void Scheduler::skip(unsigned id) {
  const Visit &visit = tree.visits[id];
  const PlanNode &node = plan.nodes[visit.node];
  if (plan.nodes[node.chainEnd].kind != PlanNode::Kind::Pipeline)
    return;
  if (node.kind == PlanNode::Kind::Pipeline) {
    Part nothing;
    return openJob(nothing, node);
  }
  for (BufferId b : node.buffers)
    openWindows[b].clear();
  for (unsigned child : visit.children)
    skip(child);
}

/// No instance of a spatial loop needs what another one makes, or makes a part
/// of the same sum: of what is made below only the head's result is held above,
/// and each has its own elements of it.
bool Scheduler::isIndependent(const PlanNode &loop) const {
  for (EinsumId e : loop.group) {
    const Access &write = plan.workload.einsums[e].write;
    bool isHeldAbove = false;
    for (const Buffer &buffer : plan.buffers)
      isHeldAbove |= buffer.tensor == write.tensor &&
                     buffer.spatialAbove <= loop.spatialAbove;
    if (!isHeldAbove)
      continue;
    if (e != loop.einsum)
      return false;
    for (const LinearExpr &expr : write.index)
      for (const LinearExpr::Term &term : expr.terms)
        if (term.rank == loop.rank)
          isHeldAbove = false;
    if (isHeldAbove)
      return false;
  }
  return true;
}

Part Scheduler::walkSplit(const PlanNode &node, const Visit &visit) {
  Part part;
  bool isPipeline = node.kind == PlanNode::Kind::Pipeline;
  if (isPipeline)
    openJob(part, node);
  std::vector<Waiting> above;
  std::swap(above, waiting);
  std::vector<std::vector<Member>> membersOfBranch(visit.children.size());
  for (size_t b = 0; b < visit.children.size(); ++b)
    if (visit.children[b] != kNone)
      membersOfBranch[b] = membersOf(tree.visits[visit.children[b]]);
  for (size_t b = 0; b < visit.children.size(); ++b) {
    const auto &members = membersOfBranch[b];
    if (members.empty())
      continue;
    Part stage;
    for (size_t other = 0; other < visit.children.size(); ++other)
      if (other != b && !isPipeline)
        for (BufferId held : node.branchBuffers[other])
          evictAll(stage, held, members);
    for (Waiting &buffer : above)
      if (plan.branchesUsing(node, plan.buffers[buffer.buffer]).first <= b)
        openOnce(stage, buffer);
    // The run of a pipeline lasts as long as the branch.
    Flight outer;
    std::swap(outer, flight);
    stage.append(walkBranch(visit.children[b]));
    std::swap(outer, flight);
    for (TensorId t : node.branchResults[b])
      for (BufferId held : node.branchBuffers[b])
        if (plan.buffers[held].tensor == t)
          evictAll(stage, held, members);
    for (const Waiting &buffer : above) {
      size_t last =
          plan.branchesUsing(node, plan.buffers[buffer.buffer]).second;
      bool isLast = b <= last;
      for (size_t later = b + 1; later <= last; ++later)
        isLast &= membersOfBranch[later].empty();
      if (isLast)
        close(stage, buffer);
    }
    part.append(isPipeline ? roller.group(std::move(stage), Repeat::Kind::Stage,
                                          unsigned(b))
                           : std::move(stage));
  }
  if (!isPipeline)
    return part;
  return roller.group(std::move(part), Repeat::Kind::Job,
                      pipelines.at(visit.node));
}

/// What is held above a pipeline holds the windows of all jobs between the
/// first and the last stage that use it.
std::vector<Scheduler::InFlight> Scheduler::nextJob(const PlanNode &pipeline) {
  std::vector<InFlight> all;
  for (const Crossing &crossing : pipeline.crossings)
    for (const auto &[id, window] : openWindows[crossing.buffer]) {
      auto &windows = flight.windows[{crossing.buffer, id}];
      windows.resize(flight.jobs, BoxSet(window.dims()));
      windows.push_back(window);
      BoxSet held = window;
      for (size_t back = 1;
           back <= crossing.last - crossing.first && back < windows.size();
           ++back)
        held.unite(windows[windows.size() - 1 - back]);
      if (!held.empty())
        all.push_back({crossing.buffer, id, std::move(held)});
    }
  ++flight.jobs;
  return all;
}

void Scheduler::openJob(Part &part, const PlanNode &pipeline) {
  for (const InFlight &held : nextJob(pipeline)) {
    Action action;
    action.buffer = held.buffer;
    action.elements = held.window.size();
    roller.append(part, action);
  }
}

/// Takes the lanes of every einsum out of a plan.
static Scheduler::Lanes takeLanes(Plan::Impl &plan,
                                  std::span<const int64_t> steps) {
  Scheduler::Lanes lanes(plan.einsums.size());
  for (EinsumId e = 0; e < plan.einsums.size(); ++e) {
    PlanNode &leaf = plan.nodes[plan.einsums[e].leaf];
    while (plan.nodes[leaf.parent].kind == PlanNode::Kind::SpatialFor) {
      const PlanNode &loop = plan.nodes[leaf.parent];
      auto &above = plan.nodes[loop.parent].children;
      *std::find(above.begin(), above.end(), leaf.parent) =
          plan.einsums[e].leaf;
      lanes[e].insert(lanes[e].begin(),
                      {loop.rank, steps[loop.loop], loop.fanout});
      leaf.spatialAbove = loop.spatialAbove;
      leaf.parent = loop.parent;
    }
  }
  return lanes;
}

Result<Schedule>
looptree::schedule(const Plan &plan, std::span<const int64_t> steps,
                   const std::vector<std::vector<bool>> &runsOutside) {
  // Names what is incomplete.
  auto transfers = countTransfers(plan.get(), steps);
  if (!transfers)
    return transfers.error();
  Plan::Impl impl = plan.get();
  auto lanes = takeLanes(impl, steps);
  auto tree = inferTileShapes(impl, steps, unfoldedWorkload(impl), nullptr);
  if (!tree)
    return tree.error();
  return Scheduler(impl, *tree, *transfers, lanes, runsOutside).run();
}

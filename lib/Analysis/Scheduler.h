//===- Scheduler.h - A visit tree to a schedule -*- C++ -*----------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Walks the visits in the order of execution, keeps what every copy of every
// buffer holds, and rolls what happens. Split over Schedule.cpp (the walk),
// ScheduleMemory.cpp (what comes and goes), ScheduleOps.cpp (compute) and
// ScheduleLayout.cpp (sizes and places).
//
// Spatial instances move in lock step: what they do at a step is a loop over
// them. Where no instance needs what another one makes, each does all of its
// visit at once instead, and the loop stands outside. Spatial loops directly
// above compute, the lanes of an einsum, are not in the visits: ops in lanes
// touch the same buffers as ops without, so they are cut into lanes when all
// else is known of them.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_ANALYSIS_SCHEDULER_H
#define LOOPTREE_ANALYSIS_SCHEDULER_H

#include "Pieces.h"
#include "Roll.h"
#include "TileShapes.h"
#include "Transfers.h"

#include <functional>
#include <map>

namespace looptree {

class Scheduler {
public:
  /// A spatial loop directly above compute.
  struct Lane {
    RankId rank;
    int64_t step;
    unsigned fanout;
  };
  /// Per einsum, outermost first.
  using Lanes = std::vector<std::vector<Lane>>;

  Scheduler(const Plan::Impl &plan, const VisitTree &tree,
            const Transfers &transfers, const Lanes &lanes,
            const std::vector<std::vector<bool>> &runsOutside);

  Result<Schedule> run();

private:
  /// What a copy of a buffer holds, and where its window begins.
  struct Contents {
    BoxSet value, dirty;
    BoxSet lent; ///< Partial sums that came from the parent.
    BoxSet away; ///< Of its values, those that a copy below took along.
    Coords lo;
    int64_t turns = 0;   ///< Its window is in this half, modulo 2.
    bool isOpen = false; ///< A window was opened.
  };
  /// One of the instances of a visit.
  struct Member {
    InstanceId id;
    unsigned position; ///< Among the visit's.
  };
  /// A copy of a buffer, and what of it stays; null: nothing.
  struct Leaving {
    InstanceId id;
    const BoxSet *keep;
  };

  /// A buffer that lives in some branches of the `sequential` below only, and
  /// the instances of a visit whose windows are to open.
  struct Waiting {
    BufferId buffer;
    const Visit *visit;
    std::vector<Member> coming;
    bool isOpen = false;
  };

  // Schedule.cpp
  bool hasOneFirstOp(EinsumId e) const;
  std::vector<Member> membersOf(const Visit &visit) const;
  Part walk(unsigned id);
  Part walkBranch(unsigned id);
  Part walkSpatial(const PlanNode &node, unsigned child);
  Part walkSplit(const PlanNode &node, const Visit &visit);
  void skip(unsigned id);
  bool isIndependent(const PlanNode &loop) const;
  void openJob(Part &part, const PlanNode &pipeline);
  struct InFlight {
    BufferId buffer;
    InstanceId id;
    BoxSet window;
  };
  std::vector<InFlight> nextJob(const PlanNode &pipeline);
  /// Calls `make` for the instances, in loops over them.
  template <typename T>
  Part inLoops(std::span<const T> all, bool isParallel,
               const std::function<Part(const T &)> &make) {
    if (all.empty())
      return {};
    return inLoops(all, tree.instances[within].depth, isParallel, make);
  }
  template <typename T>
  Part inLoops(std::span<const T> all, unsigned depth, bool isParallel,
               const std::function<Part(const T &)> &make);

  // ScheduleMemory.cpp
  void enter(Part &part, const PlanNode &node, const Visit &visit);
  void evict(Part &part, BufferId b, std::span<const Leaving> from);
  void evictCopies(Part &part, BufferId b, std::span<const Leaving> leaving);
  void evictAll(Part &part, BufferId b, std::span<const Member> members);
  Part leave(BufferId b, const Leaving &from);
  void openAll(Part &part, BufferId b, const Visit &visit,
               std::span<const Member> coming);
  void openOnce(Part &part, Waiting &buffer);
  void close(Part &part, const Waiting &buffer);
  Part open(BufferId b, InstanceId id, std::span<const BoxSet> byUser);
  void moveTo(Part &part, BufferId b, InstanceId id, const BoxSet &window);
  void fill(Part &part, BufferId b, InstanceId id,
            std::span<const BoxSet> byUser, const BoxSet &window);
  void transfer(Part &part, Action action, BufferId from, BufferId to,
                InstanceId id, const BoxSet &elements);
  void finish(Part &part);
  std::vector<InstanceId> copiesWithin(BufferId b, InstanceId outer) const;
  Contents &copy(BufferId b, InstanceId id);

  // ScheduleOps.cpp
  void compute(Part &part, EinsumId e, const Visit &visit);
  Part computeInLanes(EinsumId e, InstanceId id, const BoxSet &ops,
                      const Coords &corner, size_t depth);
  std::pair<int64_t, int64_t> alikeTiles(EinsumId e, InstanceId id,
                                         const BoxSet &ops, const Lane &lane);
  Part compute(EinsumId e, InstanceId id, const BoxSet &ops);
  bool isSkipped(EinsumId e, const Piece &piece) const;
  void begin(Part &part, EinsumId e, InstanceId id, const BoxSet &first,
             Action::Begun how);
  void run(Part &part, EinsumId e, InstanceId id, const Piece &piece);

  // ScheduleLayout.cpp
  void addBuffers();
  void measure();
  using Windows = std::map<InstanceId, BoxSet>;
  /// What is found out about the windows of a buffer.
  struct Measure {
    Windows last;
    std::vector<int64_t> spacingOfAll; ///< Distances between any two, too.
    std::vector<bool> moves;           ///< While something stays.
    Coords first;                      ///< The corner of the first window.
  };
  void measure(unsigned id, bool hasSpacing, std::vector<Measure> &measures);
  void space(BufferId b, InstanceId id, const BoxSet &window, Measure &measure);
  void chooseRings(BufferId b, const Measure &measure);
  void reserve(BufferId b, const BoxSet &window);
  void makeRoomForTwo();
  std::span<const BoxSet> windowsOf(const Visit &visit, unsigned position,
                                    BufferId b) const;
  static BoxSet uniteAll(std::span<const BoxSet> sets);
  Place placeOf(BufferId b, InstanceId id) const;
  Place placeOf(BufferId b, InstanceId id, std::span<const Run> box);
  void noteWraps(const std::vector<Step> &steps, std::vector<int64_t> &counts);
  void noteWraps(const Action &action, std::span<const int64_t> counts);
  Place placeOf(BufferId b, InstanceId id, std::span<const Run> ops,
                const Access &access, bool isOutside);

  const Plan::Impl &plan;
  const VisitTree &tree;
  const Transfers &transfers;
  const Lanes &lanes;
  const std::vector<std::vector<bool>> &runsOutside;
  Schedule result;
  Roller roller;
  std::vector<std::map<InstanceId, Contents>> contents; ///< Per buffer.
  InstanceId within = 0; ///< The walk is only of instances within this one.
  /// Of the run of a pipeline that is open: the windows of its jobs so far, and
  /// those of what was entered last.
  struct Flight {
    std::map<std::pair<BufferId, InstanceId>, std::vector<BoxSet>> windows;
    size_t jobs = 0;
  };
  Flight flight;
  std::vector<Waiting> waiting;         ///< Above the next `sequential`.
  std::vector<Windows> openWindows;     ///< Per buffer.
  std::map<NodeId, unsigned> pipelines; ///< Position in Schedule::pipelines.
  std::vector<Coords> origins; ///< Per buffer: where slots of rings begin.
};

template <typename T>
Part Scheduler::inLoops(std::span<const T> all, unsigned depth, bool isParallel,
                        const std::function<Part(const T &)> &make) {
  if (tree.instances[all[0].id].depth == depth)
    return make(all[0]);
  unsigned loop =
      tree.instances[tree.instances.prefix(all[0].id, depth + 1)].loop;
  Roller::Loop rolled(roller, isParallel, plan.nodes[loop].fanout);
  for (size_t from = 0, to = 0; from < all.size(); from = to) {
    InstanceId group = tree.instances.prefix(all[from].id, depth + 1);
    while (to < all.size() &&
           tree.instances.prefix(all[to].id, depth + 1) == group)
      ++to;
    rolled.add(
        inLoops(all.subspan(from, to - from), depth + 1, isParallel, make));
  }
  return rolled.finish();
}

} // namespace looptree

#endif // LOOPTREE_ANALYSIS_SCHEDULER_H

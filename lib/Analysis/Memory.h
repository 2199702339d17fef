//===- Memory.h - What buffers and compute hold -------------- -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The buffers of a mapping, a copy for each instance, and compute's registers,
// one for each operand and instance: what they hold, as sets, and what moving
// it counts. Instances that do something at the same time come together, since
// they share accesses: reads where the network multicasts, writes where it
// reduces.
//
// A partial sum is lent to one of the copies below; others start from zero. A
// write onto a value reads it first, unless a part of it was filled with that
// very value.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_ANALYSIS_MEMORY_H
#define LOOPTREE_ANALYSIS_MEMORY_H

#include "Counts.h"
#include "Instances.h"
#include "Sums.h"

#include <map>

namespace looptree {

/// Counts of a buffer, on behalf of one einsum or of all. Partial: those that
/// move an element while not all its ops have run.
struct Traffic {
  int64_t reads = 0, writes = 0, fills = 0, drains = 0;
  int64_t partialReads = 0, partialWrites = 0;
};

class Recorder;

class Memory {
public:
  /// What one instance of a buffer holds.
  struct Copy {
    BoxSet value; ///< Elements with a value.
    BoxSet dirty; ///< Written here since they came in.
    BoxSet lent;  ///< Partial sums that the parent gave to this copy.
    /// Filled, and the parent's value is still the one they were filled with.
    BoxSet current;
    /// Where values are told from partial sums: ops that an element adds up,
    /// in all and since it came in.
    Sums sum, delta;
    Traffic moved; ///< Of this instance, for all einsums.
  };

  /// What one instance of compute holds for one operand.
  struct Register {
    std::optional<Coords> element;
    bool isLent = false, isCurrent = false; ///< As Copy, of an accumulator.
    int64_t delta = 0;                      ///< Ops since the element came in.
  };

  /// One of the instances that do something at the same time.
  struct Part {
    InstanceId id;
    BoxSet elements;
    BoxSet current; ///< Those whose value is the parent's.
    Sums delta;     ///< Ops to add, where they are tracked.
  };

  /// `recorder` may be null.
  Memory(const Plan::Impl &plan, const Instances &instances, Counts &counts,
         Recorder *recorder);

  Copy &copy(BufferId b, InstanceId id);
  std::map<InstanceId, Copy> &copies(BufferId b) { return all[b]; }
  std::map<InstanceId, Register> &registers(unsigned operand) {
    return held[operand];
  }
  Traffic &traffic(BufferId b, EinsumId e) { return byEinsum[b][e]; }
  const std::vector<Traffic> &traffic(BufferId b) const { return byEinsum[b]; }

  /// Counts an access of one copy.
  void count(BufferId b, Copy &copy, EinsumId e, int64_t Traffic::*what,
             int64_t n);

  /// Elements outside `keep` (null: all) leave the copies of b in these
  /// instances, and everything of the tensor below them.
  void evict(BufferId b, std::span<const InstanceId> ids,
             std::span<const BoxSet *const> keep);
  /// What the parent has of the windows and the copies have not comes in. Per
  /// instance there is one window for each user of b.
  void fill(BufferId b, std::span<const InstanceId> ids,
            std::span<const BoxSet> windows);

  /// Instances enter another branch of a split: what they hold in this one
  /// ends.
  void drop(const PlanNode &split, size_t branch,
            std::span<const InstanceId> ids);
  /// Instances leave a branch: a tensor that others read leaves its buffers.
  void leave(const PlanNode &split, size_t branch, TensorId t,
             std::span<const InstanceId> ids);
  /// Everything dirty is drained.
  void drainAll();

  /// Whether a copy, those below it or registers hold anything, or anything of
  /// `window`.
  bool holds(BufferId b, InstanceId id, const BoxSet &window);

  /// Parts of elements that leave copies or accumulators at the same time are
  /// added to a copy of their parent.
  void merge(BufferId parent, InstanceId parentId, EinsumId producer,
             std::span<const Part> parts);

  /// The same for elements that each leave in as many ways, where the first is
  /// of the parent's value or not.
  void mergeAlike(BufferId parent, InstanceId parentId, EinsumId producer,
                  const BoxSet &elements, int64_t ways, bool isCurrent);

  /// The indices of an instance, below `depth`, over dimensions whose level
  /// does not multicast (or reduce): instances that differ there do not share.
  Coords way(InstanceId id, unsigned depth, bool Level::*shares) const;
  bool allShare(bool Level::*shares) const;

  /// What a copy holds that all ops have run for. Asked for tracked tensors.
  BoxSet complete(BufferId b, const Copy &copy) const;
  /// Whether the ops of a tensor's elements are counted.
  bool tracks(TensorId t) const { return tracked[t]; }

  /// What the instances hold for which one stands that holds `element`, each
  /// another element where the operand's access moves with their tiles.
  BoxSet alike(unsigned operand, InstanceId id, const Coords &element) const;
  /// How many elements that is.
  int64_t alike(unsigned operand, InstanceId id) const;

  bool isSilent = false; ///< Moves are made, not counted.
  /// An einsum with an instance that cannot stand for others.
  std::optional<EinsumId> apart;

private:
  /// Whether all that an instance stands for hold elements of a set; those that
  /// do not agree have to stand apart.
  bool areIn(const BoxSet &set, unsigned operand, InstanceId id,
             const Coords &element);

  using Registers = std::vector<std::pair<unsigned, InstanceId>>;
  template <typename Fn>
  void forEachWithin(BufferId b, InstanceId outer, Fn fn);
  void addRegisters(unsigned operand, InstanceId outer, const BoxSet *keep,
                    Registers &leaving);
  /// Accumulators are written back, operands forgotten, all at one moment.
  void flush(const Registers &leaving);
  void become(BufferId b, InstanceId id, EinsumId producer,
              const BoxSet &elements);
  struct Leaving {
    InstanceId id;
    const BoxSet *keep;
  };
  void evictCopies(BufferId b, std::span<const Leaving> leaving);
  void record(bool isDrain, BufferId b, InstanceId parent, EinsumId e,
              int64_t elements, const Traffic &before);

  const Plan::Impl &plan;
  const Instances &instances;
  Counts &counts;
  Recorder *recorder;
  std::vector<std::map<InstanceId, Copy>> all;      ///< Per buffer.
  std::vector<std::map<InstanceId, Register>> held; ///< Per operand.
  std::vector<std::vector<Traffic>> byEinsum;       ///< Per buffer, einsum.
  std::vector<char> tracked;                        ///< Per tensor.
  std::vector<Sums> full; ///< Per tracked tensor: all ops of its elements.
};

/// Coordinates as a key.
struct CoordsLess {
  bool operator()(const Coords &a, const Coords &b) const {
    return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end());
  }
};

} // namespace looptree

#endif // LOOPTREE_ANALYSIS_MEMORY_H

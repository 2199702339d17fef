//===- Leaf.h - One visit of a compute ----------------------- -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The ops of a visit of a compute, by all instances in lock step: op by op,
// counted from the corner of each instance's tile, the operands move into
// compute and the accumulator out of it. The counts are found without walking:
// an operand's element is a linear function of the op, so two instances have
// the same element at every step or at none (they do when the functions agree
// at their corners), and what one instance takes is counted by walkOperand().
//
// Accumulators are counted this way as long as instances that write the same
// elements do the same ops; where they do not, they are walked op by op.
//
// Worked example: four instances along a reduction rank, C[m] += A[m, k]: each
// reads its own A's, all write the same C's: one write where the network below
// the level that holds C reduces, four (and three reads, to add onto what the
// others wrote) where it does not.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_ANALYSIS_LEAF_H
#define LOOPTREE_ANALYSIS_LEAF_H

#include "Memory.h"
#include "OperandChanges.h"
#include "TileShapes.h"

namespace looptree {

inline std::span<const int64_t> coordsOf(const Coords &coords) {
  return {coords.data(), coords.size()};
}

/// The element an access has at the corner of a tile.
inline Coords baseAt(const Access &access, const Coords &corner) {
  Coords base;
  for (const LinearExpr &expr : access.index) {
    int64_t x = expr.constant;
    for (const auto &term : expr.terms)
      x += term.coefficient * corner[term.rank];
    base.push_back(x);
  }
  return base;
}

inline Coords minus(const Coords &a, const Coords &b) {
  Coords result = a;
  for (size_t d = 0; d < result.size(); ++d)
    result[d] -= b[d];
  return result;
}

inline Coords plus(const Coords &a, const Coords &b) {
  Coords result = a;
  for (size_t d = 0; d < result.size(); ++d)
    result[d] += b[d];
  return result;
}

class Leaf {
public:
  Leaf(const Plan::Impl &plan, const VisitTree &tree, const Workload &unfolded,
       Memory &memory, Counts &counts)
      : plan(plan), tree(tree), unfolded(unfolded), memory(memory),
        counts(counts), opsRun(plan.einsums.size(), 0) {}

  /// Runs a visit; returns its steps. Sets `failure` when an element is read
  /// that its buffer does not hold.
  int64_t run(EinsumId e, const Visit &visit);

  const std::vector<int64_t> &ops() const { return opsRun; } ///< Per einsum.
  std::string failure;

private:
  /// Instances of a visit, and the ops of each from its corner.
  struct Team {
    std::vector<InstanceId> ids;
    std::vector<const BoxSet *> ops;
    std::vector<const Coords *> corners;
    /// Sets of ops from the corner, each once, and which is an instance's.
    std::vector<BoxSet> shapes;
    std::vector<unsigned> shapeOf;
  };
  /// Instances that take the same element at every step and share the access.
  struct Sharing {
    InstanceId copy;
    Coords way, base;
    std::vector<unsigned> members; ///< Positions in the team.
    int64_t alike = 1;             ///< Groups for which this one stands.
  };

  void addShape(Team &team, const BoxSet &ops, const Coords &corner);
  void read(EinsumId e, unsigned k, const Team &team);
  void readTogether(unsigned operand, const Access &access, const Team &team);
  bool readAlike(unsigned operand, const Access &access, const Team &team,
                 const std::vector<Sharing> &groups);
  void readAlone(unsigned operand, const Access &access, InstanceId id,
                 const BoxSet &ops);
  void countByOp(EinsumId e, const Team &team);
  void checkHeld(unsigned operand, const Access &access, InstanceId id,
                 const BoxSet &ops);
  void write(EinsumId e, const Team &team);
  bool agree(const BoxSet &set, unsigned operand, InstanceId id,
             const Coords &element) const;
  bool writeAlike(EinsumId e, const Team &team,
                  const std::vector<Sharing> &groups);
  bool writeInGroups(EinsumId e, const Team &team,
                     std::vector<Sharing> &groups);
  void writeGroup(EinsumId e, const Team &team, const Sharing &group,
                  const BoxSet &written, const OperandWalk &walk);
  void writeOneByOne(EinsumId e, const Team &team, InstanceId copy,
                     const std::vector<unsigned> &members);
  /// Ops of a run of one element at the beginning, or the end, of a walk.
  int64_t opsOfRun(const BoxSet &ops, const Einsum &einsum,
                   const Coords &element, bool atEnd) const;
  std::vector<Sharing> sharing(const Operand &operand, const Access &access,
                               const Team &team, bool byWay) const;
  /// The ops of all instances for which one stands.
  BoxSet opsAlike(const BoxSet &ops, InstanceId id) const;
  bool recurs(const BoxSet &ops, const Einsum &einsum,
              const Coords &element) const;
  int64_t changesOf(const OperandWalk &walk, EinsumId e, const BoxSet &ops,
                    const Access &access, TensorId t);

  const Plan::Impl &plan;
  const VisitTree &tree;
  const Workload &unfolded;
  Memory &memory;
  Counts &counts;
  std::vector<int64_t> opsRun;
};

} // namespace looptree

#endif // LOOPTREE_ANALYSIS_LEAF_H

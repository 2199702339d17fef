//===- MappingProblems.cpp - What keeps a mapping from its chip
//------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Evaluations.h"

#include <tuple>

using namespace mlir;
using namespace looptree;

template <typename OpT> static OpT nth(Region &region, unsigned index) {
  return *std::next(region.getOps<OpT>().begin(), index);
}

/// "@A 48 bits, @I 64 bits": the buffers at a level, largest first.
static std::string buffersAt(LevelId level, const EvaluatedMapping &mapping) {
  std::vector<BufferRow> rows;
  for (const BufferRow &row : mapping.cost->buffers)
    if (row.level == level)
      rows.push_back(row);
  llvm::sort(rows, [](const BufferRow &a, const BufferRow &b) {
    return std::tuple(-a.bits, a.node, a.tensor) <
           std::tuple(-b.bits, b.node, b.tensor);
  });
  std::string text;
  llvm::raw_string_ostream os(text);
  llvm::interleaveComma(rows, os, [&](const BufferRow &row) {
    os << '@' << mapping.set.workload.tensors[row.tensor].name << ' '
       << row.bits << " bits";
  });
  return text;
}

static void report(ir::MappingOp op, ir::ArchOp archOp, const Problem &problem,
                   const EvaluatedMapping &mapping) {
  const Arch &arch = *mapping.arch;
  InFlightDiagnostic error = emitError(op.getLoc())
                             << "mapping @" << op.getSymName() << ' ';
  std::visit(
      Overloaded{
          [&](const OverCapacity &over) {
            const Level &level = arch.levels[over.level];
            error << "needs " << over.bits << " bits of level @" << level.name
                  << ", which has " << *level.capacityBits << ": "
                  << over.excess << " too many; buffers there: "
                  << buffersAt(over.level, mapping);
            if (level.doubleBuffered)
              error << "; those that have a parent count twice";
            error.attachNote(
                nth<ir::LevelOp>(archOp.getBody(), over.level).getLoc())
                << "the level is declared here";
          },
          [&](const OverFanOut &over) {
            const FanOut &fanout = arch.fanouts[over.fanout];
            error << "uses " << over.instances
                  << " instances of fan-out dimension @" << fanout.name
                  << ", which has " << fanout.size << ": " << over.excess
                  << " too many";
            error.attachNote(
                nth<ir::FanOutOp>(archOp.getBody(), over.fanout).getLoc())
                << "the dimension is declared here";
          },
          [&](const OverCompute &over) {
            int64_t instances = arch.computeInstances();
            error << "uses " << instances + over.excess
                  << " compute instances, of which there are " << instances
                  << ": " << over.excess << " too many";
            error.attachNote(
                nth<ir::ComputeUnitOp>(archOp.getBody(), 0).getLoc())
                << "compute is declared here";
          }},
      problem);
}

LogicalResult looptree::checkMapping(ir::MappingOp op,
                                     const EvaluatedMapping &mapping) {
  if (!mapping.cost)
    return emitError(op.getLoc())
           << "mapping @" << op.getSymName()
           << " has no cost: " << mapping.cost.error().message;
  ir::ArchOp arch = ir::lookupArch(op, op.getArchAttr());
  for (const Problem &problem : mapping.cost->problems)
    report(op, arch, problem, mapping);
  return success(mapping.cost->valid());
}

//===- BoxPipeline.h - Pipelines of boxes -------------------- -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The flow shop of FlowShop.h for the tiles of a BoxPlan, without going through
// all jobs. Finishing times are maxima of sums. While equal tiles follow each
// other, the same candidate wins every maximum; once all times have grown by
// the same amounts twice and no loser has caught up, they go on doing so, and
// the rest of the equal tiles is one multiplication. This holds for a row of
// tiles as for a tile.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_ANALYSIS_BOXPIPELINE_H
#define LOOPTREE_ANALYSIS_BOXPIPELINE_H

#include "BoxTiles.h"
#include "Checked.h"

namespace looptree {

class BoxPipeline {
public:
  struct Room {
    BufferId buffer;
    unsigned access, depth, stage; ///< Used by `stage` and the next one.
    /// Elements, and lattice box, of two windows that follow each other.
    int64_t elements = 0, footprint = 0;
  };

  /// False where this is left to the general way.
  bool run(const Plan::Impl &plan, const BoxPlan &boxes, const BoxTiles &tiles,
           Checked &count);

  int64_t cycles = 0, fill = 0, drain = 0;
  std::span<const Room> rooms() const { return allRooms; }

private:
  /// Windows of a room that a job may have to wait for, the newest last.
  /// `sides` of a window are its runs along the dimensions that the trunk
  /// moves.
  struct History {
    static constexpr unsigned kMax = 3;
    unsigned windows = 0; ///< Known.
    bool isWhole = true;  ///< No older one is forgotten.
    std::array<std::array<Run, 4>, kMax> sides;
    std::array<int64_t, kMax>
        finish{};       ///< Of its last job, at the later stage.
    int64_t offset = 0; ///< Jobs in the newest one so far.
  };

  /// In the log: a number that must be equal from tile to tile.
  static constexpr int kEqual = -1;

  bool findRooms();
  bool measureRoom(Room &room);
  bool walk(unsigned loop);
  bool job();
  int64_t cyclesOf(unsigned stage, int64_t stageOps);
  bool repeat(unsigned loop, int64_t count);
  void saveState(std::vector<int64_t> &state) const;
  void advanceState(const std::vector<int64_t> &delta, int64_t times);
  bool mustWaitFor(const Room &room, const History &history, int64_t &time);

  const Plan::Impl *plan = nullptr;
  const BoxPlan *boxes = nullptr;
  const BoxTiles *tiles = nullptr;
  Checked *count = nullptr;
  std::vector<Room> allRooms;
  std::vector<History> histories;
  std::vector<int64_t> finish;                ///< Per stage, of the last job.
  std::vector<std::optional<Rational>> rates; ///< Per stage.
  std::vector<int64_t> ops; ///< Per loop (outside of it) and stage.
  std::vector<Run> sides;   ///< Per room and dimension: of the tile.
  /// Per room at least: loop and dimension of what moves its window.
  std::vector<std::vector<std::pair<unsigned, unsigned>>> dims;
  /// Candidates that lost, and by how much; increments that must be equal.
  struct Lost {
    int winner;
    int64_t gap;
  };
  std::vector<Lost> log;
  /// States before and after a tile, and what the last two tiles grew by: kept
  /// per loop, so that no evaluation allocates.
  struct Growth {
    std::vector<int64_t> last, now, grown, grownBefore;
  };
  std::vector<Growth> growths;
  mutable size_t shapeSize = 0; ///< Of a saved state.
  unsigned jobs = 0;
};

} // namespace looptree

#endif // LOOPTREE_ANALYSIS_BOXPIPELINE_H

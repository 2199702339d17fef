//===- Roll.h - Straight-line parts to loops ----------------- -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A part is a sequence of items and their coordinates. Items are interned:
// what two actions have in common apart from their coordinates is one item, so
// parts are equal up to a translation exactly when their item lists are equal,
// and the translation is the difference of their coordinates.
//
// Worked example: parts (x, [0]), (x, [4]), (x, [8]), (y, [12]) roll to
// (repeat 3 of x by [4], [0]), (y, [12]).
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_ANALYSIS_ROLL_H
#define LOOPTREE_ANALYSIS_ROLL_H

#include "looptree/Analysis/Schedule.h"

#include <map>

namespace looptree {

struct Part {
  std::vector<unsigned> items;
  std::vector<int64_t> coordinates;

  void append(const Part &other) {
    items.insert(items.end(), other.items.begin(), other.items.end());
    coordinates.insert(coordinates.end(), other.coordinates.begin(),
                       other.coordinates.end());
  }
};

class Roller {
public:
  /// Appends an action whose LoopExprs have bases only.
  void append(Part &part, const Action &action);

  /// Takes the iterations of a loop one after another.
  class Loop {
  public:
    explicit Loop(Roller &roller) : roller(roller) {}
    /// Over instances along a fan-out dimension.
    Loop(Roller &roller, bool isParallel, unsigned fanout)
        : roller(roller), kind(Repeat::Kind::Instances), number(fanout),
          isParallel(isParallel) {}
    void add(Part iteration);
    /// Whether the last iterations are equal up to a translation, so that
    /// addAlike() is possible.
    bool isRolling() const { return count > 1; }
    /// `n` more iterations, each as far from the one before it as the last two
    /// are from each other.
    void addAlike(int64_t n);
    Part finish();

  private:
    void flush();

    Roller &roller;
    Repeat::Kind kind = Repeat::Kind::Loop;
    unsigned number = 0;
    bool isParallel = false;
    Part done;
    Part first, last; ///< Of the run of equal iterations that is open.
    std::vector<int64_t> delta;
    int64_t count = 0;
  };

  /// A part as one step that is no loop; nothing of an empty one.
  Part group(Part part, Repeat::Kind kind, unsigned number);

  /// The part as nested steps.
  std::vector<Step> expand(const Part &part) const;

private:
  struct Item {
    Action action;     ///< Coordinates 0.
    int64_t count = 0; ///< 0: an action.
    Repeat::Kind kind = Repeat::Kind::Loop;
    unsigned number = 0;
    bool isParallel = false;
    std::vector<unsigned> body;
    std::vector<int64_t> delta;
    size_t coordinates = 0; ///< How many it has.
  };
  unsigned intern(std::vector<int64_t> key, Item item);
  std::vector<Step> expand(const std::vector<unsigned> &list,
                           std::vector<LoopExpr> coordinates) const;

  std::map<std::vector<int64_t>, unsigned> ids;
  std::vector<Item> items;
};

} // namespace looptree

#endif // LOOPTREE_ANALYSIS_ROLL_H

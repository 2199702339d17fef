//===- Roll.cpp - Straight-line parts to loops ---------------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Roll.h"

#include <cassert>
#include <utility>

using namespace looptree;

/// Calls fn for every coordinate of an action, always in the same order.
template <typename ActionT, typename Fn>
static void forEachCoordinate(ActionT &action, Fn fn) {
  for (auto &expr : action.first)
    fn(expr);
  for (auto &place : action.places)
    for (auto &expr : place.offset)
      fn(expr);
}

static std::vector<int64_t> keyOf(const Action &action) {
  std::vector<int64_t> key = {0,
                              int64_t(action.kind),
                              int64_t(action.begun),
                              int64_t(action.isAdded),
                              action.einsum,
                              action.buffer,
                              action.elements,
                              int64_t(action.sizes.size())};
  key.insert(key.end(), action.sizes.begin(), action.sizes.end());
  key.push_back(int64_t(action.first.size()));
  key.insert(key.end(), action.stride.begin(), action.stride.end());
  // Which way elements move is a property of the action.
  if (action.kind == ActionKind::Move)
    for (size_t d = 0; d < action.places[0].offset.size(); ++d)
      key.push_back(action.places[0].offset[d].base -
                    action.places[1].offset[d].base);
  key.push_back(int64_t(action.places.size()));
  for (const Place &place : action.places) {
    key.push_back(place.buffer);
    key.push_back(place.isOutside);
    for (const auto &steps : place.step)
      key.insert(key.end(), steps.begin(), steps.end());
  }
  return key;
}

unsigned Roller::intern(std::vector<int64_t> key, Item item) {
  auto [it, isNew] = ids.try_emplace(std::move(key), unsigned(items.size()));
  if (isNew)
    items.push_back(std::move(item));
  return it->second;
}

void Roller::append(Part &part, const Action &action) {
  Item item;
  forEachCoordinate(action, [&](const LoopExpr &expr) {
    part.coordinates.push_back(expr.base);
    ++item.coordinates;
  });
  item.action = action;
  part.items.push_back(intern(keyOf(action), std::move(item)));
}

void Roller::Loop::add(Part iteration) {
  if (iteration.items.empty())
    return;
  if (count > 0 && iteration.items == last.items) {
    std::vector<int64_t> by(iteration.coordinates.size());
    for (size_t i = 0; i < by.size(); ++i)
      by[i] = iteration.coordinates[i] - last.coordinates[i];
    if (count > 1 && by != delta) {
      // The first of two may only look like the ones that follow.
      if (count == 2) {
        Part second = last;
        count = 1;
        flush();
        first = std::move(second);
        count = 1;
      } else {
        flush();
      }
    }
    if (count > 0) {
      delta = std::move(by);
      ++count;
      last = std::move(iteration);
      return;
    }
  } else {
    flush();
  }
  first = iteration;
  last = std::move(iteration);
  count = 1;
}

void Roller::Loop::addAlike(int64_t n) {
  assert(isRolling() && "nothing to be alike");
  count += n;
  for (size_t i = 0; i < delta.size(); ++i)
    last.coordinates[i] += n * delta[i];
}

void Roller::Loop::flush() {
  if (count == 1) {
    done.append(first);
  } else if (count > 1) {
    std::vector<int64_t> key = {1,
                                count,
                                int64_t(kind),
                                number,
                                int64_t(isParallel),
                                int64_t(first.items.size())};
    key.insert(key.end(), first.items.begin(), first.items.end());
    key.insert(key.end(), delta.begin(), delta.end());
    Item item;
    item.count = count;
    item.kind = kind;
    item.number = number;
    item.isParallel = isParallel;
    item.body = first.items;
    item.delta = delta;
    item.coordinates = first.coordinates.size();
    done.items.push_back(roller.intern(std::move(key), std::move(item)));
    done.coordinates.insert(done.coordinates.end(), first.coordinates.begin(),
                            first.coordinates.end());
  }
  count = 0;
}

Part Roller::group(Part part, Repeat::Kind kind, unsigned number) {
  if (part.items.empty())
    return part;
  std::vector<int64_t> key = {2, int64_t(kind), number};
  key.insert(key.end(), part.items.begin(), part.items.end());
  Item item;
  item.count = 1;
  item.kind = kind;
  item.number = number;
  item.body = std::move(part.items);
  item.coordinates = part.coordinates.size();
  part.items = {intern(std::move(key), std::move(item))};
  return part;
}

Part Roller::Loop::finish() {
  flush();
  return std::move(done);
}

std::vector<Step> Roller::expand(const Part &part) const {
  std::vector<LoopExpr> coordinates;
  for (int64_t x : part.coordinates)
    coordinates.push_back({x, {}});
  return expand(part.items, std::move(coordinates));
}

std::vector<Step> Roller::expand(const std::vector<unsigned> &list,
                                 std::vector<LoopExpr> coordinates) const {
  std::vector<Step> steps;
  size_t next = 0;
  for (unsigned id : list) {
    const Item &item = items[id];
    if (item.count == 0) {
      Action action = item.action;
      forEachCoordinate(action, [&](LoopExpr &expr) {
        expr = std::move(coordinates[next++]);
      });
      steps.push_back(std::move(action));
      continue;
    }
    Repeat repeat{item.kind, item.count, {}, item.number, item.isParallel};
    std::vector<LoopExpr> inside;
    for (size_t i = 0; i < item.coordinates; ++i) {
      inside.push_back(std::move(coordinates[next++]));
      if (repeat.isLoop())
        inside.back().coefficients.push_back(item.delta[i]);
    }
    repeat.body = expand(item.body, std::move(inside));
    steps.push_back(std::move(repeat));
  }
  return steps;
}

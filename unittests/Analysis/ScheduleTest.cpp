//===- ScheduleTest.cpp - Schedules do what is counted -------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "looptree/Analysis/Schedule.h"

#include "Builder.h"
#include "RandomCandidate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

using namespace looptree;
using namespace looptree::test;

namespace {

using Values = std::vector<uint64_t>;

int64_t volume(const std::vector<int64_t> &shape) {
  int64_t n = 1;
  for (int64_t extent : shape)
    n *= extent;
  return n;
}

/// Calls fn with every point of a box, in lexicographic order.
template <typename Fn> void forEach(const std::vector<int64_t> &sizes, Fn fn) {
  std::vector<int64_t> point(sizes.size(), 0);
  for (int64_t i = 0, n = volume(sizes); i < n; ++i) {
    fn(point);
    for (size_t d = sizes.size(); d-- > 0 && ++point[d] == sizes[d];)
      point[d] = 0;
  }
}

uint64_t inputValue(TensorId tensor, int64_t i) {
  return (uint64_t(tensor + 1) * 1000003u + uint64_t(i)) * 2654435761u % 1013;
}

const Access *lastInit(const Einsum &einsum) {
  const Access *last = nullptr;
  for (const Access &read : einsum.reads)
    if (read.isInit)
      last = &read;
  return last;
}

/// Element values of every tensor, run without any mapping. An op adds the
/// product of its reads, and does nothing where one of them is outside.
std::vector<Values> runUntiled(const Workload &w) {
  std::vector<Values> values;
  for (TensorId t = 0; t < w.tensors.size(); ++t) {
    values.emplace_back(size_t(volume(w.tensors[t].shape)), 0);
    for (size_t i = 0; i < values[t].size(); ++i)
      if (!w.producer(t))
        values[t][i] = inputValue(t, int64_t(i));
  }
  auto at = [&](const Access &access,
                const std::vector<int64_t> &point) -> int64_t {
    const auto &shape = w.tensors[access.tensor].shape;
    int64_t flat = 0;
    for (size_t d = 0; d < shape.size(); ++d) {
      int64_t x = access.index[d].constant;
      for (const auto &term : access.index[d].terms)
        x += term.coefficient * point[term.rank];
      if (x < 0 || x >= shape[d])
        return -1;
      flat = flat * shape[d] + x;
    }
    return flat;
  };
  for (const Einsum &einsum : w.einsums) {
    std::vector<int64_t> extents;
    for (const Rank &rank : einsum.ranks)
      extents.push_back(rank.extent);
    std::vector<bool> used(extents.size(), false);
    for (const LinearExpr &expr : einsum.write.index)
      for (const auto &term : expr.terms)
        used[term.rank] = true;
    forEach(extents, [&](const std::vector<int64_t> &point) {
      uint64_t product = 1;
      bool isFirst = true;
      for (size_t r = 0; r < point.size(); ++r)
        isFirst &= used[r] || point[r] == 0;
      uint64_t &result =
          values[einsum.write.tensor][size_t(at(einsum.write, point))];
      for (const Access &read : einsum.reads) {
        int64_t element = at(read, point);
        uint64_t value = element < 0 ? 0 : values[read.tensor][size_t(element)];
        if (!read.isInit)
          product *= element < 0 ? 0 : value + 1;
        // As in a payload there is one initial value, the last one given.
        else if (isFirst && &read == lastInit(einsum))
          result = value;
      }
      result += product;
    });
  }
  return values;
}

/// Runs a schedule on buffers that begin full of garbage.
class Replay {
public:
  Replay(const Workload &w, const Schedule &s) : w(w), s(s) {
    for (const ScheduledBuffer &buffer : s.buffers) {
      int64_t halves = buffer.hasHalves ? 2 : 1;
      Values values(size_t(buffer.copies() * halves * volume(buffer.slots)),
                    0xdeadbeef);
      if (buffer.isWholeTensor && !w.producer(buffer.tensor))
        for (size_t i = 0; i < values.size(); ++i)
          values[i] = inputValue(buffer.tensor, int64_t(i));
      memory.push_back(std::move(values));
    }
    ops.resize(w.einsums.size());
    peak.resize(s.buffers.size());
  }

  void run(const std::vector<Step> &steps) {
    for (const Step &step : steps) {
      if (const Action *action = std::get_if<Action>(&step)) {
        ++actions;
        act(*action);
        continue;
      }
      const Repeat &repeat = std::get<Repeat>(step);
      if (!repeat.isLoop()) {
        run(repeat.body);
        continue;
      }
      for (int64_t i = 0; i < repeat.count; ++i) {
        indices.push_back(i);
        run(repeat.body);
        indices.pop_back();
      }
    }
  }

  std::vector<int64_t> ops, peak;
  std::map<std::tuple<LevelId, TensorId, EinsumId>, std::array<int64_t, 2>>
      transfers;
  std::vector<Values> memory;
  int64_t actions = 0;

private:
  int64_t eval(const LoopExpr &expr) {
    EXPECT_EQ(expr.coefficients.size(), indices.size());
    int64_t x = expr.base;
    for (size_t i = 0; i < indices.size(); ++i)
      x += expr.coefficients[i] * indices[i];
    return x;
  }

  uint64_t &at(const Place &place, const std::vector<int64_t> &point) {
    const ScheduledBuffer &buffer = s.buffers[place.buffer];
    int64_t flat = 0;
    size_t outer = buffer.outerDims();
    for (size_t d = 0; d < place.offset.size(); ++d) {
      int64_t x = eval(place.offset[d]);
      for (size_t a = 0; a < point.size(); ++a)
        x += place.step[d][a] * point[a];
      bool isHalf = buffer.hasHalves && d + 1 == outer;
      int64_t extent = isHalf      ? 2
                       : d < outer ? buffer.instances[d]
                                   : buffer.slots[d - outer];
      if (isHalf || (d >= outer && buffer.isRing[d - outer]))
        x %= extent;
      EXPECT_TRUE(x >= 0 && x < extent) << "slot " << x << " of " << extent;
      flat = flat * extent + std::clamp<int64_t>(x, 0, extent - 1);
    }
    return memory[place.buffer][size_t(flat)];
  }

  void act(const Action &action) {
    const Einsum &einsum = w.einsums[action.einsum];
    const ScheduledBuffer &buffer = s.buffers[action.buffer];
    int64_t n = volume(action.sizes);
    switch (action.kind) {
    case ActionKind::Window:
      peak[action.buffer] = std::max(peak[action.buffer], action.elements);
      return;
    case ActionKind::Skip:
      ops[action.einsum] += action.elements;
      return;
    case ActionKind::Fill:
    case ActionKind::Drain:
      transfers[{buffer.level, buffer.tensor, action.einsum}]
               [action.kind == ActionKind::Drain] += n;
      forEach(action.sizes, [&](auto &p) {
        uint64_t part = at(action.places[0], p);
        uint64_t &to = at(action.places[1], p);
        to = action.isAdded ? to + part : part;
      });
      return;
    case ActionKind::Move: {
      Values moved;
      forEach(action.sizes,
              [&](auto &p) { moved.push_back(at(action.places[0], p)); });
      size_t next = 0;
      forEach(action.sizes,
              [&](auto &p) { at(action.places[1], p) = moved[next++]; });
      return;
    }
    case ActionKind::Begin:
      forEach(action.sizes, [&](auto &p) {
        bool isGiven = action.places.size() > 1 && !action.places[1].isOutside;
        uint64_t begun = isGiven ? at(action.places[1], p) : 0;
        uint64_t &to = at(action.places[0], p);
        to = action.begun == Action::Begun::Added ? to + begun : begun;
      });
      return;
    case ActionKind::Run:
      ops[action.einsum] += n;
      for (size_t r = 0; r < einsum.ranks.size(); ++r)
        EXPECT_LT(eval(action.first[r]) +
                      action.stride[r] * (action.sizes[r] - 1),
                  einsum.ranks[r].extent);
      forEach(action.sizes, [&](auto &p) {
        uint64_t product = 1;
        for (size_t k = 1; k < action.places.size(); ++k)
          product *= at(action.places[k], p) + 1;
        at(action.places[0], p) += product;
      });
      return;
    }
  }

  const Workload &w;
  const Schedule &s;
  std::vector<int64_t> indices;
};

/// Why the schedule of a candidate is wrong, or "".
std::string difference(const Candidate &c, int64_t *actions = nullptr) {
  auto plan = compile(c.workload, c.arch, c.mapping);
  if (!plan)
    return "";
  auto report = evaluateEveryTile(*plan, plan->steps());
  auto s = schedule(*plan, plan->steps());
  if (!report || !s) {
    if (report &&
        s.error().message.find("several indices") == std::string::npos)
      return s.error().message;
    return "";
  }
  Replay replay(c.workload, *s);
  replay.run(s->steps);
  if (actions)
    *actions = replay.actions;
  std::vector<Values> expected = runUntiled(c.workload);
  for (size_t b = 0; b < s->buffers.size(); ++b) {
    const ScheduledBuffer &buffer = s->buffers[b];
    if (replay.peak[b] != report->buffers[b].elements)
      return "peak";
    if (buffer.footprint() < buffer.windows * report->buffers[b].footprint)
      return "footprint";
    if (!buffer.isWholeTensor || !c.workload.producer(buffer.tensor))
      continue;
    for (size_t i = 0; i < replay.memory[b].size(); ++i)
      if (replay.memory[b][i] != expected[buffer.tensor][i] &&
          replay.memory[b][i] != 0xdeadbeef)
        return "value of " + c.workload.tensors[buffer.tensor].name + " at " +
               std::to_string(i);
  }
  if (replay.ops != report->ops)
    return "ops";
  for (const AccessRow &row : report->accesses) {
    auto counted = replay.transfers[{row.level, row.tensor, row.einsum}];
    if (counted[0] != row.fills || counted[1] != row.drains)
      return "transfers of " + c.workload.tensors[row.tensor].name;
  }
  return "";
}

TEST(Schedule, RandomCandidatesDoWhatIsCounted) {
  int scheduled = 0;
  for (uint64_t seed = 0; seed < 1500; ++seed) {
    RandomOptions options;
    options.pipelines = options.spatial = seed % 2;
    Candidate c = randomCandidate(seed, options);
    int64_t actions = 0;
    std::string how = difference(c, &actions);
    scheduled += actions > 0;
    if (how.empty())
      continue;
    Candidate small =
        shrink(c, [&](const Candidate &s) { return difference(s) == how; });
    FAIL() << "seed " << seed << ": " << difference(small) << "\n"
           << writeCandidate(small) << "\n"
           << toString(small.mapping, small.workload, small.arch);
  }
  EXPECT_GT(scheduled, 300);
}

size_t length(const std::vector<Step> &steps) {
  size_t n = 0;
  for (const Step &step : steps)
    n += std::holds_alternative<Action>(step)
             ? 1
             : 1 + length(std::get<Repeat>(step).body);
  return n;
}

/// Two padded 3x3 convolutions, rows and columns tiled, a line buffer between.
Result<Schedule> lineBuffer(int64_t extent) {
  WorkloadBuilder b;
  b.input("I", {extent, extent})
      .input("WA", {3, 3})
      .middle("A", {extent, extent})
      .input("WB", {3, 3})
      .output("B", {extent, extent})
      .einsum("convA", {{"p", extent}, {"q", extent}, {"r", 3}, {"s", 3}},
              {"A", {"p", "q"}},
              {{"I", {"p + r - 1", "q + s - 1"}}, {"WA", {"r", "s"}}})
      .einsum("convB", {{"p", extent}, {"q", extent}, {"r", 3}, {"s", 3}},
              {"B", {"p", "q"}},
              {{"A", {"p + r - 1", "q + s - 1"}}, {"WB", {"r", "s"}}});
  TreeBuilder t{b.w};
  Node root = t.retain(
      0, {"I", "WA", "WB", "B"},
      t.retain(1, {"WA", "WB"},
               t.loop("p", "convB", 4,
                      t.retain(1, {"A"},
                               t.loop("q", "convB", 5,
                                      t.retain(1, {"I", "B"},
                                               t.sequential(
                                                   {t.compute("convA"),
                                                    t.compute("convB")})))))));
  auto plan = compile(b.w, twoLevels(), {std::move(root)});
  return schedule(*plan, plan->steps());
}

TEST(Schedule, IsAsLongAsThereAreKindsOfTiles) {
  auto small = lineBuffer(43), large = lineBuffer(203);
  ASSERT_TRUE(small && large);
  EXPECT_EQ(length(small->steps), length(large->steps));
  EXPECT_LT(length(large->steps), 500u);
}

TEST(Schedule, BuffersAreAsLargeAsTheirWindows) {
  auto s = lineBuffer(43);
  ASSERT_TRUE(s);
  // Six rows of A, all columns: the steady window of 4 rows and its halo.
  const ScheduledBuffer &a = s->buffers[6];
  EXPECT_THAT(a.slots, testing::ElementsAre(6, 43));
  EXPECT_EQ(a.elements, 6 * 43);
}

/// Two padded 3x3 convolutions with rows kept in a ring; columns, and one of
/// the filter's dimensions, side by side.
Candidate inLanes(int64_t extent) {
  WorkloadBuilder b;
  std::vector<std::pair<std::string, int64_t>> ranks = {
      {"p", 13}, {"q", extent}, {"r", 3}, {"s", 3}};
  b.input("I", {13, extent})
      .input("W", {3, 3})
      .middle("A", {13, extent})
      .output("B", {13, extent})
      .einsum("convA", ranks, {"A", {"p", "q"}},
              {{"I", {"p + r - 1", "q + s - 1"}}, {"W", {"r", "s"}}})
      .einsum("convB", ranks, {"B", {"p", "q"}},
              {{"A", {"p + r - 1", "q + s - 1"}}, {"W", {"r", "s"}}});
  TreeBuilder t{b.w};
  auto lanes = [&](const std::string &einsum, const std::string &rank,
                   int64_t step, unsigned fanout, Node body) -> Node {
    EinsumId e = *b.w.findEinsum(einsum);
    return {SpatialFor{e, *b.w.einsums[e].findRank(rank), step, fanout},
            {std::move(body)}};
  };
  Candidate c;
  c.arch = twoLevels();
  c.arch.fanouts = {{"X", 64, 1}, {"Y", 64, 1}};
  c.mapping.root = t.retain(
      0, {"I", "W", "B"},
      t.loop("p", "convB", 2,
             t.retain(
                 1, {"A", "I"},
                 t.sequential(
                     {lanes("convA", "q", 2, 0,
                            lanes("convA", "r", 1, 1, t.compute("convA"))),
                      lanes("convB", "s", 1, 1,
                            lanes("convB", "q", 1, 0, t.compute("convB")))}))));
  c.workload = std::move(b.w);
  return c;
}

TEST(Schedule, LanesAreLoops) {
  for (int64_t extent : {1, 3, 6, 7, 8, 19, 40})
    EXPECT_EQ(difference(inLanes(extent)), "") << extent;
  auto lengthOf = [](int64_t extent) {
    Candidate c = inLanes(extent);
    auto plan = compile(c.workload, c.arch, c.mapping);
    return length(schedule(*plan, plan->steps())->steps);
  };
  EXPECT_EQ(lengthOf(19), lengthOf(61));
}

TEST(Schedule, RefusesElementsWithoutAFirstOp) {
  WorkloadBuilder b;
  b.input("I", {4, 3})
      .output("B", {6})
      .einsum("sum", {{"p", 4}, {"r", 3}}, {"B", {"p + r"}},
              {{"I", {"p", "r"}}});
  TreeBuilder t{b.w};
  auto plan =
      compile(b.w, twoLevels(), {t.retain(0, {"I", "B"}, t.compute("sum"))});
  auto s = schedule(*plan, plan->steps());
  ASSERT_FALSE(s);
  EXPECT_THAT(s.error().message, testing::HasSubstr("sum writes an element"));
}

} // namespace

//===- WorkloadTest.cpp - What makes a workload one -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "looptree/Workload/Workload.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <limits>

using namespace looptree;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

constexpr int64_t kMax = std::numeric_limits<int64_t>::max();

/// The pair of looptree/Workload/Workload.h: B[16] <- A[18] <- I[20].
Workload pair() {
  Workload w;
  w.tensors = {{"I", TensorKind::Input, {20}},
               {"WA", TensorKind::Input, {3}},
               {"A", TensorKind::Intermediate, {18}},
               {"WB", TensorKind::Input, {3}},
               {"B", TensorKind::Output, {16}}};
  Einsum convA;
  convA.name = "convA";
  convA.ranks = {{"pa", 18}, {"ra", 3}};
  convA.write = {2, {{{{0, 1}}, 0}}};
  convA.reads = {{0, {{{{0, 1}, {1, 1}}, 0}}}, {1, {{{{1, 1}}, 0}}}};
  Einsum convB;
  convB.name = "convB";
  convB.ranks = {{"pb", 16}, {"rb", 3}};
  convB.write = {4, {{{{0, 1}}, 0}}};
  convB.reads = {{2, {{{{0, 1}, {1, 1}}, 0}}}, {3, {{{{1, 1}}, 0}}}};
  w.einsums = {convA, convB};
  return w;
}

TEST(Workload, ThePairIsOne) {
  Workload w = pair();
  std::optional<Error> error = w.check();
  EXPECT_FALSE(error) << error->message;
}

TEST(Workload, FindsItsParts) {
  Workload w = pair();
  EXPECT_EQ(w.findTensor("A"), 2u);
  EXPECT_EQ(w.findTensor("Z"), std::nullopt);
  EXPECT_EQ(w.findEinsum("convB"), 1u);
  EXPECT_EQ(w.findEinsum("A"), std::nullopt);
  EXPECT_EQ(w.einsums[1].findRank("rb"), 1u);
  EXPECT_EQ(w.einsums[1].findRank("ra"), std::nullopt);
  EXPECT_EQ(w.producer(2), 0u);
  EXPECT_EQ(w.producer(0), std::nullopt);
  EXPECT_THAT(w.consumers(2), ElementsAre(1));
  EXPECT_THAT(w.consumers(4), ElementsAre());
}

TEST(Workload, AConsumerWithTwoOperandsCountsOnce) {
  Workload w = pair();
  w.einsums[1].reads.push_back(w.einsums[1].reads[0]);
  EXPECT_THAT(w.consumers(2), ElementsAre(1));
}

/// A change to the pair that makes it no workload, and what the error names.
struct Fault {
  const char *name;
  std::function<void(Workload &)> change;
  const char *message;
};
void PrintTo(const Fault &fault, std::ostream *out) { *out << fault.name; }

class WorkloadRefuses : public testing::TestWithParam<Fault> {};

TEST_P(WorkloadRefuses, WithNamesAndNumbers) {
  Workload w = pair();
  GetParam().change(w);
  std::optional<Error> error = w.check();
  ASSERT_TRUE(error);
  EXPECT_THAT(error->message, HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Workload, WorkloadRefuses,
    testing::Values(
        Fault{"no_einsum", [](Workload &w) { w = {}; }, "at least one einsum"},
        Fault{"tensor_without_name",
              [](Workload &w) { w.tensors[0].name = ""; },
              "a tensor has no name"},
        Fault{"einsum_without_name",
              [](Workload &w) { w.einsums[0].name = ""; },
              "an einsum has no name"},
        Fault{"two_tensors", [](Workload &w) { w.tensors[1].name = "I"; },
              "two tensors are named I"},
        Fault{"two_einsums", [](Workload &w) { w.einsums[1].name = "convA"; },
              "two einsums are named convA"},
        Fault{"two_ranks",
              [](Workload &w) { w.einsums[0].ranks[1].name = "pa"; },
              "einsum convA has two ranks named pa"},
        Fault{"rank_name",
              [](Workload &w) { w.einsums[0].ranks[1].name = "p-1"; },
              "'p-1', which is not an identifier"},
        Fault{"extent", [](Workload &w) { w.einsums[0].ranks[1].extent = 0; },
              "rank ra of einsum convA has extent 0"},
        Fault{"shape", [](Workload &w) { w.tensors[0].shape[0] = -4; },
              "tensor I has extent -4 in dimension 0"},
        Fault{"bits", [](Workload &w) { w.tensors[0].bits = 0; },
              "tensor I has 0 bits"},
        Fault{"partial_bits", [](Workload &w) { w.tensors[2].partialBits = 0; },
              "tensor A has 0 partial bits"},
        Fault{"dimensions",
              [](Workload &w) { w.einsums[0].reads[1].index.clear(); },
              "reads WA with 0 index expressions; the tensor has 1"},
        Fault{"unknown_tensor",
              [](Workload &w) { w.einsums[0].reads[1].tensor = 9; },
              "tensor number 9 of 5"},
        Fault{
            "unknown_rank",
            [](Workload &w) { w.einsums[0].write.index[0].terms[0].rank = 7; },
            "rank number 7 of 2"},
        Fault{"coefficient",
              [](Workload &w) {
                w.einsums[0].reads[0].index[0].terms[1].coefficient = -2;
              },
              "rank ra has coefficient -2"},
        Fault{"order_of_terms",
              [](Workload &w) {
                auto &terms = w.einsums[0].reads[0].index[0].terms;
                std::swap(terms[0], terms[1]);
              },
              "terms are not sorted"},
        Fault{"rank_in_two_dimensions",
              [](Workload &w) {
                w.tensors[0].shape = {20, 20};
                w.einsums[0].reads[0].index.push_back({{{0, 1}}, 0});
              },
              "dimension 1: rank pa already indexes another dimension"},
        Fault{"init_write",
              [](Workload &w) { w.einsums[0].write.isInit = true; },
              "writes A as an init"},
        Fault{"write_above",
              [](Workload &w) { w.einsums[0].write.index[0].constant = 1; },
              "covers 1 to 18, outside the tensor's extent 18"},
        Fault{"write_below",
              [](Workload &w) { w.einsums[0].write.index[0].constant = -1; },
              "covers -1 to 16, outside"},
        Fault{"two_producers",
              [](Workload &w) { w.einsums[1].write.tensor = 2; },
              "tensor A is written by two einsums, convA and convB"},
        Fault{"input_written",
              [](Workload &w) { w.tensors[2].kind = TensorKind::Input; },
              "einsum convA writes input A"},
        Fault{"intermediate_not_written",
              [](Workload &w) { w.tensors[0].kind = TensorKind::Intermediate; },
              "intermediate I is written by no einsum"},
        Fault{"output_not_written",
              [](Workload &w) { w.tensors[3].kind = TensorKind::Output; },
              "output WB is written by no einsum"},
        Fault{"intermediate_not_read",
              [](Workload &w) { w.tensors[4].kind = TensorKind::Intermediate; },
              "intermediate B is read by no einsum"},
        Fault{"order",
              [](Workload &w) { std::swap(w.einsums[0], w.einsums[1]); },
              "convB reads A before convA writes it"},
        Fault{"reads_its_own_result",
              [](Workload &w) {
                w.einsums[1].reads.push_back(w.einsums[1].write);
              },
              "convB reads B before convB writes it"},
        Fault{
            "op_count",
            [](Workload &w) { w.einsums[0].ranks.push_back({"n", kMax / 4}); },
            "the op count of einsum convA exceeds 64 bit"},
        Fault{"element_count",
              [](Workload &w) { w.tensors[0].shape = {kMax / 2, 3}; },
              "the element count of tensor I exceeds 64 bit"},
        Fault{"bit_count", [](Workload &w) { w.tensors[0].shape = {kMax / 7}; },
              "the bits of tensor I exceed 64 bit"},
        Fault{"partial_bit_count",
              [](Workload &w) {
                w.tensors[0].shape = {kMax / 16};
                w.tensors[0].partialBits = 32;
              },
              "the bits of tensor I exceed 64 bit"},
        Fault{"index_value",
              [](Workload &w) {
                w.einsums[0].reads[0].index[0].terms[1].coefficient = kMax;
              },
              "exceeds 64 bit"}),
    [](const auto &info) { return std::string(info.param.name); });

TEST(Workload, DiagnosesThePlace) {
  Workload w = pair();
  w.tensors[3].bits = 0;
  std::optional<InvalidWorkload> invalid = w.diagnose();
  ASSERT_TRUE(invalid);
  EXPECT_EQ(invalid->tensor, 3u);
  EXPECT_EQ(invalid->einsum, std::nullopt);

  w = pair();
  w.einsums[1].ranks[0].extent = 17;
  invalid = w.diagnose();
  ASSERT_TRUE(invalid);
  EXPECT_EQ(invalid->tensor, std::nullopt);
  EXPECT_EQ(invalid->einsum, 1u);
}

TEST(Workload, ReadsOutsideTheShapeArePadding) {
  Workload w = pair();
  w.einsums[0].reads[0].index[0].constant = -1;
  EXPECT_FALSE(w.check());
  w.einsums[0].reads[0].index[0].constant = 100;
  EXPECT_FALSE(w.check());
}

TEST(Workload, AScalarAndAnOutputThatIsRead) {
  Workload w = pair();
  w.tensors[2].kind = TensorKind::Output;
  Einsum sum;
  sum.name = "sum";
  sum.kind = EinsumKind::Reduction;
  sum.ranks = {{"i", 16}};
  sum.write = {5, {}};
  sum.reads = {{4, {{{{0, 1}}, 0}}}};
  w.tensors.push_back({"S", TensorKind::Output, {}});
  w.einsums.push_back(sum);
  std::optional<Error> error = w.check();
  EXPECT_FALSE(error) << error->message;
}

// Index expressions as text.

struct Spelling {
  const char *text;
  const char *canonical;
};
void PrintTo(const Spelling &spelling, std::ostream *out) {
  *out << '<' << spelling.text << '>';
}
class LinearExprReads : public testing::TestWithParam<Spelling> {};

TEST_P(LinearExprReads, AndPrints) {
  Einsum einsum = pair().einsums[0];
  Result<LinearExpr> expr = parseLinearExpr(GetParam().text, einsum);
  ASSERT_TRUE(expr) << expr.error().message;
  EXPECT_EQ(toString(*expr, einsum), GetParam().canonical);
  Result<LinearExpr> back = parseLinearExpr(GetParam().canonical, einsum);
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(*back, *expr);
}

INSTANTIATE_TEST_SUITE_P(
    Workload, LinearExprReads,
    testing::Values(Spelling{"2*pa + ra - 1", "2*pa + ra - 1"},
                    Spelling{"pa", "pa"}, Spelling{"0", "0"},
                    Spelling{"-1", "-1"}, Spelling{"0*pa", "0"},
                    Spelling{" ra+pa ", "pa + ra"}, Spelling{"pa+pa", "2*pa"},
                    Spelling{"3*pa - pa", "2*pa"}, Spelling{"pa - pa + 4", "4"},
                    Spelling{"3 + pa - 1", "pa + 2"},
                    Spelling{"-2+pa", "pa - 2"}, Spelling{"2 * pa", "2*pa"},
                    Spelling{"9223372036854775807*pa - 9223372036854775808",
                             "9223372036854775807*pa - 9223372036854775808"}));

class LinearExprRefuses : public testing::TestWithParam<Spelling> {};

TEST_P(LinearExprRefuses, AndSaysWhy) {
  Result<LinearExpr> expr = parseLinearExpr(GetParam().text, pair().einsums[0]);
  ASSERT_FALSE(expr);
  EXPECT_THAT(expr.error().message, HasSubstr(GetParam().canonical));
}

INSTANTIATE_TEST_SUITE_P(
    Workload, LinearExprRefuses,
    testing::Values(Spelling{"", "expected a rank or a number at character 1"},
                    Spelling{"pa +",
                             "expected a rank or a number at character 5"},
                    Spelling{"2*", "expected a rank at character 3"},
                    Spelling{"pa ra", "expected '+' or '-' at character 4"},
                    Spelling{"pa*2", "expected '+' or '-' at character 3"},
                    Spelling{"pa * ra", "expected '+' or '-' at character 4"},
                    Spelling{"2*3", "expected a rank at character 3"},
                    Spelling{"pa/2", "expected '+' or '-'"},
                    Spelling{"(pa)", "expected a rank or a number"},
                    Spelling{"pb", "pb is not a rank of einsum convA"},
                    Spelling{"-pa", "rank pa has a negative coefficient"},
                    Spelling{"ra - 2*pa", "rank pa has a negative coefficient"},
                    Spelling{"9223372036854775808", "exceeds 64 bit"},
                    Spelling{"9223372036854775807 + 1", "exceeds 64 bit"},
                    Spelling{"9223372036854775807*pa + pa", "exceeds 64 bit"}));

} // namespace

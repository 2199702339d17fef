//===- PrintTest.cpp - What differs is seen -----------------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "looptree/Runner/Runner.h"

#include "llvm/Support/JSON.h"

#include <gmock/gmock.h>

using namespace looptree;
using testing::HasSubstr;

namespace {

ValueCheck bitwise(int64_t different) {
  ValueCheck check;
  check.isBitwise = true;
  check.elements = 10;
  check.different = different;
  return check;
}

ValueCheck near(double error, double bound) {
  ValueCheck check;
  check.elements = 10;
  check.different = 3;
  check.error = error;
  check.bound = bound;
  return check;
}

RunReport report() {
  RunReport report;
  report.function = "f";
  report.results = {near(1e-6, 1e-5)};
  SetRun set;
  set.mapping = "m";
  set.einsums = {"a"};
  set.results = {bitwise(0)};
  set.counts = {{"ops", "", "", "a", {}, 5, 5},
                {"window", "GLB", "T", "", 3u, 2, 2}};
  report.sets = {set};
  return report;
}

TEST(Print, NoDifference) {
  EXPECT_TRUE(report().holds());
  std::string text = formatTable(report());
  EXPECT_THAT(text, HasSubstr("2 of 2 counts as predicted; no difference"));
  EXPECT_THAT(text, HasSubstr("T (node 3)"));
}

TEST(Print, CountOfASet) {
  RunReport r = report();
  r.sets[0].counts[1].counted = 3;
  EXPECT_FALSE(r.holds());
  std::string text = formatTable(r);
  EXPECT_THAT(text, HasSubstr("2            3  DIFFERENT"));
  EXPECT_THAT(text, HasSubstr("1 of 2 counts as predicted; DIFFERENT"));
}

TEST(Print, CountOfTheWhole) {
  RunReport r = report();
  r.counts = {{"ops", "", "", "a", {}, 5, 5}, {"ops", "", "", "b", {}, 7, 6}};
  EXPECT_FALSE(r.holds());
  std::string text = formatTable(r);
  EXPECT_THAT(text, HasSubstr("7            6  DIFFERENT"));
  EXPECT_THAT(text, HasSubstr("3 of 4 counts"));
}

TEST(Print, Bits) {
  RunReport r = report();
  r.sets[0].results = {bitwise(1)};
  EXPECT_FALSE(r.holds());
  EXPECT_THAT(formatTable(r), HasSubstr("1 of 10 elements DIFFER\n"));
}

TEST(Print, ErrorOverItsBound) {
  RunReport r = report();
  r.results = {near(2e-5, 1e-5)};
  EXPECT_FALSE(r.holds());
  EXPECT_THAT(formatTable(r), HasSubstr("EXCEEDED"));
  r.results = {near(1e-5, 1e-5)};
  EXPECT_TRUE(r.holds());
}

TEST(Print, NotFinite) {
  RunReport r = report();
  r.results[0].isFinite = false;
  r.results[0].error = 0;
  EXPECT_FALSE(r.holds());
  EXPECT_THAT(formatTable(r), HasSubstr("NOT FINITE"));
}

TEST(Print, JsonIsWhole) {
  auto json = llvm::json::parse(formatJson(report()));
  ASSERT_TRUE(bool(json));
  const llvm::json::Object *object = json->getAsObject();
  EXPECT_EQ(object->getBoolean("holds"), true);
  const llvm::json::Object *set = (*object->getArray("sets"))[0].getAsObject();
  EXPECT_EQ(set->getString("mapping"), "m");
  EXPECT_EQ((*set->getArray("counts"))[1].getAsObject()->getInteger("node"), 3);
}

} // namespace

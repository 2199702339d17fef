//===- Text.h - Numbers and lines for people -*- C++ -* -------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_LIB_REPORT_TEXT_H
#define LOOPTREE_LIB_REPORT_TEXT_H

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace looptree::report {

/// Up to 4 digits and a unit: "24 B", "1.5 KiB", "0.375 B".
std::string sizeText(int64_t bits);
/// "1234", "1.234 M": exact below 10,000.
std::string countText(int64_t count);
/// "35.05 nJ" from pJ.
std::string energyText(double picojoules);
/// "12.3 %"; "-" of nothing.
std::string percentText(double part, double whole);
/// "1.90x"; "-" of nothing.
std::string ratioText(double part, double whole);

/// Breaks a line at its blanks into lines of at most `width`; all but the first
/// begin with `indent` blanks. Words longer than that stay whole.
std::vector<std::string> wrap(std::string_view text, size_t width,
                              size_t indent);

/// Columns as wide as their widest cell: the first one left, others right.
/// Every line is indented by two.
std::string alignColumns(const std::vector<std::vector<std::string>> &rows);

} // namespace looptree::report

#endif // LOOPTREE_LIB_REPORT_TEXT_H

//===- Text.cpp - Numbers and lines for people ----------------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Text.h"

#include <algorithm>
#include <cstdio>

using namespace looptree;

static std::string format(const char *pattern, double number) {
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, pattern, number);
  return buffer;
}

/// Four digits: 1.234, 12.34, 123.4, 1234.
static std::string fourDigits(double number) { return format("%.4g", number); }

std::string report::sizeText(int64_t bits) {
  double size = double(bits) / 8;
  const char *unit = "B";
  for (const char *next : {"KiB", "MiB", "GiB", "TiB", "PiB"}) {
    if (size < 1024)
      break;
    size /= 1024;
    unit = next;
  }
  return fourDigits(size) + " " + unit;
}

std::string report::countText(int64_t count) {
  if (count < 10'000)
    return std::to_string(count);
  double number = double(count);
  const char *unit = "";
  for (const char *next : {"k", "M", "G", "T", "P", "E"}) {
    if (number < 1000)
      break;
    number /= 1000;
    unit = next;
  }
  return fourDigits(number) + " " + unit;
}

std::string report::energyText(double picojoules) {
  const char *unit = "pJ";
  for (const char *next : {"nJ", "uJ", "mJ", "J"}) {
    if (picojoules < 1000)
      break;
    picojoules /= 1000;
    unit = next;
  }
  return fourDigits(picojoules) + " " + unit;
}

std::string report::percentText(double part, double whole) {
  return whole == 0 ? "-" : format("%.1f %%", 100 * part / whole);
}

std::string report::ratioText(double part, double whole) {
  return whole == 0 ? "-" : format("%.2fx", part / whole);
}

std::vector<std::string> report::wrap(std::string_view text, size_t width,
                                      size_t indent) {
  std::vector<std::string> lines;
  while (text.size() > width) {
    // Not at the blanks that the line begins with.
    size_t begin = text.find_first_not_of(' ');
    size_t space = text.rfind(' ', width);
    if (space == text.npos || space < begin)
      space = text.find(' ', std::min(begin, text.size()));
    if (space == text.npos)
      break;
    lines.emplace_back(text.substr(0, space));
    text.remove_prefix(
        std::min(text.find_first_not_of(' ', space), text.size()));
    if (lines.size() == 1)
      width = width > indent ? width - indent : 1;
  }
  if (!text.empty() || lines.empty())
    lines.emplace_back(text);
  for (size_t i = 1; i < lines.size(); ++i)
    lines[i].insert(0, indent, ' ');
  return lines;
}

std::string
report::alignColumns(const std::vector<std::vector<std::string>> &rows) {
  std::vector<size_t> widths;
  for (const auto &row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const auto &row : rows) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      std::string blanks(widths[i] - row[i].size(), ' ');
      line += "  " + (i == 0 ? row[i] + blanks : blanks + row[i]);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

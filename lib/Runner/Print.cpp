//===- Print.cpp - The outcome of a run ---------------------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "looptree/Runner/Runner.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/FormattedStream.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

using namespace looptree;

namespace {

class Table {
public:
  explicit Table(llvm::raw_ostream &out) : out(out) {}

  void write(const RunReport &report) {
    out << "Function @" << report.function << ", " << report.sets.size()
        << (report.sets.size() == 1 ? " set" : " sets") << ", seed "
        << report.seed << "\n";
    for (const SetRun &set : report.sets)
      for (const Count &count : set.counts) {
        widen(kinds, count.kind);
        widen(levels, count.level);
        widen(tensors, tensorOf(count));
        widen(einsums, count.einsum);
      }
    size_t counts = 0, equal = 0;
    for (const SetRun &set : report.sets) {
      out << "\nSet @" << set.mapping << ":";
      for (const std::string &einsum : set.einsums)
        out << " " << einsum;
      out << "\n";
      writeResults(set.results);
      writeHeading();
      for (const Count &count : set.counts) {
        ++counts;
        equal += count.holds();
        writeCount(count);
      }
    }
    out << "\nWhole function\n";
    writeResults(report.results);
    bool isFirst = true;
    for (const Count &count : report.counts) {
      ++counts;
      equal += count.holds();
      if (count.holds())
        continue;
      if (isFirst)
        writeHeading();
      isFirst = false;
      writeCount(count);
    }
    out << "\n"
        << equal << " of " << counts << " counts as predicted; "
        << (report.holds() ? "no difference" : "DIFFERENT") << "\n";
  }

private:
  void writeResults(const std::vector<ValueCheck> &results) {
    for (auto [i, result] : llvm::enumerate(results)) {
      out << "  result " << i << ": ";
      if (result.isBitwise) {
        if (result.different == 0)
          out << "all " << result.elements << " elements equal bit by bit";
        else
          out << result.different << " of " << result.elements
              << " elements DIFFER";
      } else if (!result.isFinite) {
        out << "NOT FINITE in float64: nothing to compare with";
      } else {
        out << "error " << llvm::format("%.1e", result.error)
            << " of float64, bound " << llvm::format("%.1e", result.bound)
            << " (unfused: " << llvm::format("%.1e", result.unfusedError) << ")"
            << (result.holds() ? "" : " EXCEEDED");
      }
      out << "\n";
    }
  }

  static void widen(size_t &width, const std::string &text) {
    width = std::max(width, text.size());
  }

  static std::string tensorOf(const Count &count) {
    return count.node
               ? count.tensor + " (node " + std::to_string(*count.node) + ")"
               : count.tensor;
  }

  void writeLine(const std::string &kind, const std::string &level,
                 const std::string &tensor, const std::string &einsum,
                 const std::string &predicted, const std::string &counted) {
    using llvm::left_justify;
    out << "  " << left_justify(kind, kinds) << "  "
        << left_justify(level, levels) << "  " << left_justify(tensor, tensors)
        << "  " << left_justify(einsum, einsums)
        << llvm::right_justify(predicted, 13)
        << llvm::right_justify(counted, 13);
  }

  void writeHeading() {
    writeLine("count", "level", "tensor", "einsum", "predicted", "counted");
    out << "\n";
  }

  void writeCount(const Count &count) {
    writeLine(count.kind, count.level, tensorOf(count), count.einsum,
              std::to_string(count.predicted), std::to_string(count.counted));
    if (!count.holds())
      out << "  DIFFERENT";
    else if (count.counted != count.predicted)
      out << "  with gaps";
    out << "\n";
  }

  size_t kinds = 5, levels = 5, tensors = 6, einsums = 6; ///< Widths.
  llvm::raw_ostream &out;
};

} // namespace

std::string looptree::formatTable(const RunReport &report) {
  std::string text;
  llvm::raw_string_ostream out(text);
  Table(out).write(report);
  return text;
}

static void write(llvm::json::OStream &json,
                  const std::vector<ValueCheck> &results) {
  json.attributeArray("results", [&] {
    for (const ValueCheck &result : results)
      json.object([&] {
        json.attribute("holds", result.holds());
        json.attribute("elements", result.elements);
        json.attribute("different", result.different);
        json.attribute("bitwise", result.isBitwise);
        if (result.isBitwise)
          return;
        json.attribute("finite", result.isFinite);
        if (!result.isFinite)
          return;
        json.attribute("error", result.error);
        json.attribute("unfused_error", result.unfusedError);
        json.attribute("bound", result.bound);
      });
  });
}

static void write(llvm::json::OStream &json, const std::vector<Count> &counts) {
  json.attributeArray("counts", [&] {
    for (const Count &count : counts)
      json.object([&] {
        json.attribute("kind", count.kind);
        if (!count.level.empty())
          json.attribute("level", count.level);
        if (!count.tensor.empty())
          json.attribute("tensor", count.tensor);
        if (!count.einsum.empty())
          json.attribute("einsum", count.einsum);
        if (count.node)
          json.attribute("node", *count.node);
        json.attribute("predicted", count.predicted);
        json.attribute("counted", count.counted);
        if (count.gaps)
          json.attribute("gaps", count.gaps);
      });
  });
}

std::string looptree::formatJson(const RunReport &report) {
  std::string text;
  llvm::raw_string_ostream out(text);
  llvm::json::OStream json(out, /*IndentSize=*/1);
  json.object([&] {
    json.attribute("version", 1);
    json.attribute("function", report.function);
    json.attribute("seed", report.seed);
    json.attribute("holds", report.holds());
    write(json, report.results);
    write(json, report.counts);
    json.attributeArray("sets", [&] {
      for (const SetRun &set : report.sets)
        json.object([&] {
          json.attribute("mapping", set.mapping);
          json.attributeArray("einsums", [&] {
            for (const std::string &einsum : set.einsums)
              json.value(einsum);
          });
          json.attribute("holds", set.holds());
          write(json, set.results);
          write(json, set.counts);
        });
    });
  });
  out << "\n";
  return text;
}

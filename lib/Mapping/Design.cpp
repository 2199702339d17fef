//===- Design.cpp - A mapping as rows of the taxonomy -------- -*- C++
//-*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "looptree/Mapping/Design.h"

#include <algorithm>

using namespace looptree;

namespace {

using Row = DesignRow;

class RowMaker {
public:
  RowMaker(const Workload &workload, std::span<const int64_t> recompute)
      : workload(workload), recompute(recompute),
        isUnfused(workload.tensors.size(), false) {}

  /// `above`: a loop stands somewhere above the chain.
  void walk(const Node &first, unsigned depth, bool above) {
    Row row;
    row.depth = depth;
    row.einsums = groupOf(first);
    const Node *node = &first;
    for (; !node->isSplit() && !node->children.empty();
         node = &node->children.front())
      add(*node, row);
    if (node->isSplit()) {
      row.parallelism = std::holds_alternative<Pipeline>(node->kind)
                            ? Row::Parallelism::Pipeline
                            : Row::Parallelism::Sequential;
      addIntermediates(*node, row);
    }
    above |= !row.schedule.empty();
    rows.push_back(std::move(row));
    if (node->isSplit())
      for (const Node &branch : node->children)
        if (!above || groupOf(branch).size() > 1)
          walk(branch, depth + 1, above);
  }

  std::vector<Row> rows;

private:
  void add(const Node &node, Row &row) {
    visit(
        node,
        [&](const For &loop) {
          row.schedule.push_back(
              {loop.einsum, loop.rank, loop.step, std::nullopt});
        },
        [&](const SpatialFor &loop) {
          row.schedule.push_back(
              {loop.einsum, loop.rank, loop.step, loop.fanout});
        },
        [&](const Retain &retain) {
          for (TensorId tensor : retain.tensors) {
            if (retain.level == 0) {
              isUnfused[tensor] = true;
              continue;
            }
            bool noReuse =
                std::find(retain.noReuse.begin(), retain.noReuse.end(),
                          tensor) != retain.noReuse.end();
            row.retention.push_back(
                {tensor, retain.level, row.schedule.size(), noReuse});
          }
        },
        [](const auto &) {});
  }

  void addIntermediates(const Node &split, Row &row) {
    std::vector<size_t> branchOf(workload.einsums.size(), SIZE_MAX);
    for (size_t i = 0; i < split.children.size(); ++i)
      for (EinsumId einsum : groupOf(split.children[i]))
        branchOf[einsum] = i;
    for (EinsumId producer : row.einsums) {
      TensorId tensor = workload.einsums[producer].write.tensor;
      if (workload.tensors[tensor].kind != TensorKind::Intermediate)
        continue;
      std::vector<EinsumId> consumers = workload.consumers(tensor);
      bool isBetween = std::any_of(
          consumers.begin(), consumers.end(), [&](EinsumId consumer) {
            return branchOf[consumer] != SIZE_MAX &&
                   branchOf[consumer] != branchOf[producer];
          });
      if (!isBetween)
        continue;
      Row::Treatment treatment = recompute[producer] > 0
                                     ? Row::Treatment::Recomputed
                                     : Row::Treatment::Retained;
      if (isUnfused[tensor])
        treatment = Row::Treatment::Unfused;
      row.intermediates.push_back({tensor, treatment, recompute[producer]});
    }
  }

  const Workload &workload;
  std::span<const int64_t> recompute;
  std::vector<bool> isUnfused; ///< Retained outermost on the way here.
};

/// Joins what is not empty.
std::string join(const std::vector<std::string> &parts, const char *separator) {
  std::string text;
  for (const std::string &part : parts)
    text += (text.empty() ? "" : separator) + part;
  return text.empty() ? "none" : text;
}

class RowPrinter {
public:
  RowPrinter(const Row &row, const Workload &workload, const Arch &arch)
      : row(row), workload(workload), arch(arch) {}

  std::string str() const {
    std::vector<std::string> names;
    for (EinsumId einsum : row.einsums)
      names.push_back(workload.einsums[einsum].name);
    return line("einsums", join(names, ", ")) +
           line("partitioned ranks", partitionedRanks()) +
           line("tile shape", tileShape()) + line("schedule", schedule()) +
           line("retention", retention()) +
           line("intermediates", intermediates()) +
           line("parallelism", std::string(toString(row.parallelism)));
  }

private:
  std::string line(const char *key, const std::string &value) const {
    std::string text(2 * row.depth, ' ');
    text += key;
    return text + std::string(19 - std::string_view(key).size(), ' ') + value +
           "\n";
  }
  const std::string &rankName(const Row::Loop &loop) const {
    return workload.einsums[loop.einsum].ranks[loop.rank].name;
  }
  /// Each rank once, outermost first; all loops of a chain are over its head.
  std::string partitionedRanks() const {
    std::vector<std::string> names;
    for (const Row::Loop &loop : row.schedule)
      if (std::find(names.begin(), names.end(), rankName(loop)) == names.end())
        names.push_back(rankName(loop));
    std::string text = join(names, ", ");
    return row.schedule.empty()
               ? text
               : text + " of " +
                     workload.einsums[row.schedule.front().einsum].name;
  }
  std::string tileShape() const {
    std::vector<std::string> parts;
    for (const Row::Loop &loop : row.schedule)
      parts.push_back(rankName(loop) + " " + std::to_string(loop.step));
    return join(parts, ", ");
  }
  std::string schedule() const {
    std::vector<std::string> parts;
    for (const Row::Loop &loop : row.schedule)
      parts.push_back(loop.fanout ? rankName(loop) + " over " +
                                        arch.fanouts[*loop.fanout].name
                                  : rankName(loop));
    return join(parts, ", ");
  }
  std::string place(size_t loopsAbove) const {
    if (row.schedule.empty())
      return "";
    return loopsAbove ? "below " + rankName(row.schedule[loopsAbove - 1]) + ": "
                      : "above " + rankName(row.schedule.front()) + ": ";
  }
  /// Neighbours at one level and place share what is said of them.
  std::string retention() const {
    std::string text;
    for (size_t i = 0; i < row.retention.size(); ++i) {
      const Row::Kept &kept = row.retention[i];
      bool isSamePlace =
          i && row.retention[i - 1].loopsAbove == kept.loopsAbove;
      if (isSamePlace)
        text += ", ";
      else
        text += (i ? "; " : "") + place(kept.loopsAbove);
      text += workload.tensors[kept.tensor].name;
      if (kept.noReuse)
        text += " (no reuse)";
      bool isLast = i + 1 == row.retention.size() ||
                    row.retention[i + 1].level != kept.level ||
                    row.retention[i + 1].loopsAbove != kept.loopsAbove;
      if (isLast)
        text += " at " + arch.levels[kept.level].name;
    }
    return text.empty() ? "none" : text;
  }
  std::string intermediates() const {
    std::vector<std::string> parts;
    for (const Row::Intermediate &between : row.intermediates) {
      std::string text = workload.tensors[between.tensor].name + " " +
                         std::string(toString(between.treatment));
      if (between.recompute)
        text += " (" + std::to_string(between.recompute) + " ops again)";
      parts.push_back(std::move(text));
    }
    return join(parts, ", ");
  }

  const Row &row;
  const Workload &workload;
  const Arch &arch;
};

} // namespace

std::vector<DesignRow> looptree::designOf(const Mapping &mapping,
                                          const Workload &workload,
                                          std::span<const int64_t> recompute) {
  RowMaker maker(workload, recompute);
  maker.walk(mapping.root, /*depth=*/0, /*above=*/false);
  return std::move(maker.rows);
}

std::string looptree::toString(const std::vector<DesignRow> &rows,
                               const Workload &workload, const Arch &arch) {
  std::string text;
  for (const DesignRow &row : rows)
    text += (text.empty() ? "" : "\n") + RowPrinter(row, workload, arch).str();
  return text;
}

std::string_view looptree::toString(DesignRow::Treatment treatment) {
  switch (treatment) {
  case DesignRow::Treatment::Retained:
    return "retained";
  case DesignRow::Treatment::Recomputed:
    return "recomputed";
  case DesignRow::Treatment::Unfused:
    return "unfused";
  }
  return "?";
}

std::string_view looptree::toString(DesignRow::Parallelism parallelism) {
  switch (parallelism) {
  case DesignRow::Parallelism::None:
    return "none";
  case DesignRow::Parallelism::Sequential:
    return "sequential";
  case DesignRow::Parallelism::Pipeline:
    return "pipeline";
  }
  return "?";
}

//===- RandomPayload.cpp - A random candidate as a module ----------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RandomPayload.h"

#include <algorithm>

using namespace looptree;
using namespace looptree::test;

namespace {

std::string typeOf(const std::vector<int64_t> &shape) {
  std::string text = "tensor<";
  for (int64_t extent : shape)
    text += std::to_string(extent) + "x";
  return text + "i64>";
}

std::string mapOf(const Einsum &einsum, const std::vector<LinearExpr> &index) {
  std::string text = "affine_map<(";
  for (size_t r = 0; r < einsum.ranks.size(); ++r)
    text += (r ? ", d" : "d") + std::to_string(r);
  text += ") -> (";
  for (size_t d = 0; d < index.size(); ++d) {
    text += d ? ", " : "";
    for (const LinearExpr::Term &term : index[d].terms)
      text += "d" + std::to_string(term.rank) + " * " +
              std::to_string(term.coefficient) + " + ";
    text += std::to_string(index[d].constant);
  }
  return text + ")>";
}

class PayloadWriter {
public:
  explicit PayloadWriter(const Workload &w) : w(w) {}

  std::optional<std::string> write() {
    for (const Einsum &einsum : w.einsums)
      if (!canWrite(einsum))
        return std::nullopt;
    std::string names, types, results, made;
    for (TensorId t = 0; t < w.tensors.size(); ++t) {
      if (!w.producer(t)) {
        names += (names.empty() ? "%T" : ", %T") + std::to_string(t) + ": " +
                 typeOf(w.tensors[t].shape) + " loc(\"" + w.tensors[t].name +
                 "\")";
      } else if (w.tensors[t].kind == TensorKind::Output) {
        results += (results.empty() ? "" : ", ") + typeOf(w.tensors[t].shape);
        made += (made.empty() ? "%T" : ", %T") + std::to_string(t);
      }
    }
    for (const char *function : {"payload", "reference"}) {
      text += std::string("func.func @") + function + "(" + names + ") -> (" +
              results +
              ") {\n  %zero = arith.constant 0 : i64\n"
              "  %least = arith.constant -9223372036854775808 : i64\n";
      for (const Einsum &einsum : w.einsums)
        writeEinsum(einsum);
      text += "  return " + made + " : " + results + "\n}\n";
    }
    return std::move(text);
  }

private:
  /// How far a read leaves its tensor below and above, per dimension.
  std::vector<std::pair<int64_t, int64_t>> padding(const Einsum &einsum,
                                                   const Access &read) const {
    std::vector<std::pair<int64_t, int64_t>> pads;
    for (size_t d = 0; d < read.index.size(); ++d) {
      int64_t least = read.index[d].constant, most = least;
      for (const LinearExpr::Term &term : read.index[d].terms)
        most += term.coefficient * (einsum.ranks[term.rank].extent - 1);
      pads.push_back(
          {std::max<int64_t>(0, -least),
           std::max<int64_t>(0, most + 1 - w.tensors[read.tensor].shape[d])});
    }
    return pads;
  }

  static bool isPadded(const std::vector<std::pair<int64_t, int64_t>> &pads) {
    return std::any_of(pads.begin(), pads.end(),
                       [](auto pad) { return pad.first || pad.second; });
  }

  bool reduces(const Einsum &einsum) const {
    return einsum.write.index.size() < einsum.ranks.size();
  }

  bool canWrite(const Einsum &einsum) const {
    const Tensor &result = w.tensors[einsum.write.tensor];
    for (size_t d = 0; d < einsum.write.index.size(); ++d) {
      const LinearExpr &expr = einsum.write.index[d];
      if (expr.constant != 0 || expr.terms.size() != 1 ||
          expr.terms[0].coefficient != 1 ||
          einsum.ranks[expr.terms[0].rank].extent != result.shape[d])
        return false;
    }
    unsigned inits = 0, others = 0;
    for (const Access &read : einsum.reads) {
      (read.isInit ? inits : others)++;
      auto pads = padding(einsum, read);
      if (read.isInit && (read.index != einsum.write.index || isPadded(pads) ||
                          w.tensors[read.tensor].shape != result.shape))
        return false;
      // Where a loop is an index as it is, linalg takes its extent from there.
      for (size_t d = 0; d < read.index.size(); ++d) {
        const LinearExpr &expr = read.index[d];
        if (expr.terms.size() == 1 && expr.terms[0].coefficient == 1 &&
            expr.constant + pads[d].first == 0 &&
            w.tensors[read.tensor].shape[d] + pads[d].first + pads[d].second !=
                einsum.ranks[expr.terms[0].rank].extent)
          return false;
      }
      // A tensor that is padding alone reads as no tensor.
      if (isPadded(pads) && (!reduces(einsum) || isOutside(einsum, read)))
        return false;
    }
    return inits <= 1 && others > 0;
  }

  bool isOutside(const Einsum &einsum, const Access &read) const {
    for (size_t d = 0; d < read.index.size(); ++d) {
      int64_t least = read.index[d].constant, most = least;
      for (const LinearExpr::Term &term : read.index[d].terms)
        most += term.coefficient * (einsum.ranks[term.rank].extent - 1);
      if (most < 0 || least >= w.tensors[read.tensor].shape[d])
        return true;
    }
    return false;
  }

  std::string fresh() { return "%v" + std::to_string(next++); }

  /// Every other reduction of a single tensor is a maximum, as in a pool.
  bool isMaximum(const Einsum &einsum) const {
    return reduces(einsum) && (&einsum - w.einsums.data()) % 2 == 0 &&
           std::count_if(einsum.reads.begin(), einsum.reads.end(),
                         [](const Access &read) { return !read.isInit; }) == 1;
  }

  /// Reads that are no inits are multiplied; the product is added to what the
  /// result holds where the einsum reduces or has an initial value.
  void writeEinsum(const Einsum &einsum) {
    std::string values, types, maps, body, arguments, product;
    std::string type = typeOf(w.tensors[einsum.write.tensor].shape), init;
    unsigned number = 0;
    std::string start = isMaximum(einsum) ? "%least" : "%zero";
    auto operand = [&](const std::string &value, const std::string &ofType,
                       const std::string &map) {
      values += (values.empty() ? "" : ", ") + value;
      types += (types.empty() ? "" : ", ") + ofType;
      maps += map + ", ";
      arguments += "%x" + std::to_string(number++) + ": i64, ";
    };
    for (const Access &read : einsum.reads) {
      std::string value = "%T" + std::to_string(read.tensor);
      if (read.isInit) {
        init = value;
        continue;
      }
      std::vector<int64_t> shape = w.tensors[read.tensor].shape;
      std::vector<LinearExpr> index = read.index;
      auto pads = padding(einsum, read);
      if (isPadded(pads)) {
        std::string low, high, blocks;
        std::string before = typeOf(shape);
        for (size_t d = 0; d < shape.size(); ++d) {
          low += (d ? ", " : "") + std::to_string(pads[d].first);
          high += (d ? ", " : "") + std::to_string(pads[d].second);
          blocks += (d ? ", %i" : "%i") + std::to_string(d) + ": index";
          shape[d] += pads[d].first + pads[d].second;
          index[d].constant += pads[d].first;
        }
        std::string padded = fresh();
        text += "  " + padded + " = tensor.pad " + value + " low[" + low +
                "] high[" + high + "] {\n  ^bb0(" + blocks +
                "):\n    tensor.yield " + start + " : i64\n  } : " + before +
                " to " + typeOf(shape) + "\n";
        value = padded;
      }
      std::string argument = "%x" + std::to_string(number);
      operand(value, typeOf(shape), mapOf(einsum, index));
      if (product.empty()) {
        product = argument;
        continue;
      }
      std::string now = "%p" + std::to_string(number);
      body += "    " + now + " = arith.muli " + product + ", " + argument +
              " : i64\n";
      product = now;
    }
    // The window: extents that no operand has as they are.
    std::vector<int64_t> extents;
    std::vector<LinearExpr> identity;
    for (RankId r = 0; r < einsum.ranks.size(); ++r) {
      extents.push_back(einsum.ranks[r].extent);
      identity.push_back({{{r, 1}}, 0});
    }
    std::string window = fresh();
    text += "  " + window + " = tensor.empty() : " + typeOf(extents) + "\n";
    operand(window, typeOf(extents), mapOf(einsum, identity));
    if (reduces(einsum) || !init.empty()) {
      body += std::string("    %sum = arith.") +
              (isMaximum(einsum) ? "maxsi" : "addi") + " %out, " + product +
              " : i64\n";
      product = "%sum";
    }
    if (init.empty()) {
      std::string empty = fresh();
      init = fresh();
      text += "  " + empty + " = tensor.empty() : " + type + "\n  " + init +
              " = linalg.fill ins(" + start + " : i64) outs(" + empty + " : " +
              type + ") -> " + type + "\n";
    }
    std::vector<bool> isWritten(einsum.ranks.size(), false);
    for (const LinearExpr &expr : einsum.write.index)
      isWritten[expr.terms[0].rank] = true;
    std::string iterators;
    for (bool parallel : isWritten)
      iterators += std::string(iterators.empty() ? "" : ", ") +
                   (parallel ? "\"parallel\"" : "\"reduction\"");
    text += "  %T" + std::to_string(einsum.write.tensor) +
            " = linalg.generic {indexing_maps = [" + maps +
            mapOf(einsum, einsum.write.index) + "], iterator_types = [" +
            iterators + "]} ins(" + values + " : " + types + ") outs(" + init +
            " : " + type + ") {\n  ^bb0(" + arguments + "%out: i64):\n" + body +
            "    linalg.yield " + product + " : i64\n  } -> " + type +
            " loc(\"" + einsum.name + "\")\n";
  }

  const Workload &w;
  std::string text;
  unsigned next = 0;
};

} // namespace

std::optional<std::string> test::payloadText(const Workload &workload) {
  return PayloadWriter(workload).write();
}

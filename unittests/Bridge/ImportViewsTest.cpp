//===- ImportViewsTest.cpp - Every element is read from where it is -------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Random functions of reshapes, slices, transposes, broadcasts and pads between
// elementwise ops and sums. Every computed element has a number. What the ops
// do to the numbers is known here on its own; the imported accesses, run point
// by point, must move the same numbers.
//
//===----------------------------------------------------------------------===//

#include "looptree/Bridge/Import.h"
#include "looptree/Bridge/LinalgModels.h"
#include "looptree/IR/EinsumOpInterface.h"

#include "Bridge/ImportNames.h"
#include "Random.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Parser/Parser.h"

#include <gtest/gtest.h>

#include <map>
#include <numeric>

using namespace mlir;
using namespace looptree;
using namespace looptree::bridge;
using looptree::test::Random;

namespace {

using Numbers = std::vector<int64_t>;
constexpr int64_t padding = -1;

struct NumberedValue {
  std::vector<int64_t> shape;
  Numbers numbers; ///< Row-major.
};

int64_t product(const std::vector<int64_t> &shape) {
  return std::accumulate(shape.begin(), shape.end(), int64_t(1),
                         std::multiplies<>());
}

/// Calls `visit` with every index of a box, in row-major order.
void forEach(const std::vector<int64_t> &box,
             llvm::function_ref<void(const std::vector<int64_t> &)> visit) {
  std::vector<int64_t> index(box.size());
  for (int64_t i = 0, count = product(box); i < count; ++i) {
    visit(index);
    for (size_t dim = box.size(); dim-- > 0;) {
      if (++index[dim] < box[dim])
        break;
      index[dim] = 0;
    }
  }
}

/// Row-major position, or nothing outside.
std::optional<int64_t> position(const std::vector<int64_t> &index,
                                const std::vector<int64_t> &shape) {
  int64_t at = 0;
  for (size_t dim = 0; dim < shape.size(); ++dim) {
    if (index[dim] < 0 || index[dim] >= shape[dim])
      return std::nullopt;
    at = at * shape[dim] + index[dim];
  }
  return at;
}

std::string typeOf(const std::vector<int64_t> &shape) {
  std::string text = "tensor<";
  for (int64_t extent : shape)
    text += std::to_string(extent) + "x";
  return text + "f32>";
}

std::string list(const std::vector<int64_t> &numbers) {
  std::string text = "[";
  for (size_t i = 0; i < numbers.size(); ++i)
    text += (i ? ", " : "") + std::to_string(numbers[i]);
  return text + "]";
}

/// Writes a function and keeps the numbers of its values.
class RandomFunction {
public:
  explicit RandomFunction(uint64_t seed) : random(seed) {
    std::vector<int64_t> shape(size_t(random.in(0, 3)));
    for (int64_t &extent : shape)
      extent = random.in(1, 4);
    fresh(shape);
    argument = typeOf(shape);
    for (int64_t i = 0, count = random.in(2, 9); i < count; ++i)
      addStep();
    std::string returned, types;
    for (size_t value = 0; value < values.size(); ++value)
      if (value + 1 == values.size() || random.chance(0.2)) {
        returned += (returned.empty() ? "%v" : ", %v") + std::to_string(value);
        types += (types.empty() ? "" : ", ") + typeOf(values[value].shape);
      }
    text = "func.func @f(%v0: " + argument + " loc(\"v0\")) -> (" + types +
           ") {\n%zero = arith.constant 0.0 : f32\n"
           "%one = arith.constant 1.0 : f32\n" +
           body + "return " + returned + " : " + types + "\n}\n";
  }

  std::string text;
  std::vector<NumberedValue> values; ///< v0, v1, ...

private:
  void fresh(std::vector<int64_t> shape) {
    Numbers numbers(product(shape));
    std::iota(numbers.begin(), numbers.end(), next);
    next += int64_t(numbers.size());
    values.push_back({std::move(shape), std::move(numbers)});
  }

  /// Adds a value whose element at an index is `source`'s at another one.
  void shows(
      size_t source, std::vector<int64_t> shape,
      llvm::function_ref<std::vector<int64_t>(std::vector<int64_t>)> toSource) {
    NumberedValue value{std::move(shape), {}};
    forEach(value.shape, [&](const std::vector<int64_t> &index) {
      std::optional<int64_t> at =
          position(toSource(index), values[source].shape);
      value.numbers.push_back(at ? values[source].numbers[*at] : padding);
    });
    values.push_back(std::move(value));
  }

  size_t below(size_t count) {
    return size_t(random.in(0, int64_t(count) - 1));
  }
  std::string name(size_t value) { return "%v" + std::to_string(value); }
  void op(const std::string &op) {
    std::string result = std::to_string(values.size() - 1);
    body += "%v" + result + " = " + op + " loc(\"v" + result + "\")\n";
  }
  std::string empty(const std::vector<int64_t> &shape) {
    std::string result = "%e" + std::to_string(values.size());
    body += result + " = tensor.empty() : " + typeOf(shape) + "\n";
    return result;
  }

  void addStep() {
    // Mostly on the newest value, so that chains grow.
    size_t source =
        random.chance(0.6) ? values.size() - 1 : below(values.size());
    const std::vector<int64_t> shape = values[source].shape;
    const size_t rank = shape.size();
    if (product(shape) > 200)
      return;
    switch (random.in(0, 7)) {
    case 0:
      return rank ? addTransposed(source) : void();
    case 1:
      return addReshaped(source, /*collapse=*/true);
    case 2:
      return addReshaped(source, /*collapse=*/false);
    case 3:
      return rank ? addSlice(source) : void();
    case 4:
      return rank ? addPadded(source) : void();
    case 5:
      return rank < 4 ? addBroadcast(source) : void();
    case 6:
      return addComputed(source, /*reduces=*/false);
    default:
      return addComputed(source, rank > 0);
    }
  }

  void addTransposed(size_t source) {
    const std::vector<int64_t> shape = values[source].shape;
    std::vector<int64_t> order(shape.size()), result;
    std::iota(order.begin(), order.end(), 0);
    random.shuffle(order);
    for (int64_t dim : order)
      result.push_back(shape[dim]);
    std::string out = empty(result);
    shows(source, result, [&](std::vector<int64_t> index) {
      std::vector<int64_t> from(index.size());
      for (size_t dim = 0; dim < index.size(); ++dim)
        from[order[dim]] = index[dim];
      return from;
    });
    op("linalg.transpose ins(" + name(source) + " : " + typeOf(shape) +
       ") outs(" + out + " : " + typeOf(result) +
       ") permutation = " + list(order));
  }

  void addReshaped(size_t source, bool collapse) {
    const std::vector<int64_t> shape = values[source].shape;
    std::vector<int64_t> other;
    std::string groups;
    int64_t dims = 0;
    if (shape.empty())
      return;
    for (size_t dim = 0; dim < shape.size(); ++dim) {
      std::vector<int64_t> group{dims++};
      if (collapse) {
        other.push_back(shape[dim]);
        while (dim + 1 < shape.size() && random.chance(0.5)) {
          other.back() *= shape[++dim];
          group.push_back(dims++);
        }
      } else {
        int64_t rest = shape[dim];
        while (random.chance(0.5) && other.size() < 5) {
          std::vector<int64_t> divisors;
          for (int64_t d = 1; d <= rest; ++d)
            if (rest % d == 0)
              divisors.push_back(d);
          other.push_back(random.of(divisors));
          rest /= other.back();
          group.push_back(dims++);
        }
        other.push_back(rest);
      }
      groups += (groups.empty() ? "" : ", ") + list(group);
    }
    if (other.size() == shape.size())
      return;
    values.push_back({other, values[source].numbers});
    op((collapse ? "tensor.collapse_shape " : "tensor.expand_shape ") +
       name(source) + " [" + groups + "] " +
       (collapse ? "" : "output_shape " + list(other)) + " : " + typeOf(shape) +
       " into " + typeOf(other));
  }

  void addSlice(size_t source) {
    const std::vector<int64_t> shape = values[source].shape;
    std::vector<int64_t> offsets, sizes, strides;
    for (int64_t extent : shape) {
      strides.push_back(random.in(1, 2));
      offsets.push_back(random.in(0, extent - 1));
      int64_t most = (extent - 1 - offsets.back()) / strides.back() + 1;
      sizes.push_back(random.in(1, most));
    }
    shows(source, sizes, [&](std::vector<int64_t> index) {
      for (size_t dim = 0; dim < index.size(); ++dim)
        index[dim] = offsets[dim] + strides[dim] * index[dim];
      return index;
    });
    op("tensor.extract_slice " + name(source) + list(offsets) + " " +
       list(sizes) + " " + list(strides) + " : " + typeOf(shape) + " to " +
       typeOf(sizes));
  }

  void addPadded(size_t source) {
    const std::vector<int64_t> shape = values[source].shape;
    std::vector<int64_t> low, high, result;
    std::string indices;
    for (int64_t extent : shape) {
      low.push_back(random.in(0, 1));
      high.push_back(random.in(0, 2));
      result.push_back(low.back() + extent + high.back());
      std::string number = std::to_string(indices.size());
      indices += (indices.empty() ? "%i" : ", %i") + number + ": index";
    }
    shows(source, result, [&](std::vector<int64_t> index) {
      for (size_t dim = 0; dim < index.size(); ++dim)
        index[dim] -= low[dim];
      return index;
    });
    op("tensor.pad " + name(source) + " low" + list(low) + " high" +
       list(high) + " {\n^bb0(" + indices + "):\n  tensor.yield " +
       (random.chance(0.75) ? "%zero" : "%one") +
       " : f32\n} : " + typeOf(shape) + " to " + typeOf(result));
  }

  void addBroadcast(size_t source) {
    const std::vector<int64_t> shape = values[source].shape;
    int64_t at = random.in(0, int64_t(shape.size()));
    std::vector<int64_t> result = shape;
    result.insert(result.begin() + at, random.in(1, 3));
    std::string out = empty(result);
    shows(source, result, [&](std::vector<int64_t> index) {
      index.erase(index.begin() + at);
      return index;
    });
    op("linalg.broadcast ins(" + name(source) + " : " + typeOf(shape) +
       ") outs(" + out + " : " + typeOf(result) + ") dimensions = [" +
       std::to_string(at) + "]");
  }

  void addComputed(size_t source, bool reduces) {
    const std::vector<int64_t> shape = values[source].shape;
    size_t reduced = reduces ? below(shape.size()) : shape.size();
    std::vector<int64_t> result;
    std::string dims, kept, iterators;
    for (size_t dim = 0; dim < shape.size(); ++dim) {
      std::string d = "d" + std::to_string(dim);
      dims += (dim ? ", " : "") + d;
      iterators += std::string(dim ? ", " : "") +
                   (dim == reduced ? "\"reduction\"" : "\"parallel\"");
      if (dim == reduced)
        continue;
      result.push_back(shape[dim]);
      kept += (kept.empty() ? "" : ", ") + d;
    }
    std::string out = empty(result);
    if (reduces) {
      body += "%f" + std::to_string(values.size()) +
              " = linalg.fill ins(%zero : f32) outs(" + out + " : " +
              typeOf(result) + ") -> " + typeOf(result) + "\n";
      out = "%f" + std::to_string(values.size());
    }
    fresh(result);
    op("linalg.generic {indexing_maps = [affine_map<(" + dims + ") -> (" +
       dims + ")>, affine_map<(" + dims + ") -> (" + kept +
       ")>], iterator_types = [" + iterators + "]} ins(" + name(source) +
       " : " + typeOf(shape) + ") outs(" + out + " : " + typeOf(result) +
       ") {\n^bb0(%in: f32, %out: f32):\n  %x = " +
       (reduces ? "arith.addf %in, %out" : "math.exp %in") +
       " : f32\n  linalg.yield %x : f32\n} -> " + typeOf(result));
  }

  Random random;
  int64_t next = 0;
  std::string body, argument;
};

std::vector<int64_t> at(const std::vector<LinearExpr> &index,
                        const std::vector<int64_t> &point) {
  std::vector<int64_t> result;
  for (const LinearExpr &expr : index) {
    result.push_back(expr.constant);
    for (const LinearExpr::Term &term : expr.terms)
      result.back() += term.coefficient * point[term.rank];
  }
  return result;
}

std::vector<int64_t> at(AffineMap map, const std::vector<int64_t> &point) {
  SmallVector<int64_t, 4> result = map.compose(point);
  return std::vector<int64_t>(result.begin(), result.end());
}

class ImportViewsTest : public testing::Test {
protected:
  ImportViewsTest() {
    DialectRegistry registry;
    registry.insert<arith::ArithDialect, func::FuncDialect, ir::LoopTreeDialect,
                    linalg::LinalgDialect, math::MathDialect,
                    tensor::TensorDialect>();
    registerLinalgModels(registry);
    context.appendDialectRegistry(registry);
    context.loadAllAvailableDialects();
    context.disableMultithreading();
  }

  /// The number of the element that an access takes at a point.
  static int64_t numberAt(const NumberedValue &tensor, const Access &access,
                          const std::vector<int64_t> &point) {
    std::optional<int64_t> place =
        position(at(access.index, point), tensor.shape);
    return place ? tensor.numbers[*place] : padding;
  }

  void check(const RandomFunction &random);

  MLIRContext context;
};

} // namespace

void ImportViewsTest::check(const RandomFunction &random) {
  OwningOpRef<ModuleOp> module =
      parseSourceString<ModuleOp>(random.text, &context);
  ASSERT_TRUE(module);
  auto function = *module->getOps<func::FuncOp>().begin();
  FailureOr<ImportedWorkload> read = importWorkload(function, {});
  ASSERT_TRUE(succeeded(read));
  EXPECT_TRUE(read->barriers.empty());
  const Workload &workload = read->network.workload;
  if (workload.einsums.empty())
    return;
  EXPECT_EQ(workload.check(), std::nullopt);

  auto numbered = [&](Value value) -> const NumberedValue & {
    return random.values[std::stoul(nameIn(value.getLoc()).drop_front().str())];
  };

  std::vector<NumberedValue> stored;
  for (const Tensor &tensor : workload.tensors)
    stored.push_back({tensor.shape, Numbers(product(tensor.shape), -2)});
  Value argument = function.getArgument(0);
  if (auto view = read->views.find(argument); view != read->views.end()) {
    const NumberedValue &value = numbered(argument);
    NumberedValue &tensor = stored[view->second.tensor];
    size_t i = 0;
    forEach(value.shape, [&](const std::vector<int64_t> &index) {
      tensor.numbers[*position(at(view->second.map, index), tensor.shape)] =
          value.numbers[i++];
    });
  }

  for (auto [einsum, op] : llvm::zip_equal(workload.einsums, read->payload)) {
    std::vector<int64_t> extents;
    for (const Rank &rank : einsum.ranks)
      extents.push_back(rank.extent);
    NumberedValue &written = stored[einsum.write.tensor];
    auto generic = dyn_cast<linalg::GenericOp>(op);
    forEach(extents, [&](const std::vector<int64_t> &point) {
      int64_t &number =
          written
              .numbers[*position(at(einsum.write.index, point), written.shape)];
      ASSERT_EQ(einsum.reads.size(), 1u);
      int64_t taken =
          numberAt(stored[einsum.reads[0].tensor], einsum.reads[0], point);
      ASSERT_NE(taken, -2) << einsum.name << " reads what nobody wrote";
      if (!generic) {
        number = taken; // A view that became an einsum.
        return;
      }
      const NumberedValue &operand = numbered(generic.getInputs()[0]);
      ASSERT_EQ(taken, operand.numbers[*position(point, operand.shape)])
          << einsum.name << " reads another element than "
          << "its op";
      const NumberedValue &result = numbered(op->getResult(0));
      number = result.numbers[*position(
          at(generic.getIndexingMapsArray()[1], point), result.shape)];
    });
  }

  // Every value is where its view says.
  for (auto [value, view] : read->views) {
    if (nameIn(value.getLoc()).empty())
      continue;
    const NumberedValue &expected = numbered(value);
    const NumberedValue &tensor = stored[view.tensor];
    size_t i = 0;
    forEach(expected.shape, [&](const std::vector<int64_t> &index) {
      std::optional<int64_t> place =
          position(at(view.map, index), tensor.shape);
      ASSERT_EQ(place ? tensor.numbers[*place] : padding,
                expected.numbers[i++]);
    });
  }
  // What is returned is stored whole.
  for (Value value : function.front().getTerminator()->getOperands()) {
    auto view = read->views.find(value);
    if (view == read->views.end())
      continue;
    const Tensor &tensor = workload.tensors[view->second.tensor];
    EXPECT_EQ(tensor.kind == TensorKind::Intermediate, false);
    EXPECT_EQ(product(tensor.shape), product(numbered(value).shape));
  }
}

TEST_F(ImportViewsTest, randomFunctions) {
  for (uint64_t seed = 0; seed < 2000 && !HasFailure(); ++seed) {
    RandomFunction random(seed);
    SCOPED_TRACE("seed " + std::to_string(seed) + "\n" + random.text);
    check(random);
  }
}

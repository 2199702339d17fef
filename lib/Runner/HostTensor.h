//===- HostTensor.h - A tensor in this process -*- C++ -*- --------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_LIB_RUNNER_HOSTTENSOR_H
#define LOOPTREE_LIB_RUNNER_HOSTTENSOR_H

#include "mlir/IR/AffineMap.h"
#include "mlir/IR/BuiltinTypes.h"

#include <cstdlib>
#include <memory>
#include <optional>

namespace looptree::runner {

enum class HostType { I1, I8, I16, I32, I64, F32, F64 };

/// None when the host has no such type.
std::optional<HostType> hostTypeOf(mlir::Type elementType);
int64_t bytesOf(HostType type);
inline bool isFloat(HostType type) {
  return type == HostType::F32 || type == HostType::F64;
}

/// Row-major elements, of which someone else is the owner.
struct TensorView {
  void *data;
  mlir::RankedTensorType type;
};

/// Dense and row-major. Owns its memory, which is malloc's.
class HostTensor {
public:
  /// Of static shape and a host type; holds zeros.
  explicit HostTensor(mlir::RankedTensorType type);
  /// Takes over memory in which the elements begin at `data`.
  HostTensor(mlir::RankedTensorType type, void *allocated, void *data);

  mlir::RankedTensorType type() const { return shaped; }
  HostType hostType() const { return host; }
  int64_t size() const { return shaped.getNumElements(); }
  void *data() const { return begin; }
  TensorView view() const { return {begin, shaped}; }
  /// The same elements in another shape.
  TensorView viewAs(mlir::RankedTensorType type) const { return {begin, type}; }

  double get(int64_t i) const;
  /// Rounds to the nearest value of a float type; for integers `value` is one.
  void set(int64_t i, double value);

private:
  struct Free {
    void operator()(void *memory) const { std::free(memory); }
  };
  mlir::RankedTensorType shaped;
  HostType host;
  std::unique_ptr<void, Free> memory;
  void *begin;
};

/// The same values in float64; integers stay as they are.
HostTensor toFloat64(const HostTensor &tensor);

/// The tensor of type `type` whose element at an index is that of `tensor` at
/// the index that `map` gives. Both have one element type.
HostTensor permuted(const HostTensor &tensor, mlir::RankedTensorType type,
                    mlir::AffineMap map);

/// Elements whose bits differ. Both are of one type.
int64_t countDifferent(const HostTensor &a, const HostTensor &b);

/// The largest magnitude, infinite when a value is no finite number.
double largestMagnitude(const HostTensor &tensor);

/// The largest distance of two elements, infinite when a value of `a` is no
/// finite number.
double largestDistance(const HostTensor &a, const HostTensor &b);

} // namespace looptree::runner

#endif // LOOPTREE_LIB_RUNNER_HOSTTENSOR_H

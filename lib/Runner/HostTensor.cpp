//===- HostTensor.cpp - A tensor in this process ------------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "HostTensor.h"

#include "mlir/IR/Builders.h"

#include <cmath>
#include <cstring>
#include <limits>

using namespace mlir;
using namespace looptree;
using namespace looptree::runner;

std::optional<HostType> runner::hostTypeOf(Type type) {
  if (type.isF32())
    return HostType::F32;
  if (type.isF64())
    return HostType::F64;
  auto integer = dyn_cast<IntegerType>(type);
  if (!integer || !integer.isSignless())
    return std::nullopt;
  switch (integer.getWidth()) {
  case 1:
    return HostType::I1;
  case 8:
    return HostType::I8;
  case 16:
    return HostType::I16;
  case 32:
    return HostType::I32;
  case 64:
    return HostType::I64;
  default:
    return std::nullopt;
  }
}

int64_t runner::bytesOf(HostType type) {
  switch (type) {
  case HostType::I1:
  case HostType::I8:
    return 1;
  case HostType::I16:
    return 2;
  case HostType::I32:
  case HostType::F32:
    return 4;
  case HostType::I64:
  case HostType::F64:
    return 8;
  }
  return 0;
}

HostTensor::HostTensor(RankedTensorType type)
    : shaped(type), host(*hostTypeOf(type.getElementType())) {
  size_t bytes = size_t(size() * bytesOf(host));
  constexpr size_t kLine = 64;
  memory.reset(std::aligned_alloc(kLine, (bytes / kLine + 1) * kLine));
  begin = memory.get();
  if (!begin)
    llvm::report_fatal_error("no memory for a tensor of " + Twine(bytes) +
                                 " bytes",
                             /*gen_crash_diag=*/false);
  std::memset(begin, 0, bytes);
}

HostTensor::HostTensor(RankedTensorType type, void *allocated, void *data)
    : shaped(type), host(*hostTypeOf(type.getElementType())), memory(allocated),
      begin(data) {}

double HostTensor::get(int64_t i) const {
  switch (host) {
  case HostType::I1:
  case HostType::I8:
    return static_cast<const int8_t *>(begin)[i];
  case HostType::I16:
    return static_cast<const int16_t *>(begin)[i];
  case HostType::I32:
    return static_cast<const int32_t *>(begin)[i];
  case HostType::I64:
    return double(static_cast<const int64_t *>(begin)[i]);
  case HostType::F32:
    return static_cast<const float *>(begin)[i];
  case HostType::F64:
    return static_cast<const double *>(begin)[i];
  }
  return 0;
}

void HostTensor::set(int64_t i, double value) {
  switch (host) {
  case HostType::I1:
  case HostType::I8:
    static_cast<int8_t *>(begin)[i] = int8_t(value);
    break;
  case HostType::I16:
    static_cast<int16_t *>(begin)[i] = int16_t(value);
    break;
  case HostType::I32:
    static_cast<int32_t *>(begin)[i] = int32_t(value);
    break;
  case HostType::I64:
    static_cast<int64_t *>(begin)[i] = int64_t(value);
    break;
  case HostType::F32:
    static_cast<float *>(begin)[i] = float(value);
    break;
  case HostType::F64:
    static_cast<double *>(begin)[i] = value;
    break;
  }
}

HostTensor runner::toFloat64(const HostTensor &tensor) {
  RankedTensorType type = tensor.type();
  if (isFloat(tensor.hostType()))
    type = type.clone(Float64Type::get(type.getContext()));
  HostTensor wide(type);
  if (tensor.hostType() == wide.hostType())
    std::memcpy(wide.data(), tensor.data(),
                size_t(tensor.size() * bytesOf(tensor.hostType())));
  else
    for (int64_t i = 0; i < tensor.size(); ++i)
      wide.set(i, tensor.get(i));
  return wide;
}

HostTensor runner::permuted(const HostTensor &tensor, RankedTensorType type,
                            AffineMap map) {
  HostTensor made(type);
  int64_t bytes = bytesOf(tensor.hostType());
  const auto *from = static_cast<const std::byte *>(tensor.data());
  auto *to = static_cast<std::byte *>(made.data());
  if (map.isIdentity()) {
    std::memcpy(to, from, size_t(made.size() * bytes));
    return made;
  }
  SmallVector<int64_t> index(size_t(type.getRank()), 0);
  for (int64_t i = 0; i < made.size(); ++i) {
    int64_t at = 0;
    for (auto [coordinate, extent] :
         llvm::zip_equal(map.compose(index), tensor.type().getShape()))
      at = at * extent + coordinate;
    std::memcpy(to + i * bytes, from + at * bytes, size_t(bytes));
    for (size_t d = index.size(); d-- > 0;) {
      if (++index[d] < type.getDimSize(unsigned(d)))
        break;
      index[d] = 0;
    }
  }
  return made;
}

int64_t runner::countDifferent(const HostTensor &a, const HostTensor &b) {
  int64_t bytes = bytesOf(a.hostType()), different = 0;
  const auto *left = static_cast<const std::byte *>(a.data());
  const auto *right = static_cast<const std::byte *>(b.data());
  for (int64_t i = 0; i < a.size(); ++i)
    different +=
        std::memcmp(left + i * bytes, right + i * bytes, size_t(bytes)) != 0;
  return different;
}

double runner::largestMagnitude(const HostTensor &tensor) {
  double largest = 0;
  for (int64_t i = 0; i < tensor.size(); ++i) {
    double value = std::abs(tensor.get(i));
    if (!std::isfinite(value))
      return std::numeric_limits<double>::infinity();
    largest = std::max(largest, value);
  }
  return largest;
}

double runner::largestDistance(const HostTensor &a, const HostTensor &b) {
  double largest = 0;
  for (int64_t i = 0; i < a.size(); ++i) {
    double distance = std::abs(a.get(i) - b.get(i));
    if (!std::isfinite(distance))
      return std::numeric_limits<double>::infinity();
    largest = std::max(largest, distance);
  }
  return largest;
}

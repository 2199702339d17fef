//===- InlineVector.h - Short vectors without the heap ------- -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Sets of a few boxes are made and thrown away by the thousand in every
// evaluation; going to the heap for each took half of the time.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_ANALYSIS_INLINEVECTOR_H
#define LOOPTREE_ANALYSIS_INLINEVECTOR_H

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <initializer_list>
#include <memory>
#include <type_traits>

namespace looptree {

/// A vector of trivial values whose first N live inside the object.
template <typename T, unsigned N> class InlineVector {
  static_assert(std::is_trivially_copyable_v<T>);

public:
  InlineVector() = default;
  explicit InlineVector(size_t n, const T &value = T()) { resize(n, value); }
  InlineVector(const InlineVector &other) { assign(other); }
  InlineVector(InlineVector &&other) noexcept { steal(other); }
  InlineVector &operator=(const InlineVector &other) {
    if (this != &other)
      assign(other);
    return *this;
  }
  InlineVector &operator=(InlineVector &&other) noexcept {
    if (this != &other)
      steal(other);
    return *this;
  }

  size_t size() const { return count; }
  bool empty() const { return count == 0; }
  T *data() { return heap ? heap.get() : reinterpret_cast<T *>(inlined); }
  const T *data() const {
    return heap ? heap.get() : reinterpret_cast<const T *>(inlined);
  }
  T *begin() { return data(); }
  T *end() { return data() + count; }
  const T *begin() const { return data(); }
  const T *end() const { return data() + count; }
  T &operator[](size_t i) { return data()[i]; }
  const T &operator[](size_t i) const { return data()[i]; }
  T &back() { return data()[count - 1]; }

  void clear() { count = 0; }
  void push_back(const T &value) {
    T copy = value; // `value` may be an element.
    reserve(count + 1);
    data()[count++] = copy;
  }
  /// [from, from + n) must not be part of this vector.
  void append(const T *from, size_t n) {
    reserve(count + n);
    std::copy_n(from, n, data() + count);
    count += n;
  }
  void resize(size_t n, const T &value = T()) {
    reserve(n);
    if (n > count)
      std::fill(data() + count, data() + n, value);
    count = n;
  }

  friend bool operator==(const InlineVector &a, const InlineVector &b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
  }

private:
  void reserve(size_t n) {
    if (n <= capacity)
      return;
    size_t larger = std::max<size_t>(n, capacity * 2);
    auto fresh = std::make_unique_for_overwrite<T[]>(larger);
    std::copy_n(data(), count, fresh.get());
    heap = std::move(fresh);
    capacity = larger;
  }
  void assign(const InlineVector &other) {
    count = 0;
    append(other.data(), other.count);
  }
  void steal(InlineVector &other) {
    if (other.heap) {
      heap = std::move(other.heap);
      capacity = other.capacity;
      count = other.count;
      other.capacity = N;
    } else {
      assign(other);
    }
    other.count = 0;
  }

  size_t count = 0, capacity = N;
  std::unique_ptr<T[]> heap;
  alignas(T) std::byte inlined[N * sizeof(T)];
};

} // namespace looptree

#endif // LOOPTREE_ANALYSIS_INLINEVECTOR_H

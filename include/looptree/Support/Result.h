//===- Result.h - A value or the reason there is none -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The model reports failure by value: no exceptions, no global state. An error
// is one sentence that names the thing, the place and the numbers.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_SUPPORT_RESULT_H
#define LOOPTREE_SUPPORT_RESULT_H

#include <cassert>
#include <string>
#include <utility>
#include <variant>

namespace looptree {

/// Why there is no value: one sentence, no trailing period.
struct Error {
  std::string message;
};

/// A value of type T, or an Error.
///
///     Result<Plan> plan = compile(workload, arch, mapping);
///     if (!plan)
///       return plan.error();
///     use(*plan);
template <typename T> class [[nodiscard]] Result {
public:
  Result(T value) : storage(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : storage(std::in_place_index<1>, std::move(error)) {}

  explicit operator bool() const { return storage.index() == 0; }
  T &operator*() { return std::get<0>(storage); }
  const T &operator*() const { return std::get<0>(storage); }
  T *operator->() { return &std::get<0>(storage); }
  const T *operator->() const { return &std::get<0>(storage); }
  const Error &error() const { return std::get<1>(storage); }

private:
  std::variant<T, Error> storage;
};

} // namespace looptree

#endif // LOOPTREE_SUPPORT_RESULT_H

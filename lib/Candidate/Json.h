//===- Json.h - The JSON value of the writers -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_LIB_CANDIDATE_JSON_H
#define LOOPTREE_LIB_CANDIDATE_JSON_H

#include <nlohmann/json.hpp>

#include <string>

namespace looptree::candidate {

/// Keys keep the order in which they are set.
using Json = nlohmann::ordered_json;

/// One line; bytes that are not UTF-8 become U+FFFD instead of an exception.
inline std::string toLine(const Json &json) {
  return json.dump(/*indent=*/-1, /*indent_char=*/' ', /*ensure_ascii=*/false,
                   Json::error_handler_t::replace);
}

} // namespace looptree::candidate

#endif // LOOPTREE_LIB_CANDIDATE_JSON_H

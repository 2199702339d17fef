//===- Document.h - A parsed YAML or JSON text -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The reader's own tree: strings with places, no YAML library in sight. Scalars
// keep their text, so that numbers can be read exactly.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_LIB_CANDIDATE_DOCUMENT_H
#define LOOPTREE_LIB_CANDIDATE_DOCUMENT_H

#include "looptree/Support/Result.h"

#include <string>
#include <string_view>
#include <vector>

namespace looptree::candidate {

/// A node of the text, with the place where it begins (counted from 1).
struct Value {
  enum class Kind { Null, Scalar, List, Map };
  Kind kind = Kind::Null;
  unsigned line = 1, column = 1;
  std::string text;    ///< Of a scalar, as written.
  bool quoted = false; ///< "8" is a string, 8 is a number.
  /// Items of a list; keys and values of a map in turn.
  std::vector<Value> items;
};

/// "name:line:column: message".
Error errorAt(std::string_view name, unsigned line, unsigned column,
              const std::string &message);

/// A longer text is refused before it is parsed.
constexpr size_t kMaxTextBytes = size_t(64) << 20;
std::string tooLong(); ///< What is said then.

/// Reads a text that holds one document. Fails on anything that is not YAML, on
/// aliases (a small text could stand for a huge value), on nesting deeper than
/// 256, on more than a million values and on a text of more than kMaxTextBytes:
/// reading takes a few seconds and less than 1 GB whatever the text.
/// `firstLine` is the number of the text's first line in its file.
Result<Value> parseDocument(std::string_view text, std::string_view name,
                            unsigned firstLine = 1);

} // namespace looptree::candidate

#endif // LOOPTREE_LIB_CANDIDATE_DOCUMENT_H

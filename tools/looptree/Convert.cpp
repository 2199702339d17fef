//===- Convert.cpp - Handing a file to the MLIR side -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Driver.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iostream>

#include <unistd.h>

using namespace looptree;

int driver::convert(const std::string &file,
                    std::optional<Convention> convention) {
  // It is installed in the folder of this program.
  std::error_code error;
  std::filesystem::path self =
      std::filesystem::read_symlink("/proc/self/exe", error);
  std::string program = (self.parent_path() / "looptree-translate").string();
  bool isModule = file.ends_with(".mlir") || file.ends_with(".mlirbc");
  const char *way = isModule ? "--mlir-to-candidate" : "--candidate-to-mlir";
  // Without an argument the list of arguments ends there.
  std::string argument;
  if (convention)
    argument = "--convention=" + std::string(toString(*convention));
  execl(program.c_str(), "looptree-translate", way, file.c_str(),
        convention ? argument.c_str() : nullptr, static_cast<char *>(nullptr));
  std::cerr << "looptree: error: cannot start " << program << ": "
            << std::strerror(errno) << "\n";
  return 1;
}

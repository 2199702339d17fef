//===- Convert.cpp - Handing files to the MLIR side -*- C++ -*-===//
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

#include <sys/wait.h>
#include <unistd.h>

using namespace looptree;

/// Becomes a program that is installed in the folder of this one; returns only
/// when there is none. `name` is what it calls itself.
static void become(const std::string &tool, std::string name,
                   std::vector<std::string> arguments) {
  std::error_code error;
  std::filesystem::path self =
      std::filesystem::read_symlink("/proc/self/exe", error);
  std::string program = (self.parent_path() / tool).string();
  std::vector<char *> argv{name.data()};
  for (std::string &argument : arguments)
    argv.push_back(argument.data());
  argv.push_back(nullptr);
  execv(program.c_str(), argv.data());
  std::cerr << "looptree: error: cannot start " << program << ": "
            << std::strerror(errno) << "\n";
}

static void becomeTranslate(const std::vector<std::string> &arguments) {
  become("looptree-translate", "looptree-translate", arguments);
}

int driver::runModule(const std::vector<std::string> &arguments) {
  become("looptree-run", "looptree run", arguments);
  return 1;
}

/// Runs looptree-translate on some input and gives its output.
static Result<std::string>
runTranslate(const std::vector<std::string> &arguments,
             const std::string &input) {
  int in[2], out[2];
  if (pipe(in) != 0)
    return Error{std::string("cannot make a pipe: ") + std::strerror(errno)};
  if (pipe(out) != 0) {
    close(in[0]);
    close(in[1]);
    return Error{std::string("cannot make a pipe: ") + std::strerror(errno)};
  }
  pid_t child = fork();
  if (child == 0) {
    dup2(in[0], STDIN_FILENO);
    dup2(out[1], STDOUT_FILENO);
    for (int end : {in[0], in[1], out[0], out[1]})
      close(end);
    becomeTranslate(arguments);
    _exit(127);
  }
  close(in[0]);
  close(out[1]);
  // It reads all of its input before it writes.
  for (size_t done = 0; child > 0 && done < input.size();) {
    ssize_t count = write(in[1], input.data() + done, input.size() - done);
    if (count < 0)
      break;
    done += size_t(count);
  }
  close(in[1]);
  std::string output;
  char buffer[4096];
  for (ssize_t count;
       child > 0 && (count = read(out[0], buffer, sizeof buffer)) > 0;)
    output.append(buffer, size_t(count));
  close(out[0]);
  int status = 1;
  if (child < 0 || waitpid(child, &status, 0) != child)
    return Error{std::string("cannot start looptree-translate: ") +
                 std::strerror(errno)};
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    return Error{"looptree-translate failed"};
  return output;
}

int driver::convert(const std::string &file,
                    std::optional<Convention> convention) {
  bool isModule = file.ends_with(".mlir") || file.ends_with(".mlirbc");
  std::vector<std::string> arguments{
      isModule ? "--mlir-to-candidate" : "--candidate-to-mlir", file};
  if (convention)
    arguments.push_back("--convention=" + std::string(toString(*convention)));
  becomeTranslate(arguments);
  return 1;
}

std::optional<std::string> driver::writeModule(const std::string &candidates,
                                               const std::string &file) {
  auto output =
      runTranslate({"--candidate-to-mlir", "-", "-o", file}, candidates);
  if (!output)
    return file + ": " + output.error().message;
  return std::nullopt;
}

Result<std::string> driver::problemOfModule(const std::string &file,
                                            const std::string &workload) {
  std::vector<std::string> arguments{"--mlir-to-problem", file};
  if (!workload.empty())
    arguments.push_back("--workload=" + workload);
  auto output = runTranslate(arguments, "");
  if (!output)
    return Error{file +
                 ": cannot be read as a problem: " + output.error().message};
  return output;
}

Result<SearchProblem> driver::readProblemOf(const ProblemRequest &request) {
  bool isModule =
      request.file.ends_with(".mlir") || request.file.ends_with(".mlirbc");
  Result<std::string> text =
      isModule ? problemOfModule(request.file, request.workload)
               : readFile(request.file);
  if (!text)
    return text.error();
  return readProblem(*text, request.file, request.options);
}

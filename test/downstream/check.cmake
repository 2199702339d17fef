# Installs the build, moves the prefix, and lets the project beside this file
# find, build and run against it. Called by ctest with BUILD, WORK, COMPILER,
# FLAGS and GENERATOR.
function(run)
  execute_process(COMMAND ${ARGV} RESULT_VARIABLE code
    OUTPUT_VARIABLE out ERROR_VARIABLE out)
  if(code)
    string(REPLACE ";" " " command "${ARGV}")
    message(FATAL_ERROR "${command}\nexited with ${code}:\n${out}")
  endif()
endfunction()

file(REMOVE_RECURSE ${WORK})
run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${WORK}/first)
file(RENAME ${WORK}/first ${WORK}/prefix)

# Nothing installed remembers where it was built.
get_filename_component(source ${CMAKE_CURRENT_LIST_DIR}/../.. ABSOLUTE)
file(GLOB_RECURSE texts ${WORK}/prefix/*.cmake ${WORK}/prefix/*.h
  ${WORK}/prefix/*.inc)
foreach(text ${texts})
  file(READ ${text} content)
  foreach(path ${source} ${BUILD} ${WORK})
    string(FIND "${content}" "${path}/" at)
    if(NOT at EQUAL -1)
      message(FATAL_ERROR "${text} names ${path}")
    endif()
  endforeach()
endforeach()

run(${CMAKE_COMMAND} -S ${CMAKE_CURRENT_LIST_DIR} -B ${WORK}/build
  -G ${GENERATOR} -DCMAKE_PREFIX_PATH=${WORK}/prefix
  -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_COMPILER=${COMPILER}
  "-DCMAKE_CXX_FLAGS=${FLAGS}")
run(${CMAKE_COMMAND} --build ${WORK}/build)

# expect(program "what it prints" argument...)
function(expect program text)
  execute_process(COMMAND ${WORK}/build/${program} ${ARGN} RESULT_VARIABLE code
    OUTPUT_VARIABLE out ERROR_VARIABLE err)
  if(code OR NOT out STREQUAL "${text}\n")
    message(FATAL_ERROR "${program} exited with ${code} and printed\n${out}"
      "${err}\nnot\n${text}")
  endif()
endfunction()
expect(evaluate-pair
  "ops 54 48, GLB 192 bits, off chip 336 bits, 102 cycles")
expect(check-module "3 mappings, 0 with a cost"
  ${source}/test/IR/ops-roundtrip.mlir "builtin.module(strip-costs)")

# The example of a project that goes on from lowered code tests itself.
run(${CMAKE_COMMAND} -S ${source}/examples/accelerator -B ${WORK}/accelerator
  -G ${GENERATOR} -DCMAKE_PREFIX_PATH=${WORK}/prefix
  -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_COMPILER=${COMPILER}
  "-DCMAKE_CXX_FLAGS=${FLAGS}")
run(${CMAKE_COMMAND} --build ${WORK}/accelerator --target check)

# Helpers that every room's CMakeLists.txt uses. A room's folder is called as
# its library without the prefix: lib/Workload makes LoopTreeWorkload.

# Sanitizers reach everything we compile, and the downstream test's programs.
set(LOOPTREE_SANITIZE "" CACHE STRING
  "Comma-separated list for -fsanitize= (the preset `asan` sets it)")
if(LOOPTREE_SANITIZE)
  add_compile_options(-fsanitize=${LOOPTREE_SANITIZE} -fno-omit-frame-pointer
    -fno-sanitize-recover=undefined)
  add_link_options(-fsanitize=${LOOPTREE_SANITIZE})
endif()

set(LOOPTREE_INCLUDE_DIRS
  ${PROJECT_SOURCE_DIR}/include ${PROJECT_BINARY_DIR}/include)

# A room without sources is a room of headers.
function(looptree_add_library_ room set)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK;PRIVATE;DEPENDS" ${ARGN})
  set(name LoopTree${room})
  list(TRANSFORM ARG_LINK PREPEND LoopTree)
  if(ARG_SOURCES)
    set(scope PUBLIC)
    add_library(${name} STATIC ${ARG_SOURCES})
    target_link_libraries(${name} PUBLIC ${ARG_LINK} PRIVATE ${ARG_PRIVATE})
    target_compile_options(${name} PRIVATE -Wall -Wextra)
  else()
    set(scope INTERFACE)
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE ${ARG_LINK})
  endif()
  target_include_directories(${name} ${scope}
    "$<BUILD_INTERFACE:${LOOPTREE_INCLUDE_DIRS}>"
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_compile_features(${name} ${scope} cxx_std_20)
  if(ARG_DEPENDS)
    add_dependencies(${name} ${ARG_DEPENDS})
  endif()
  set_target_properties(${name} PROPERTIES EXPORT_NAME ${room})
  install(TARGETS ${name} EXPORT LoopTree${set}Targets
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
  set_property(GLOBAL APPEND PROPERTY LOOPTREE_${set}_LIBRARIES ${room})
endfunction()

# A library of the model: plain C++20, linked against neither MLIR nor LLVM.
#   looptree_model_library(Workload SOURCES Workload.cpp LINK Support)
# makes LoopTreeWorkload and links LoopTreeSupport. PRIVATE takes targets of
# other packages.
function(looptree_model_library room)
  looptree_add_library_(${room} Model ${ARGN})
endfunction()

# How a target on the MLIR side compiles and links: RTTI as in Debian's LLVM,
# no exceptions, and only the shared `MLIR` and `LLVM`. The component archives
# (MLIRIR, ...) would put a second copy of MLIR into the process.
function(looptree_use_mlir target)
  target_include_directories(${target} SYSTEM PUBLIC
    "$<BUILD_INTERFACE:${MLIR_INCLUDE_DIRS};${LLVM_INCLUDE_DIRS}>")
  target_compile_definitions(${target} PRIVATE ${LLVM_DEFINITIONS_LIST})
  target_compile_options(${target} PRIVATE -fno-exceptions
    -Wno-unused-parameter)
  target_link_libraries(${target} PUBLIC MLIR LLVM)
endfunction()
separate_arguments(LLVM_DEFINITIONS_LIST NATIVE_COMMAND "${LLVM_DEFINITIONS}")

# A library that sees MLIR.
#   looptree_mlir_library(IR SOURCES Dialect.cpp DEPENDS LoopTreeOpsIncGen)
# DEPENDS names tablegen targets; LINK and PRIVATE are as above.
function(looptree_mlir_library room)
  looptree_add_library_(${room} MLIR ${ARGN})
  looptree_use_mlir(LoopTree${room})
endfunction()

# A program in build/bin.
#   looptree_tool(looptree-opt MLIR SOURCES looptree-opt.cpp LINK Transforms)
# MLIR is left out for programs of the model.
function(looptree_tool name)
  cmake_parse_arguments(ARG "MLIR" "" "SOURCES;LINK;PRIVATE" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  list(TRANSFORM ARG_LINK PREPEND LoopTree)
  target_link_libraries(${name} PRIVATE ${ARG_LINK} ${ARG_PRIVATE})
  target_include_directories(${name} PRIVATE ${LOOPTREE_INCLUDE_DIRS})
  target_compile_options(${name} PRIVATE -Wall -Wextra)
  if(ARG_MLIR)
    looptree_use_mlir(${name})
    if(LOOPTREE_SANITIZE)
      target_sources(${name} PRIVATE
        ${PROJECT_SOURCE_DIR}/utils/cmake/SanitizerDefaults.cpp)
    endif()
  endif()
  install(TARGETS ${name} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  set_property(GLOBAL APPEND PROPERTY LOOPTREE_TEST_DEPENDENCIES ${name})
endfunction()

# The unit tests of a room, one ctest per case.
#   looptree_unittest(Workload SOURCES WorkloadTest.cpp LINK Workload)
# makes LoopTreeWorkloadTests in build/unittests, which may include private
# headers as "Workload/Header.h". MLIR as above.
function(looptree_unittest room)
  cmake_parse_arguments(ARG "MLIR" "" "SOURCES;LINK;PRIVATE" ${ARGN})
  set(name LoopTree${room}Tests)
  add_executable(${name} ${ARG_SOURCES})
  set_target_properties(${name} PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/unittests)
  list(TRANSFORM ARG_LINK PREPEND LoopTree)
  target_link_libraries(${name} PRIVATE ${ARG_LINK} ${ARG_PRIVATE}
    GTest::gmock GTest::gtest GTest::gtest_main)
  target_include_directories(${name} PRIVATE
    ${LOOPTREE_INCLUDE_DIRS} ${PROJECT_SOURCE_DIR}/lib)
  target_compile_options(${name} PRIVATE -Wall -Wextra)
  if(ARG_MLIR)
    looptree_use_mlir(${name})
    if(LOOPTREE_SANITIZE)
      target_sources(${name} PRIVATE
        ${PROJECT_SOURCE_DIR}/utils/cmake/SanitizerDefaults.cpp)
    endif()
  endif()
  gtest_discover_tests(${name} TEST_PREFIX "${room}." DISCOVERY_TIMEOUT 120
    PROPERTIES LABELS unit)
  set_property(GLOBAL APPEND PROPERTY LOOPTREE_TEST_DEPENDENCIES ${name})
endfunction()

# Helpers that every room's CMakeLists.txt uses.

# A library of the model: plain C++20, linked against neither MLIR nor LLVM.
#   looptree_model_library(Workload SOURCES Workload.cpp LINK Support)
# makes LoopTreeWorkload and links LoopTreeSupport.
function(looptree_model_library room)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK;PRIVATE" ${ARGN})
  add_library(LoopTree${room} STATIC ${ARG_SOURCES})
  target_include_directories(LoopTree${room} PUBLIC
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
    $<INSTALL_INTERFACE:include>)
  list(TRANSFORM ARG_LINK PREPEND LoopTree)
  target_link_libraries(LoopTree${room} PUBLIC ${ARG_LINK} PRIVATE ${ARG_PRIVATE})
  target_compile_options(LoopTree${room} PRIVATE -Wall -Wextra)
  set_property(GLOBAL APPEND PROPERTY LOOPTREE_MODEL_LIBRARIES LoopTree${room})
endfunction()

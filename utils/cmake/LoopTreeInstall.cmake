# What `cmake --install` leaves besides programs and libraries: headers, and
# the package that find_package(LoopTree) finds.
include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/LoopTree)

install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/looptree
                  ${PROJECT_BINARY_DIR}/include/looptree
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} OPTIONAL
  FILES_MATCHING PATTERN *.h PATTERN *.td PATTERN *.inc
  PATTERN CMakeFiles EXCLUDE)

get_property(LOOPTREE_MLIR_LIBRARIES GLOBAL PROPERTY LOOPTREE_MLIR_LIBRARIES)
install(EXPORT LoopTreeModelTargets NAMESPACE LoopTree::
  DESTINATION ${package_dir})
if(LOOPTREE_MLIR_LIBRARIES)
  install(EXPORT LoopTreeMLIRTargets NAMESPACE LoopTree::
    DESTINATION ${package_dir})
endif()

configure_package_config_file(
  ${CMAKE_CURRENT_LIST_DIR}/LoopTreeConfig.cmake.in
  ${PROJECT_BINARY_DIR}/LoopTreeConfig.cmake
  INSTALL_DESTINATION ${package_dir} NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(
  ${PROJECT_BINARY_DIR}/LoopTreeConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES
  ${PROJECT_BINARY_DIR}/LoopTreeConfig.cmake
  ${PROJECT_BINARY_DIR}/LoopTreeConfigVersion.cmake
  DESTINATION ${package_dir})
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE
  DESTINATION ${CMAKE_INSTALL_DOCDIR})

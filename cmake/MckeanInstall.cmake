# cmake --install: the program with its manual page and completions, headers under include/mckean-MAJOR, the static
# libraries and a CMake package.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(libraries mckean_formulas mckean_cpu mckean_host)
if(MCKEAN_HAS_CUDA)
  list(APPEND libraries mckean_cuda)
endif()
install(TARGETS mckean ${libraries} EXPORT mckean-targets)
set_target_properties(mckean_host PROPERTIES EXPORT_NAME library)

set(header_dir ${CMAKE_INSTALL_INCLUDEDIR}/mckean-${PROJECT_VERSION_MAJOR})
install(DIRECTORY include/mckean DESTINATION ${header_dir} FILES_MATCHING PATTERN *.hpp)
install(DIRECTORY kernels DESTINATION ${header_dir} FILES_MATCHING PATTERN *.hpp PATTERN *.cuh)
install(DIRECTORY host DESTINATION ${header_dir} FILES_MATCHING PATTERN *.hpp PATTERN cli EXCLUDE)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/mckean)
install(EXPORT mckean-targets NAMESPACE mckean:: DESTINATION ${package_dir})
configure_package_config_file(cmake/mckean-config.cmake.in mckean-config.cmake
  INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(mckean-config-version.cmake COMPATIBILITY SameMajorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/mckean-config.cmake
  ${CMAKE_CURRENT_BINARY_DIR}/mckean-config-version.cmake DESTINATION ${package_dir})

# The program writes its manual page and completions from its table of options.
install(CODE "
  foreach(part \"man;mckean.1\" \"completion;bash;mckean.bash\" \"completion;zsh;_mckean\")
    list(POP_BACK part file)
    execute_process(COMMAND \"$<TARGET_FILE:mckean>\" \${part} COMMAND_ERROR_IS_FATAL ANY
      OUTPUT_FILE \"${CMAKE_CURRENT_BINARY_DIR}/\${file}\")
  endforeach()
")
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/mckean.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/mckean.bash RENAME mckean
  DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/_mckean
  DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)

# cmake --install: the program with its manual page and completions, the public headers under include/mckean-MAJOR, the
# static libraries and a CMake package whose one target that a user names is mckean::mckean.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(libraries mckean_formulas mckean_cpu mckean_host)
if(MCKEAN_HAS_CUDA)
  list(APPEND libraries mckean_cuda)
endif()
install(TARGETS mckean)
install(TARGETS ${libraries} EXPORT mckean-targets)
set_target_properties(mckean_host PROPERTIES EXPORT_NAME mckean)

set(header_dir ${CMAKE_INSTALL_INCLUDEDIR}/mckean-${PROJECT_VERSION_MAJOR})
install(DIRECTORY include/mckean DESTINATION ${header_dir} FILES_MATCHING PATTERN *.hpp)
if(MCKEAN_HAS_CUDA)
  install(DIRECTORY include/mckean DESTINATION ${header_dir} FILES_MATCHING PATTERN *.cuh)
  # The kernels that a user's own activation is compiled into: what <mckean/cuda.cuh> includes, and nothing else.
  set(detail_headers)
  set(pending kernels/cuda/sampled_field_launch.cuh)
  while(pending)
    list(POP_FRONT pending header)
    list(APPEND detail_headers ${header})
    file(STRINGS ${header} includes REGEX "^#include \"kernels/")
    list(TRANSFORM includes REPLACE "^#include \"([^\"]*)\".*" "\\1")
    list(REMOVE_ITEM includes ${detail_headers} ${pending})
    list(APPEND pending ${includes})
  endwhile()
  foreach(header ${detail_headers})
    get_filename_component(folder ${header} DIRECTORY)
    install(FILES ${header} DESTINATION ${header_dir}/mckean/detail/${folder})
  endforeach()
  target_include_directories(mckean_cuda INTERFACE
    $<INSTALL_INTERFACE:include/mckean-${PROJECT_VERSION_MAJOR}/mckean/detail>)
endif()

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

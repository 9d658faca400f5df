# Flags that every target of the project is built with. No fast-math: results are the source's.
add_library(mckean_options INTERFACE)
target_compile_options(mckean_options INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wpedantic -Wshadow>)
if(MCKEAN_SANITIZE)
  target_compile_options(mckean_options INTERFACE
    $<$<COMPILE_LANGUAGE:CXX>:-fsanitize=${MCKEAN_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer>)
  target_link_options(mckean_options INTERFACE -fsanitize=${MCKEAN_SANITIZE})
endif()

find_package(OpenMP REQUIRED COMPONENTS CXX)
if(MCKEAN_RELOCATABLE)
  # libgomp and the vector functions of libm as archives; -static-libgcc and -static-libstdc++ for the rest of the
  # compiler's run time.
  foreach(library gomp mvec)
    execute_process(COMMAND ${CMAKE_CXX_COMPILER} -print-file-name=lib${library}.a
      OUTPUT_VARIABLE ${library}_archive OUTPUT_STRIP_TRAILING_WHITESPACE)
    if(NOT EXISTS "${${library}_archive}")
      set(${library}_archive "")
    endif()
  endforeach()
  target_compile_options(mckean_options INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-fopenmp>)
  target_link_options(mckean_options INTERFACE -static-libgcc -static-libstdc++)
  target_link_libraries(mckean_options INTERFACE ${gomp_archive} ${mvec_archive})
else()
  target_link_libraries(mckean_options INTERFACE OpenMP::OpenMP_CXX)
endif()

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
  # libgomp as an archive; -static-libgcc and -static-libstdc++ for the rest of the compiler's run time. The vector
  # functions of libm cannot be linked so, and are done without.
  execute_process(COMMAND ${CMAKE_CXX_COMPILER} -print-file-name=libgomp.a
    OUTPUT_VARIABLE gomp_archive OUTPUT_STRIP_TRAILING_WHITESPACE)
  target_compile_definitions(mckean_options INTERFACE MCKEAN_NO_VECTOR_LIBM)
  target_compile_options(mckean_options INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-fopenmp>)
  target_link_options(mckean_options INTERFACE -static-libgcc -static-libstdc++)
  target_link_libraries(mckean_options INTERFACE ${gomp_archive})
else()
  target_link_libraries(mckean_options INTERFACE OpenMP::OpenMP_CXX)
endif()

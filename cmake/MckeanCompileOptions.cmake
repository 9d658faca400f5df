# Flags that every target of the project is built with. No fast-math: results are the source's.
add_library(mckean_options INTERFACE)
target_compile_options(mckean_options INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wpedantic -Wshadow>)
if(MCKEAN_SANITIZE)
  target_compile_options(mckean_options INTERFACE
    $<$<COMPILE_LANGUAGE:CXX>:-fsanitize=${MCKEAN_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer>)
  target_link_options(mckean_options INTERFACE -fsanitize=${MCKEAN_SANITIZE})
endif()

find_package(Threads REQUIRED)
target_link_libraries(mckean_options INTERFACE Threads::Threads)
if(MCKEAN_RELOCATABLE)
  # The compiler's run time as archives. The vector functions of libm cannot be linked so, and are done without.
  target_compile_definitions(mckean_options INTERFACE MCKEAN_NO_VECTOR_LIBM)
  target_link_options(mckean_options INTERFACE -static-libgcc -static-libstdc++)
endif()

# Libraries from the system's packages; Debian's names are in scripts/install-dependencies.sh.
find_package(CLI11 REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(Eigen3 REQUIRED NO_MODULE)
# Boost.Math, headers only.
find_package(Boost REQUIRED)
# The archive where the program is to need no other library.
set(ZLIB_USE_STATIC_LIBS ${MCKEAN_RELOCATABLE})
find_package(ZLIB REQUIRED)
find_path(TOMLPLUSPLUS_INCLUDE_DIR toml++/toml.h REQUIRED)
# Highway, headers only: its own dispatch alone would want libhwy.
find_path(HIGHWAY_INCLUDE_DIR hwy/foreach_target.h REQUIRED)
add_library(mckean_toml INTERFACE)
target_include_directories(mckean_toml SYSTEM INTERFACE ${TOMLPLUSPLUS_INCLUDE_DIR})
if(MCKEAN_TESTS)
  find_package(GTest REQUIRED)
  find_package(Boost REQUIRED COMPONENTS context)
endif()
if(MCKEAN_BENCH)
  find_package(benchmark REQUIRED)
endif()

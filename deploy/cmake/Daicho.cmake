# Build conventions of the whole tree: language, warnings, sanitizers, and four functions that declare targets.
set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O1 -g1")
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)

# Paths relative to the source tree in messages and debug data: builds repeat, and ccache is shared between trees.
add_compile_options(-ffile-prefix-map=${PROJECT_SOURCE_DIR}/=)
find_program(DAICHO_CCACHE ccache)
if(DAICHO_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1
                                  CCACHE_SLOPPINESS=pch_defines,time_macros ${DAICHO_CCACHE})
endif()

if(DAICHO_SANITIZE)
  add_compile_options(-fsanitize=${DAICHO_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${DAICHO_SANITIZE})
else()
  # Hardening of what ships (Debian's dpkg-buildflags hardening=+all).
  add_compile_options(-fstack-protector-strong -fstack-clash-protection -fcf-protection)
  if(CMAKE_BUILD_TYPE STREQUAL "Release")
    add_compile_options($<$<CONFIG:Release>:-U_FORTIFY_SOURCE> $<$<CONFIG:Release>:-D_FORTIFY_SOURCE=2>)
  endif()
  add_link_options(-Wl,-z,relro,-z,now)
endif()
if(DAICHO_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
add_compile_options(-ffunction-sections -fdata-sections)
add_link_options(-Wl,--gc-sections)

set(DAICHO_WARNINGS -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wnon-virtual-dtor
                    -Woverloaded-virtual -Werror)

find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
include(Requirements)
find_package(OpenSSL 3.0 REQUIRED)
find_package(Protobuf REQUIRED)  # module mode: Debian's package has no CMake config

# The sanitizers' builds are as large as the release build and nobody ships them: what many files include is parsed
# once, and the tests' own code is not optimized. A file that does not include what it uses fails in the release build.
if(DAICHO_SANITIZE)
  set(DAICHO_TESTS_OPTIONS -O0)
  set(DAICHO_PARSED_ONCE <algorithm> <atomic> <chrono> <filesystem> <fstream> <functional> <map> <memory> <mutex>
                         <optional> <random> <set> <span> <sstream> <string> <string_view> <unordered_map> <utility>
                         <vector>)
  file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/parsed_once.cc CONTENT "int main() {}\n")
  add_library(daicho_parsed_once OBJECT ${PROJECT_BINARY_DIR}/parsed_once.cc)
  target_precompile_headers(daicho_parsed_once PRIVATE ${DAICHO_PARSED_ONCE} <google/protobuf/message.h>)
endif()
function(daicho_parse_once name once)
  if(DAICHO_SANITIZE)
    target_precompile_headers(${name} REUSE_FROM ${once})
  endif()
endfunction()

# daicho_library(NAME SOURCES a.cc ... [DEPS target ...])   every folder is one library; its headers are seen from
# the top of the tree ("common/error.h").
function(daicho_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR})
  target_compile_options(${name} PRIVATE ${DAICHO_WARNINGS})
  target_link_libraries(${name} PUBLIC ${ARG_DEPS})
  daicho_parse_once(${name} daicho_parsed_once)
endfunction()

# daicho_binary(NAME SOURCES main.cc [DEPS target ...])
function(daicho_binary name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_compile_options(${name} PRIVATE ${DAICHO_WARNINGS})
  target_compile_definitions(${name} PRIVATE DAICHO_VERSION="${PROJECT_VERSION}")
  target_link_libraries(${name} PRIVATE ${ARG_DEPS})
  install(TARGETS ${name} RUNTIME DESTINATION bin)
endfunction()

# daicho_test(NAME SOURCES a_test.cc ... [DEPS target ...] [LABELS unit|e2e|slow] [POSTGRES] [BOTH_STORES])   one
# GoogleTest program; every case is a ctest test. DAICHO_FIXTURES is the folder tests/fixtures, DAICHO_BIN the folder of
# the built binaries. POSTGRES: its cases use the server of tests/postgres. BOTH_STORES: they run once as they are and
# once more, as NAME_postgres/…, with DAICHO_TEST_STORE=postgres in the environment.
function(daicho_test name)
  cmake_parse_arguments(ARG "POSTGRES;BOTH_STORES" "TIMEOUT" "SOURCES;DEPS;LABELS" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_compile_options(${name} PRIVATE ${DAICHO_WARNINGS} ${DAICHO_TESTS_OPTIONS})
  daicho_parse_once(${name} daicho_tests_parsed_once)
  target_compile_definitions(${name} PRIVATE DAICHO_FIXTURES="${PROJECT_SOURCE_DIR}/tests/fixtures"
                                             DAICHO_SOURCE="${PROJECT_SOURCE_DIR}"
                                             DAICHO_BIN="${PROJECT_BINARY_DIR}/bin")
  target_link_libraries(${name} PRIVATE ${ARG_DEPS} GTest::gtest GTest::gmock GTest::gtest_main)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  set(server)
  if(ARG_POSTGRES OR ARG_BOTH_STORES)
    target_link_libraries(${name} PRIVATE daicho_test_database)
    set(server FIXTURES_REQUIRED postgres)
  endif()
  if(ARG_BOTH_STORES)
    gtest_discover_tests(${name} TEST_PREFIX ${name}_postgres/ TEST_LIST ${name}_postgres
                         PROPERTIES TIMEOUT ${ARG_TIMEOUT} LABELS "${ARG_LABELS}" ${server}
                         ENVIRONMENT DAICHO_TEST_STORE=postgres DISCOVERY_MODE PRE_TEST)
    set(server)
  endif()
  gtest_discover_tests(${name} TEST_PREFIX ${name}/ PROPERTIES TIMEOUT ${ARG_TIMEOUT} LABELS "${ARG_LABELS}" ${server}
                       DISCOVERY_MODE PRE_TEST)
endfunction()

# daicho_fuzz(NAME SOURCES a_fuzz.cc [DEPS target ...])   a libFuzzer target. With DAICHO_FUZZ it is a fuzzer of its
# own; otherwise a test that replays tests/fuzz/seeds/NAME.
function(daicho_fuzz name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_compile_options(${name} PRIVATE ${DAICHO_WARNINGS})
  target_link_libraries(${name} PRIVATE ${ARG_DEPS})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/fuzz)
  if(DAICHO_FUZZ)
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  else()
    target_sources(${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests/fuzz/replay_main.cc)
    add_test(NAME fuzz_replay/${name} COMMAND ${name} ${PROJECT_SOURCE_DIR}/tests/fuzz/seeds/${name})
  endif()
endfunction()

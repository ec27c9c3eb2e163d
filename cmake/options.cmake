# Flags of every build, and the two helpers that declare a layer and its tests.
#
#   rune_layer(wasm SOURCES decode.cpp ... NEEDS rune_base)     -> library rune_wasm
#   rune_tests(wasm SOURCES decode_test.cpp NEEDS rune_wasm)    -> program wasm_test, one entry of ctest
set(RUNE_BOARD "" CACHE STRING "Device board to build for; empty for the host")
option(RUNE_SANITIZE "Address and undefined-behaviour sanitizers" OFF)
option(RUNE_FUZZ "libFuzzer targets (needs clang)" OFF)

include_directories(${CMAKE_SOURCE_DIR})
add_compile_options(-Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion -ffp-contract=off)
if(RUNE_BOARD STREQUAL "lm3s6965evb")
  add_compile_options(-Os)  # its firmware has 128 KB of flash
endif()
if(RUNE_BOARD)
  add_compile_options(-Wno-psabi)  # GCC's note that Arm's calling convention changed in GCC 7
endif()
if(NOT RUNE_BOARD AND CMAKE_CXX_COMPILER_ID STREQUAL GNU)
  # GCC 12 sees these in std::string and std::vector where there is nothing (its bugs 105329, 105562).
  foreach(false_alarm restrict maybe-uninitialized stringop-overread)
    add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-Wno-${false_alarm}>)
  endforeach()
endif()
set(RUNE_DEVICE_OPTIONS -fno-exceptions -fno-rtti -fno-threadsafe-statics)
if(RUNE_SANITIZE)
  # Device code has no RTTI, which the check of virtual calls would need.
  add_compile_options(-fsanitize=address,undefined -fno-sanitize=vptr -fno-sanitize-recover=all
                      -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined -fno-sanitize=vptr)
endif()
if(RUNE_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

function(rune_layer name)
  cmake_parse_arguments(LAYER "" "" "SOURCES;NEEDS" ${ARGN})
  add_library(rune_${name} STATIC ${LAYER_SOURCES})
  target_link_libraries(rune_${name} PUBLIC ${LAYER_NEEDS})
  if(CMAKE_CURRENT_SOURCE_DIR MATCHES "^${CMAKE_SOURCE_DIR}/(device|ports)(/|$)")
    target_compile_options(rune_${name} PRIVATE "$<$<COMPILE_LANGUAGE:CXX>:${RUNE_DEVICE_OPTIONS}>")
  endif()
endfunction()

# Tests beside their sources, built in the sanitized tree; on a board the port builds them into images.
function(rune_tests name)
  cmake_parse_arguments(TESTS "" "" "SOURCES;NEEDS" ${ARGN})
  if(RUNE_BOARD)
    list(TRANSFORM TESTS_SOURCES PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/)
    set_property(GLOBAL APPEND PROPERTY RUNE_BOARD_TEST_SOURCES ${TESTS_SOURCES})
    set_property(GLOBAL APPEND PROPERTY RUNE_BOARD_TEST_LIBRARIES ${TESTS_NEEDS})
    return()
  endif()
  if(RUNE_FUZZ OR NOT RUNE_SANITIZE)
    return()
  endif()
  add_executable(${name}_test ${TESTS_SOURCES})
  target_compile_definitions(${name}_test PRIVATE RUNE_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  target_link_libraries(${name}_test PRIVATE ${TESTS_NEEDS} GTest::gmock GTest::gtest_main)
  add_test(NAME ${name} COMMAND ${name}_test --gtest_brief=1)
  set_tests_properties(${name} PROPERTIES TIMEOUT 600)
endfunction()

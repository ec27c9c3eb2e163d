# Images for the boards in ports/.
#
#   rune_board_image(kernel_bench SOURCES main.cpp NEEDS rune_kernels)
#     -> build/devices/kernel_bench-<board>.elf: all of the board's memory, and the C library with
#        files, printf and malloc over semihosting. ports/common/board.h has clock and UART,
#        ports/common/semihosting.h the bare calls.
#   rune_board_image(runicos FIRMWARE SOURCES ...)
#     -> build/devices/<board>.elf: the fenced memory map, no C library but its memory functions.
function(rune_board_image name)
  cmake_parse_arguments(IMAGE "FIRMWARE" "" "SOURCES;NEEDS" ${ARGN})
  if(RUNE_BOARD STREQUAL "mps2-an386")
    set(folder ${CMAKE_SOURCE_DIR}/ports/mps2)
  else()
    set(folder ${CMAKE_SOURCE_DIR}/ports/lm3s)
  endif()
  if(IMAGE_FIRMWARE)
    set(script ${folder}/${RUNE_BOARD}.ld)
    set(start rune_image_firmware)
    set(libraries --specs=nano.specs)
    set(output ${RUNE_BOARD})
  else()
    set(script ${folder}/${RUNE_BOARD}-large.ld)
    set(start rune_image_library)
    set(libraries --specs=rdimon.specs)
    set(output ${name}-${RUNE_BOARD})
  endif()
  add_executable(${name}_image ${IMAGE_SOURCES} $<TARGET_OBJECTS:${start}>)
  target_compile_options(${name}_image PRIVATE "$<$<COMPILE_LANGUAGE:CXX>:${RUNE_DEVICE_OPTIONS}>")
  target_link_libraries(${name}_image PRIVATE ${IMAGE_NEEDS} rune_board)
  target_link_options(${name}_image PRIVATE ${libraries} -nostartfiles -T ${script}
                      -L ${CMAKE_SOURCE_DIR}/ports/common -Wl,--no-warn-rwx-segments
                      -Wl,-Map,${CMAKE_SOURCE_DIR}/build/devices/${output}.map)
  set_target_properties(${name}_image PROPERTIES
    OUTPUT_NAME ${output} SUFFIX .elf RUNTIME_OUTPUT_DIRECTORY ${CMAKE_SOURCE_DIR}/build/devices
    LINK_DEPENDS "${script};${CMAKE_SOURCE_DIR}/ports/common/sections.ld")
endfunction()

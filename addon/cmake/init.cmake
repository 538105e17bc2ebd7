# The init program, static, without the C++ library. The other outputs get it as bytes (ocirun_init_image).
file(GLOB INIT_SOURCES CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/init/*.cc)
set(INIT_IMAGE ${OUT}/ocirun-init)
set(INIT_LIMIT 200000)

if(INIT_SOURCES)
    add_executable(init-program ${INIT_SOURCES})
    musl_executable(init-program)
    target_include_directories(init-program PRIVATE ${CMAKE_SOURCE_DIR})
    target_compile_options(init-program PRIVATE ${WARNINGS} -Os -fno-threadsafe-statics)
    target_link_options(init-program PRIVATE -Wl,-z,norelro -Wl,-z,noseparate-code)
    add_custom_command(
        OUTPUT ${INIT_IMAGE}
        COMMAND ${CMAKE_COMMAND} -DFILE=$<TARGET_FILE:init-program> -DLIMIT=${INIT_LIMIT} -P ${CMAKE_SOURCE_DIR}/cmake/limit.cmake
        COMMAND ${CMAKE_COMMAND} -E copy $<TARGET_FILE:init-program> ${INIT_IMAGE}
        DEPENDS init-program
        COMMENT "ocirun-init"
        VERBATIM)
else()
    file(TOUCH ${INIT_IMAGE})
endif()
add_custom_target(init ALL DEPENDS ${INIT_IMAGE})

set(INIT_ASSEMBLY ${CMAKE_BINARY_DIR}/init-image.S)
file(CONFIGURE OUTPUT ${INIT_ASSEMBLY} CONTENT [[
    .section .rodata.ocirun_init_image, "a", @progbits
    .balign 64
    .globl ocirun_init_image, ocirun_init_image_size
    .hidden ocirun_init_image, ocirun_init_image_size
ocirun_init_image:
    .incbin "@INIT_IMAGE@"
0:
    .balign 8
ocirun_init_image_size:
    .quad 0b - ocirun_init_image
    .section .note.GNU-stack, "", @progbits
]] @ONLY)
set_source_files_properties(${INIT_ASSEMBLY} PROPERTIES OBJECT_DEPENDS ${INIT_IMAGE})
add_library(init_image OBJECT ${INIT_ASSEMBLY})
add_dependencies(init_image init)

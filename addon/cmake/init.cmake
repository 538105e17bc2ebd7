# The init program: static against musl, without the C++ library, exceptions or run-time types. CMake knows one compiler
# per language and project, so this one is called by hand; the other outputs get it as bytes (ocirun_init_image).
file(GLOB INIT_SOURCES CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/init/*.cc)
set(INIT_IMAGE ${OUT}/ocirun-init)
set(INIT_LIMIT 200000)
set(MUSL_SPECS /usr/lib/${CMAKE_C_LIBRARY_ARCHITECTURE}/../${CMAKE_SYSTEM_PROCESSOR}-linux-musl/musl-gcc.specs)
get_filename_component(MUSL_SPECS ${MUSL_SPECS} ABSOLUTE)
set(INIT_FLAGS
    -specs=${MUSL_SPECS} -std=c++20 -Os -g0 -D_GNU_SOURCE
    -fno-exceptions -fno-rtti -fno-threadsafe-statics -fno-asynchronous-unwind-tables
    -fno-pie -ffunction-sections -fdata-sections -fno-stack-protector
    -Wall -Wextra -Werror=return-type -Wno-missing-field-initializers
    -I${CMAKE_CURRENT_SOURCE_DIR}
    # The kernel's headers, behind musl's own: the distribution keeps them among glibc's.
    -idirafter /usr/include -idirafter /usr/include/${CMAKE_C_LIBRARY_ARCHITECTURE})

if(INIT_SOURCES)
    foreach(source ${INIT_SOURCES})
        get_filename_component(name ${source} NAME_WE)
        set(object ${CMAKE_BINARY_DIR}/init/${name}.o)
        add_custom_command(
            OUTPUT ${object}
            COMMAND ${CMAKE_CXX_COMPILER} ${INIT_FLAGS} -MD -MF ${object}.d -c ${source} -o ${object}
            DEPENDS ${source}
            DEPFILE ${object}.d
            COMMENT "init: ${name}"
            VERBATIM)
        list(APPEND INIT_OBJECTS ${object})
    endforeach()
    file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/init)
    # Linked by the C driver: the C++ one would add libstdc++ (this gcc has no -nostdlib++).
    add_custom_command(
        OUTPUT ${INIT_IMAGE}
        COMMAND ${CMAKE_C_COMPILER} -specs=${MUSL_SPECS} -static -no-pie -s
            -Wl,--gc-sections -Wl,--build-id=none -Wl,-z,noexecstack -Wl,-z,norelro -Wl,-z,noseparate-code
            ${INIT_OBJECTS} -o ${INIT_IMAGE}.tmp
        COMMAND ${CMAKE_COMMAND} -DFILE=${INIT_IMAGE}.tmp -DLIMIT=${INIT_LIMIT} -P ${CMAKE_CURRENT_SOURCE_DIR}/cmake/limit.cmake
        COMMAND ${CMAKE_COMMAND} -E rename ${INIT_IMAGE}.tmp ${INIT_IMAGE}
        DEPENDS ${INIT_OBJECTS}
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

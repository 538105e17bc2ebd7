# The standalone host: QuickJS-NG, the addon and our scripts in one static file.
set(STANDALONE ${CMAKE_SOURCE_DIR}/standalone)
set(PRODUCT_LIMIT 3000000)
find_program(NODE node REQUIRED)

# The build-time compiler: script in, bytecode out. It is the same engine, so the same format.
add_executable(compile ${STANDALONE}/compile.cc $<TARGET_OBJECTS:musl_runtime>)
musl_executable(compile)
target_link_libraries(compile PRIVATE quickjs)

foreach(name ${OCIRUN_PRELOADED} ${OCIRUN_LAZY} ${OCIRUN_PROGRAMS} rehearsal)
    add_custom_command(
        OUTPUT ${CMAKE_BINARY_DIR}/${name}.bytecode
        COMMAND compile ${OUT}/js/${name}.js ${name}.js ${CMAKE_BINARY_DIR}/${name}.bytecode
        DEPENDS compile ${OUT}/js/${name}.js
        COMMENT "bytecode: ${name}"
        VERBATIM)
    add_custom_command(
        OUTPUT ${CMAKE_BINARY_DIR}/${name}.deflated
        COMMAND ${NODE} ${ROOT}/tools/build/deflate.mjs ${CMAKE_BINARY_DIR}/${name}.bytecode ${CMAKE_BINARY_DIR}/${name}.deflated
        DEPENDS ${CMAKE_BINARY_DIR}/${name}.bytecode ${ROOT}/tools/build/deflate.mjs
        VERBATIM)
endforeach()

# zlib's static library asks for no more than memcpy, malloc and free: glibc's build of it is good for musl, too.
find_library(ZLIB libz.a REQUIRED)
find_path(ZLIB_INCLUDE zlib.h REQUIRED)
find_path(ZCONF_INCLUDE zconf.h REQUIRED)
set(ZLIB_HEADERS ${CMAKE_BINARY_DIR}/zlib-headers)
file(MAKE_DIRECTORY ${ZLIB_HEADERS})
file(CREATE_LINK ${ZLIB_INCLUDE}/zlib.h ${ZLIB_HEADERS}/zlib.h SYMBOLIC)
file(CREATE_LINK ${ZCONF_INCLUDE}/zconf.h ${ZLIB_HEADERS}/zconf.h SYMBOLIC)

add_library(host OBJECT ${STANDALONE}/main.cc ${STANDALONE}/arena.cc ${STANDALONE}/napi.cc ${STANDALONE}/report.cc
    ${STANDALONE}/host_functions.cc ${STANDALONE}/image.cc ${STANDALONE}/malloc.cc ${STANDALONE}/profile.cc ${BINDING_SOURCES} ${NATIVE_SOURCES})
addon_options(host)
# Else the compiler makes a call of calloc out of calloc's own body.
set_source_files_properties(${STANDALONE}/malloc.cc PROPERTIES COMPILE_OPTIONS -fno-builtin-malloc)
target_compile_definitions(host PRIVATE OCIRUN_STANDALONE)
target_link_libraries(host PRIVATE quickjs)
target_include_directories(host PRIVATE ${ZLIB_HEADERS})
musl_compile(host)

# Writes the assembly with the table of {name, begin, end, size}: those of `preloaded`, which the heap image has and which have
# no bytecode here, then those of `lazy`. The first row is the main script.
function(embed file preloaded lazy)
    set(text "    .section .rodata.bytecode, \"a\", @progbits\n")
    set(rows "    .section .data.rel.ro.chunks, \"aw\", @progbits\n    .balign 8\n    .globl ocirun_chunks\nocirun_chunks:\n")
    foreach(name ${preloaded} ${lazy})
        string(APPEND text "name_${name}:\n    .asciz \"${name}\"\n    .balign 16\nbegin_${name}:\n")
        if(name IN_LIST lazy)
            string(APPEND text "    .incbin \"${CMAKE_BINARY_DIR}/${name}.deflated\", 8\n")
            list(APPEND depends ${CMAKE_BINARY_DIR}/${name}.deflated)
        endif()
        string(APPEND text "end_${name}:\n")
        string(APPEND rows "    .quad name_${name}, begin_${name}, end_${name}\n")
        if(name IN_LIST lazy)
            string(APPEND rows "    .incbin \"${CMAKE_BINARY_DIR}/${name}.deflated\", 0, 8\n")
        else()
            string(APPEND rows "    .quad 0\n")
        endif()
    endforeach()
    file(CONFIGURE OUTPUT ${file} CONTENT "${text}${rows}    .quad 0, 0, 0, 0\n    .section .note.GNU-stack, \"\", @progbits\n" @ONLY)
    set_source_files_properties(${file} PROPERTIES OBJECT_DEPENDS "${depends}")
endfunction()

# A static executable at `output`: the seed is linked, makes its heap image (standalone/image.h), and is copied with it.
# Where there are scripts in the image, it is made twice: the first one rehearses the commands (standalone/profile.h).
# Warnings of the linker are errors: a static libc that wants shared libraries at run time is only warned of.
function(standalone target output preloaded lazy)
    embed(${CMAKE_BINARY_DIR}/${target}-chunks.S "${preloaded}" "${lazy}")
    add_executable(${target}-seed $<TARGET_OBJECTS:host> $<TARGET_OBJECTS:musl_runtime> $<TARGET_OBJECTS:init_image>
        ${CMAKE_BINARY_DIR}/${target}-chunks.S)
    musl_executable(${target}-seed)
    target_link_libraries(${target}-seed PRIVATE quickjs ${ZLIB})
    set(image ${CMAKE_BINARY_DIR}/${target}.image)
    set(scripts)
    foreach(name ${preloaded})
        list(APPEND scripts ${CMAKE_BINARY_DIR}/${name}.bytecode)
    endforeach()
    set(rehearse)
    if(preloaded)
        set(rehearse COMMAND ${target}-seed ${image} ${image}.profile ${scripts} -- ${CMAKE_BINARY_DIR}/rehearsal.bytecode)
        list(APPEND depends ${CMAKE_BINARY_DIR}/rehearsal.bytecode)
    endif()
    add_custom_command(
        OUTPUT ${output}
        COMMAND ${CMAKE_COMMAND} -E rm -f ${image}.profile
        ${rehearse}
        COMMAND ${target}-seed ${image} ${image}.profile ${scripts}
        COMMAND ${CMAKE_OBJCOPY} --update-section ocirun_image=${image} $<TARGET_FILE:${target}-seed> ${output}.tmp
        COMMAND ${CMAKE_COMMAND} -DFILE=${output}.tmp -DLIMIT=${PRODUCT_LIMIT} -P ${CMAKE_SOURCE_DIR}/cmake/limit.cmake
        COMMAND ${CMAKE_COMMAND} -E rename ${output}.tmp ${output}
        DEPENDS ${target}-seed ${scripts} ${depends}
        COMMENT "${output}"
        VERBATIM)
    add_custom_target(${target} ALL DEPENDS ${output})
endfunction()

standalone(ocirun ${ROOT}/bin/ocirun "${OCIRUN_PRELOADED}" "${OCIRUN_LAZY}")
foreach(name ${OCIRUN_PROGRAMS})
    standalone(ocirun-${name} ${OUT}/ocirun-${name} "" ${name})
endforeach()

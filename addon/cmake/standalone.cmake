# The standalone host: QuickJS-NG, the addon and our bytecode in one static file.
set(STANDALONE ${CMAKE_SOURCE_DIR}/standalone)
set(PRODUCT_LIMIT 3000000)

# The build-time compiler: script in, bytecode out. It is the same engine, so the same format.
add_executable(compile ${STANDALONE}/compile.cc)
target_link_libraries(compile PRIVATE quickjs m)
target_compile_options(compile PRIVATE ${WARNINGS} -fno-pie)
target_link_options(compile PRIVATE -no-pie)

set(BYTECODE_FILES)
foreach(name ${OCIRUN_CHUNKS} ${OCIRUN_PROGRAMS})
    add_custom_command(
        OUTPUT ${CMAKE_BINARY_DIR}/${name}.bytecode
        COMMAND compile ${OUT}/js/${name}.js ${name}.js ${CMAKE_BINARY_DIR}/${name}.bytecode
        DEPENDS compile ${OUT}/js/${name}.js
        COMMENT "bytecode: ${name}"
        VERBATIM)
endforeach()

add_library(host OBJECT ${STANDALONE}/main.cc ${STANDALONE}/arena.cc ${STANDALONE}/napi.cc ${STANDALONE}/report.cc
    ${STANDALONE}/host_functions.cc ${BINDING_SOURCES} ${NATIVE_SOURCES})
addon_options(host)
target_link_libraries(host PRIVATE quickjs)
target_compile_options(host PRIVATE -fno-pie -fvisibility=hidden -fno-asynchronous-unwind-tables)

# Writes the assembly that embeds the bytecode of `names`: a table of {name, begin, end}, the first row is the main script.
function(embed file names)
    set(text "    .section .rodata.bytecode, \"a\", @progbits\n")
    set(rows "    .section .data.rel.ro.chunks, \"aw\", @progbits\n    .balign 8\n    .globl ocirun_chunks\nocirun_chunks:\n")
    foreach(name ${names})
        string(APPEND text "    .balign 16\nbegin_${name}:\n    .incbin \"${CMAKE_BINARY_DIR}/${name}.bytecode\"\nend_${name}:\n"
            "name_${name}:\n    .asciz \"${name}\"\n")
        string(APPEND rows "    .quad name_${name}, begin_${name}, end_${name}\n")
        list(APPEND depends ${CMAKE_BINARY_DIR}/${name}.bytecode)
    endforeach()
    file(CONFIGURE OUTPUT ${file} CONTENT "${text}${rows}    .quad 0, 0, 0\n    .section .note.GNU-stack, \"\", @progbits\n" @ONLY)
    set_source_files_properties(${file} PROPERTIES OBJECT_DEPENDS "${depends}")
endfunction()

# A static executable at `output`. A static glibc that wants shared libraries at run time is only warned of by the linker.
function(standalone target output names)
    embed(${CMAKE_BINARY_DIR}/${target}-chunks.S "${names}")
    add_executable(${target} $<TARGET_OBJECTS:host> $<TARGET_OBJECTS:init_image> ${CMAKE_BINARY_DIR}/${target}-chunks.S)
    target_link_libraries(${target} PRIVATE quickjs m)
    target_link_options(${target} PRIVATE -static -no-pie -s -Wl,--gc-sections -Wl,--fatal-warnings -Wl,--build-id=none
        -Wl,-z,noexecstack)
    get_filename_component(directory ${output} DIRECTORY)
    get_filename_component(name ${output} NAME)
    set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${directory} OUTPUT_NAME ${name})
    add_custom_command(TARGET ${target} POST_BUILD VERBATIM
        COMMAND ${CMAKE_COMMAND} -DFILE=${output} -DLIMIT=${PRODUCT_LIMIT} -P ${CMAKE_SOURCE_DIR}/cmake/limit.cmake)
endfunction()

standalone(ocirun ${ROOT}/bin/ocirun "${OCIRUN_CHUNKS}")
foreach(name ${OCIRUN_PROGRAMS})
    standalone(ocirun-${name} ${OUT}/ocirun-${name} ${name})
endforeach()

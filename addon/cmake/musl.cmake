# What is static is linked against musl: a static glibc asks the processor for its features as it starts (CPUID), and in
# a virtual machine each of these questions costs a trip to the hypervisor: 0.27 ms of the 0.36 ms that an empty static
# program takes on the reference machine (docs/decisions/0002). glibc's static library would also be the larger one.
#
# CMake knows one compiler per language and project; musl's comes by its specs file, as in musl-gcc.
set(MUSL_SPECS /usr/lib/${CMAKE_SYSTEM_PROCESSOR}-linux-musl/musl-gcc.specs)
if(NOT EXISTS ${MUSL_SPECS})
    message(FATAL_ERROR "${MUSL_SPECS} is missing: apt-get install musl-tools")
endif()

# The kernel's headers without glibc's, which lie in the same directory.
set(KERNEL_HEADERS ${CMAKE_BINARY_DIR}/kernel-headers)
file(MAKE_DIRECTORY ${KERNEL_HEADERS})
file(CREATE_LINK /usr/include/linux ${KERNEL_HEADERS}/linux SYMBOLIC)
file(CREATE_LINK /usr/include/asm-generic ${KERNEL_HEADERS}/asm-generic SYMBOLIC)
file(CREATE_LINK /usr/include/${CMAKE_C_LIBRARY_ARCHITECTURE}/asm ${KERNEL_HEADERS}/asm SYMBOLIC)

# musl's specs leave libstdc++'s headers out; they must come before musl's, for they include the next of the same name.
set(CXX_HEADERS ${CMAKE_CXX_IMPLICIT_INCLUDE_DIRECTORIES})
list(FILTER CXX_HEADERS INCLUDE REGEX "/c\\+\\+/")
list(TRANSFORM CXX_HEADERS PREPEND "SHELL:-isystem ")

# The C++ driver would link libstdc++, which is glibc's.
set(CMAKE_CXX_IMPLICIT_LINK_LIBRARIES "")

set(SMALL_CODE -ffunction-sections -fdata-sections -fno-pie -fno-asynchronous-unwind-tables -fno-stack-protector)

function(musl_compile target)
    target_compile_options(${target} PRIVATE -specs=${MUSL_SPECS} ${SMALL_CODE}
        "$<$<COMPILE_LANGUAGE:CXX>:SHELL:-isystem ${CMAKE_SOURCE_DIR}/musl>"
        "$<$<COMPILE_LANGUAGE:CXX>:${CXX_HEADERS}>"
        "$<$<COMPILE_LANGUAGE:CXX>:SHELL:-isystem /usr/include/${CMAKE_SYSTEM_PROCESSOR}-linux-musl>"
        "$<$<COMPILE_LANGUAGE:CXX>:SHELL:-include ${CMAKE_SOURCE_DIR}/musl/glibc_names.h>"
        $<$<COMPILE_LANGUAGE:CXX>:-fno-exceptions> $<$<COMPILE_LANGUAGE:CXX>:-fno-rtti>
        "SHELL:-idirafter ${KERNEL_HEADERS}")
endfunction()

function(musl_executable target)
    musl_compile(${target})
    set_target_properties(${target} PROPERTIES LINKER_LANGUAGE C)
    target_link_options(${target} PRIVATE -specs=${MUSL_SPECS} -static -no-pie -s -Wl,--gc-sections -Wl,--fatal-warnings
        -Wl,--build-id=none -Wl,-z,noexecstack)
endfunction()

file(GLOB MUSL_SOURCES CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/musl/*.cc)
add_library(musl_runtime OBJECT ${MUSL_SOURCES})
musl_compile(musl_runtime)

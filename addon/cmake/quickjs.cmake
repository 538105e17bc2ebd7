# QuickJS-NG without its operating system library, from Debian's source package with our flags.
add_library(quickjs STATIC
    ${QUICKJS_SOURCE}/dtoa.c ${QUICKJS_SOURCE}/libregexp.c ${QUICKJS_SOURCE}/libunicode.c ${QUICKJS_SOURCE}/quickjs.c)
target_include_directories(quickjs SYSTEM PUBLIC ${QUICKJS_SOURCE})
target_compile_definitions(quickjs PRIVATE QUICKJS_NG_BUILD)
target_compile_options(quickjs PRIVATE -std=gnu11 -w -funsigned-char)
musl_compile(quickjs)

# QuickJS-NG without its operating system library: the installed static library, else Debian's source with our flags.
if(QUICKJS_SOURCE)
    add_library(quickjs STATIC
        ${QUICKJS_SOURCE}/dtoa.c ${QUICKJS_SOURCE}/libregexp.c ${QUICKJS_SOURCE}/libunicode.c ${QUICKJS_SOURCE}/quickjs.c)
    target_include_directories(quickjs SYSTEM PUBLIC ${QUICKJS_SOURCE})
    target_compile_definitions(quickjs PRIVATE QUICKJS_NG_BUILD NDEBUG)
    target_compile_options(quickjs PRIVATE -std=gnu11 -w -funsigned-char -fno-stack-protector -fno-pie
        -fno-semantic-interposition -fvisibility=hidden)
else()
    add_library(quickjs STATIC IMPORTED)
    set_target_properties(quickjs PROPERTIES
        IMPORTED_LOCATION ${QUICKJS_LIBRARY} INTERFACE_INCLUDE_DIRECTORIES ${QUICKJS_INCLUDE})
endif()

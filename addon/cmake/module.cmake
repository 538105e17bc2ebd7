# The addon: its functions and its binding, and the module that Node.js loads.
file(GLOB NATIVE_SOURCES CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/native/*.cc)
file(GLOB BINDING_SOURCES CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)

function(addon_options target)
    target_include_directories(${target} PRIVATE ${CMAKE_SOURCE_DIR})
    target_include_directories(${target} SYSTEM PRIVATE
        ${ROOT}/node_modules/node-addon-api ${ROOT}/node_modules/node-api-headers/include)
    target_compile_definitions(${target} PRIVATE NAPI_VERSION=8 NAPI_DISABLE_CPP_EXCEPTIONS NODE_GYP_MODULE_NAME=ocirun)
    target_compile_options(${target} PRIVATE ${WARNINGS} $<$<COMPILE_LANGUAGE:CXX>:-fno-exceptions -fno-rtti>)
endfunction()

add_library(module MODULE ${BINDING_SOURCES} ${NATIVE_SOURCES} $<TARGET_OBJECTS:init_image>)
addon_options(module)
target_compile_options(module PRIVATE -fvisibility=hidden -ffunction-sections -fdata-sections -fstack-protector-strong)
target_compile_definitions(module PRIVATE _FORTIFY_SOURCE=2)
target_link_options(module PRIVATE -static-libstdc++ -static-libgcc -Wl,--gc-sections -Wl,--exclude-libs,ALL -s)
set_target_properties(module PROPERTIES PREFIX "" OUTPUT_NAME ocirun SUFFIX .node LIBRARY_OUTPUT_DIRECTORY ${OUT})

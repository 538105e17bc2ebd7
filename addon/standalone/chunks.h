// The bytecode that the build embeds, compressed (zlib): half of it is for errors and help.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ocirun {

struct Chunk {
    const char* name;
    const uint8_t* begin;
    const uint8_t* end;
    size_t size;  // of the bytecode itself
};

}  // namespace ocirun

// Ends with a row of nulls; the first row is the script to run, the others are for `lazy`. What is
// in the heap image (image.h) has no bytecode here.
extern "C" const ocirun::Chunk ocirun_chunks[];

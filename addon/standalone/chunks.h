// The bytecode that the build embeds.
#pragma once

#include <cstdint>

namespace ocirun {

struct Chunk {
    const char* name;
    const uint8_t* begin;
    const uint8_t* end;
};

}  // namespace ocirun

// Ends with a row of nulls; the first row is the script to run, the others are for `lazy`. What is
// in the heap image (image.h) has no bytecode here.
extern "C" const ocirun::Chunk ocirun_chunks[];

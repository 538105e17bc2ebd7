// Memory for the engine.
#pragma once

#include <quickjs.h>

#include <cstdint>

namespace ocirun {

// Allocation from the end of one growing area: the process lives for milliseconds, so what is given
// back is only reused where that is free of cost.
extern const JSMallocFunctions kArenaFunctions;

constexpr size_t kMostAllocations = 1 << 17;

// The allocations that make up the heap image, in the order in which they were made, which is the
// same each time. Known to the seed alone (image.h).
struct Allocations {
    uint32_t count;
    // Where each has come to lie; the engine's memory is below 4 GB.
    uint32_t places[kMostAllocations];
    // A bit for each that commands write to.
    unsigned char written[kMostAllocations / 8];
};

extern Allocations* allocations;

// From here on, until `endSeed`, what is allocated makes up the heap image.
void beginSeed();
void endSeed();

}  // namespace ocirun

// Changes of plans that keep them plans, more or less.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace ocirun {

// Change the plan in `data`; gives the new size, or 0 where it is none, or is better changed byte
// by byte.
size_t mutatePlan(uint8_t* data, size_t size, size_t most, unsigned seed);

}  // namespace ocirun

// Memory for the engine.
#pragma once

#include <quickjs.h>

namespace ocirun {

// Allocation from the end of one growing area: the process lives for milliseconds, so what is given
// back is only reused where that is free of cost. The engine carves small blocks out of 4 kB ones
// itself.
extern const JSMallocFunctions kArenaFunctions;

// Whether all that was allocated so far lies in the heap image.
bool isArenaInImage();

}  // namespace ocirun

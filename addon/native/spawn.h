// Starting the init program.
#pragma once

#include <cstdint>

#include "buffer.h"
#include "result.h"

namespace ocirun {

// [pid, pidfd] of `image`, running with argv [name, socket, keep, "0000000000"]; see spawnInit in
// src/sys/native.ts.
Result<Numbers> spawnInit(int image, int socket, int cgroup, const char* name, uint32_t keep,
                          int timeout);

}  // namespace ocirun

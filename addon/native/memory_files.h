// Files in memory, and the init program that this build carries.
#pragma once

#include <cstdint>

#include "result.h"

namespace ocirun {

Result<int> memoryFile(const char* name, uint32_t flags);
Result<void> addSeals(int fd, int seals);
Result<void> writeInitImage(int fd);

}  // namespace ocirun

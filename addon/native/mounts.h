// Mounts by descriptor.
#pragma once

#include <cstdint>

#include "result.h"

namespace ocirun {

Result<int> openTree(int dir, const char* path, uint32_t flags);
Result<void> setMountAttributes(int fd, uint32_t flags, uint64_t set, uint64_t clear, int userns);

}  // namespace ocirun

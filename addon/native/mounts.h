// Mounts by descriptor.
#pragma once

#include <cstdint>

#include "result.h"

namespace ocirun {

Result<int> openTree(int dir, const char* path, uint32_t flags);

}  // namespace ocirun

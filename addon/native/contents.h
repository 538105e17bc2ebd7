// What is in files and directories.
#pragma once

#include <cstdint>
#include <vector>

#include "buffer.h"
#include "result.h"

namespace ocirun {

Result<Text> readText(int fd, uint32_t limit);
Result<Buffer> readBytes(int fd, uint32_t limit);
Result<void> write(int fd, Bytes data);
Result<std::vector<Text>> listDirectory(int fd);

}  // namespace ocirun

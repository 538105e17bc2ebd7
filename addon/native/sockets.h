// Unix sockets: records with descriptors.
#pragma once

#include <cstdint>
#include <vector>

#include "buffer.h"
#include "result.h"

namespace ocirun {

struct Record {
    Buffer data;
    std::vector<int> descriptors;
};

Result<Numbers> socketPair();
// Both take a path that begins with @ for a name in the abstract namespace.
Result<int> connectUnix(const char* path, int type);
Result<int> bindDatagram(const char* path);
// How many bytes were taken: of a stream that does not block, perhaps a part.
Result<int> sendRecord(int fd, Bytes data, const std::vector<int>& descriptors);
Result<Record> receiveRecord(int fd, uint32_t limit);
// From now on receiveRecord waits no longer than that, and then fails with EAGAIN.
Result<void> receiveTimeout(int fd, uint32_t milliseconds);

}  // namespace ocirun

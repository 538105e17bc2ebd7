// Records with descriptors over SOCK_SEQPACKET.
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
Result<void> sendRecord(int fd, Bytes data, const std::vector<int>& descriptors);
Result<Record> receiveRecord(int fd, uint32_t limit);

}  // namespace ocirun

// Waiting for descriptors and signals.
#pragma once

#include <vector>

#include "buffer.h"
#include "result.h"

namespace ocirun {

// poll(2), not repeated on EINTR. `wanted` has as many elements as `fds`, else EINVAL.
Result<Numbers> poll(const std::vector<int>& fds, const std::vector<int>& wanted, int timeout);
Result<int> signalDescriptor(const std::vector<int>& signals);
void defaultSignal(int signal);
Result<int> readSignal(int fd);

}  // namespace ocirun

// Other processes: children by pidfd, signals, limits.
#pragma once

#include <cstdint>

#include "buffer.h"
#include "result.h"

namespace ocirun {

Result<int> openPidfd(int pid);
// A descriptor of our own for the file that is `fd` there (pidfd_getfd(2)).
Result<int> takeDescriptor(int pidfd, int fd);
Result<void> sendSignal(int pidfd, int signal);
Result<Numbers> waitPidfd(int pidfd, int flags);
Result<int> reapAny(int except);
Result<void> setLimit(int pid, int resource, uint64_t soft, uint64_t hard);

}  // namespace ocirun

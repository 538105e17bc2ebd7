// Waiting for a lock without being held up.
#pragma once

#include "result.h"

namespace ocirun {

// A pidfd of a child that takes the exclusive flock(2) of `fd`, which it shares with us, and ends
// with status 0. It dies with us.
Result<int> lockBeside(int fd);

}  // namespace ocirun

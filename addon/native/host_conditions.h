// What a container inherits from the caller of the runtime, whatever the host (Node.js or the standalone
// one) did to this process at its start.
#pragma once

#include <sys/resource.h>

#include <csignal>
#include <cstdint>

namespace ocirun::hostConditions {

// What a child sets right before execveat(2) to find what this process found at its own start.
struct ForChild {
    // A signal mask as the kernel has it.
    uint64_t mask;
    // Signals to set to SIG_DFL, as a mask of the same form.
    uint64_t toDefault;
    bool limitFiles;
    rlimit64 files;
};

// Look at the conditions; called once, when the addon is loaded.
void begin();

// Block these signals in this thread, and remember the mask that was there before the first call.
void blockSignals(const sigset_t& signals);

// `current` is the mask of the calling thread.
ForChild forChild(const sigset_t& current);

}  // namespace ocirun::hostConditions

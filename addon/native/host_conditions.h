// What a container inherits from the caller of the runtime, whatever the host (Node.js or the
// standalone one) did to this process at its start.
#pragma once

#include <sys/resource.h>

#include <csignal>
#include <cstdint>

#include "signal_mask.h"

namespace ocirun::hostConditions {

// What a child sets right before execveat(2) to find what this process found at its own start.
struct ForChild {
    SignalMask mask;
    // Signals to set to SIG_DFL, as a mask.
    SignalMask toDefault;
    // Signals to set to SIG_IGN again.
    SignalMask toIgnore;
    bool limitFiles;
    rlimit64 files;
};

// Look at the conditions; called once, when the addon is loaded.
void begin();

// Block these signals in this thread, and remember the mask that was there before the first call.
void blockSignals(SignalMask signals);

// Whether the descriptor is the caller's: then it came through an exec, and ours never would.
// Node.js marks the caller's as well, so there any open one will do.
bool isInherited(int fd);

// Give a signal its default action here; a child finds it ignored again if it was.
void makeDefault(int signal);

// `current` is the mask of the calling thread.
ForChild forChild(SignalMask current);

}  // namespace ocirun::hostConditions

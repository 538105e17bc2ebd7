// Signal masks as the kernel has them. The functions of the C library hide the real-time signals
// that it keeps for itself (which are these differs: glibc and musl), and so would lose them from
// the mask of the caller.
#pragma once

#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

namespace ocirun {

using SignalMask = uint64_t;

constexpr SignalMask bitOf(int signal) { return SignalMask{1} << (signal - 1); }

// Change the mask of this thread (SIG_BLOCK, SIG_SETMASK; SIG_BLOCK of none to ask for it); the
// mask before.
inline SignalMask changeMask(int how, SignalMask mask) {
    SignalMask before = 0;
    syscall(SYS_rt_sigprocmask, how, &mask, &before, sizeof mask);
    return before;
}

}  // namespace ocirun

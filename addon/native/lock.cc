#include "lock.h"

#include <linux/sched.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>

#include "raw_syscall.h"

namespace ocirun {

namespace {

constexpr uint64_t kClearHandlers = 0x100000000;  // CLONE_CLEAR_SIGHAND

// In the child, which is a copy of one of maybe several threads: only raw system calls.
[[noreturn]] void lockAndEnd(int fd, long parent) {
    rawSyscall(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0);
    // We may have died before that.
    if (rawSyscall(SYS_getppid) != parent) rawSyscall(SYS_exit_group, 1);
    // Whoever waits for the end of one of our descriptors must not wait for this process, too.
    if (fd > 0) rawSyscall(SYS_close_range, 0u, static_cast<unsigned>(fd) - 1, 0);
    rawSyscall(SYS_close_range, static_cast<unsigned>(fd) + 1, ~0u, 0);
    const long locked = rawSyscall(SYS_flock, fd, LOCK_EX);
    for (;;) rawSyscall(SYS_exit_group, locked == 0 ? 0 : 1);
}

}  // namespace

Result<int> lockBeside(int fd) {
    int pidfd = -1;
    clone_args arguments{};
    arguments.flags = CLONE_PIDFD | kClearHandlers;
    arguments.pidfd = reinterpret_cast<uint64_t>(&pidfd);
    arguments.exit_signal = SIGCHLD;
    const long parent = rawSyscall(SYS_getpid);
    const long pid = rawSyscall(SYS_clone3, &arguments, sizeof arguments);
    if (pid == 0) lockAndEnd(fd, parent);
    if (pid < 0) return Failure{static_cast<int>(-pid), "clone3"};
    return pidfd;
}

}  // namespace ocirun

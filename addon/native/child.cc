#include "child.h"

#include <linux/futex.h>
#include <linux/sched.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ctime>

#include "raw_syscall.h"

namespace ocirun {

namespace {

// struct clone_args up to `cgroup`, which older headers do not have.
struct CloneArguments {
    uint64_t flags, pidfd, childTid, parentTid, exitSignal, stack, stackSize, tls, setTid,
        setTidSize, cgroup;
};
constexpr uint64_t kClearHandlers = 0x100000000;
constexpr uint64_t kIntoCgroup = 0x200000000;

// -- in the child: only raw system calls
// ----------------------------------------------------------------------------------

// Handlers were dropped by CLONE_CLEAR_SIGHAND. What is left is what the host has set to SIG_IGN.
void restoreSignals(const hostConditions::ForChild& conditions) {
    // Larger than any architecture's struct sigaction of the kernel; all zero is SIG_DFL.
    static constexpr unsigned long kDefault[8]{};
    // The action comes first in it, and 1 is SIG_IGN.
    static constexpr unsigned long kIgnore[8]{1};
    for (int signal = 1; signal < 64; signal++) {
        const bool ignored = conditions.toIgnore >> (signal - 1) & 1;
        if (!ignored && (conditions.toDefault >> (signal - 1) & 1) == 0) continue;
        rawSyscall(SYS_rt_sigaction, signal, ignored ? kIgnore : kDefault, nullptr,
                   sizeof conditions.mask);
    }
    rawSyscall(SYS_rt_sigprocmask, SIG_SETMASK, &conditions.mask, nullptr, sizeof conditions.mask);
}

[[noreturn]] void runChild(ChildOrder* order) {
    order->run(*order);
    for (;;) rawSyscall(SYS_exit_group, 127);
}

// -- in the parent
// -------------------------------------------------------------------------------------------

#if OCIRUN_SPAWN_SHARES_MEMORY

// Not CLONE_VFORK, which would have us wait for a child that cannot execute until somebody kills
// it: it may have been born into a frozen cgroup. Each goes on where mm_release() of the kernel is.
constexpr uint64_t kHowToClone = CLONE_VM | CLONE_CHILD_CLEARTID;

// Whether the child has left our memory within `timeout` milliseconds (-1: no limit).
bool hasLeft(const ChildOrder& order, int timeout) {
    const timespec most{timeout / 1000, timeout % 1000 * 1000000L};
    const auto isInside = [&] { return __atomic_load_n(&order.inside, __ATOMIC_ACQUIRE) != 0; };
    long result = 0;
    while (isInside() && result != -ETIMEDOUT) {
        result = rawSyscall(SYS_futex, &order.inside, FUTEX_WAIT, 1, timeout < 0 ? nullptr : &most);
    }
    return !isInside();
}

// It has been waited for when this returns; nobody has reaped it.
void kill(long pid, ChildOrder& order) {
    rawSyscall(SYS_kill, pid, SIGKILL);
    while (rawSyscall(SYS_waitid, P_PID, pid, nullptr, WEXITED | WNOWAIT, nullptr) == -EINTR) {
    }
    order.error = ETIMEDOUT;
    order.syscall = "execve";
}

// clone3(2) with a stack of its own for the child, which must not return into this frame: the
// parent goes on using it. The child starts behind `syscall` with every register as here, but rax
// and rsp.
long cloneAndRun(CloneArguments& arguments, ChildOrder& order, int timeout) {
    alignas(16) char stack[16384];
    arguments.stack = reinterpret_cast<uint64_t>(stack);
    arguments.stackSize = sizeof stack;
    long result;
    register void (*run)(ChildOrder*) asm("r12") = runChild;
    register ChildOrder* argument asm("r13") = &order;
    asm volatile(
        "syscall\n\t"
        "test %%rax, %%rax\n\t"
        "jnz 1f\n\t"
        "mov %[argument], %%rdi\n\t"
        "call *%[run]\n\t"
        "ud2\n"
        "1:"
        : "=a"(result)
        : "0"(SYS_clone3), "D"(&arguments),
          "S"(sizeof arguments), [run] "r"(run), [argument] "r"(argument)
        : "rcx", "r11", "cc", "memory");
    if (result > 0 && !hasLeft(order, timeout)) kill(result, order);
    arguments.stack = 0;  // it ends here
    return result;
}

#else

// The child has a copy of our memory, but for the order. CLONE_VFORK has the parent wait.
constexpr uint64_t kHowToClone = CLONE_VFORK;

long cloneAndRun(CloneArguments& arguments, ChildOrder& order, int) {
    long result = rawSyscall(SYS_clone3, &arguments, sizeof arguments);
    if (result == 0) runChild(&order);
    return result;
}

#endif

void reap(int pid, int pidfd) {
    uninterrupted([&] { return waitpid(pid, nullptr, 0); });
    ::close(pidfd);
}

// No handler of ours may run in a child that shares our memory, and none may see a half-made child.
// Its stack is ours until it has left.
long cloneBlocked(CloneArguments& arguments, ChildOrder& order, int timeout) {
    SignalMask before = changeMask(SIG_SETMASK, ~SignalMask{0});
    order.conditions = hostConditions::forChild(before);
    long pid = cloneAndRun(arguments, order, timeout);
    changeMask(SIG_SETMASK, before);
    return pid;
}

}  // namespace

void restoreConditions(const ChildOrder& order) {
    if (order.conditions.limitFiles) {
        rawSyscall(SYS_prlimit64, 0, RLIMIT_NOFILE, &order.conditions.files, nullptr);
    }
    restoreSignals(order.conditions);
}

Result<Numbers> cloneChild(ChildOrder& order, int cgroup, int timeout) {
    int pidfd = -1;
    CloneArguments clone{};
    clone.flags = CLONE_PIDFD | kClearHandlers | kHowToClone;
    clone.pidfd = reinterpret_cast<uint64_t>(&pidfd);
    clone.exitSignal = SIGCHLD;
    clone.childTid = reinterpret_cast<uint64_t>(&order.inside);
    if (cgroup != -1) {
        clone.flags |= kIntoCgroup;
        clone.cgroup = static_cast<uint64_t>(cgroup);
    }
    long pid = cloneBlocked(clone, order, timeout);
    if (pid < 0) return Failure{static_cast<int>(-pid), "clone3"};
    if (order.error != 0) {
        reap(static_cast<int>(pid), pidfd);
        return Failure{order.error, order.syscall};
    }
    return Numbers{static_cast<double>(pid), static_cast<double>(pidfd)};
}

}  // namespace ocirun

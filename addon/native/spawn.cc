#include "spawn.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>

#include "host_conditions.h"
#include "raw_syscall.h"

// A child that borrows our memory until it executes (as posix_spawn(3) does) costs no page tables,
// and none are charged to the container's cgroup. It needs a stack of its own and a few lines for
// each architecture; elsewhere, and with OCIRUN_SPAWN_COPY, the child is a copy.
#if defined(__x86_64__) && !defined(OCIRUN_SPAWN_COPY)
#define OCIRUN_SPAWN_SHARES_MEMORY 1
#else
#define OCIRUN_SPAWN_SHARES_MEMORY 0
#endif

namespace ocirun {

namespace {

// struct clone_args up to `cgroup`, which older headers do not have.
struct CloneArguments {
    uint64_t flags, pidfd, childTid, parentTid, exitSignal, stack, stackSize, tls, setTid,
        setTidSize, cgroup;
};
constexpr uint64_t kClearHandlers = 0x100000000;
constexpr uint64_t kIntoCgroup = 0x200000000;

struct Order {
    int image;
    int socket;
    int keep;
    char* const* arguments;
    char* const* environment;
    hostConditions::ForChild conditions;
    // Written by the child: the error number and the system call that failed.
    int error = 0;
    const char* syscall = nullptr;
};

// -- in the child: only raw system calls; it may be sharing memory and errno with the parent
// ------------------

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

bool inherit(Order& order, int fd) {
    long result = rawSyscall(SYS_fcntl, fd, F_SETFD, 0);
    if (result == 0) return true;
    order.error = static_cast<int>(-result);
    order.syscall = "fcntl";
    return false;
}

bool inheritAll(Order& order) {
    for (int fd = 3; fd < 3 + order.keep; fd++) {
        if (!inherit(order, fd)) return false;
    }
    return inherit(order, order.socket);
}

[[noreturn]] void runChild(Order* order) {
    if (inheritAll(*order)) {
        const hostConditions::ForChild& conditions = order->conditions;
        if (conditions.limitFiles) {
            rawSyscall(SYS_prlimit64, 0, RLIMIT_NOFILE, &conditions.files, nullptr);
        }
        restoreSignals(conditions);
        long result = rawSyscall(SYS_execveat, order->image, "", order->arguments,
                                 order->environment, AT_EMPTY_PATH);
        order->error = static_cast<int>(-result);
        order->syscall = "execveat";
    }
    for (;;) rawSyscall(SYS_exit_group, 127);
}

// -- in the parent
// -------------------------------------------------------------------------------------------

#if OCIRUN_SPAWN_SHARES_MEMORY

constexpr uint64_t kHowToClone = CLONE_VM | CLONE_VFORK;

// clone3(2) with a stack of its own for the child, which must not return into this frame: the
// parent goes on using it. The child starts behind `syscall` with every register as here, but rax
// and rsp.
long cloneAndRun(CloneArguments& arguments, Order& order) {
    alignas(16) char stack[16384];
    arguments.stack = reinterpret_cast<uint64_t>(stack);
    arguments.stackSize = sizeof stack;
    long result;
    register void (*run)(Order*) asm("r12") = runChild;
    register Order* argument asm("r13") = &order;
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
    arguments.stack = 0;  // it ends here
    return result;
}

// The child writes into our own memory.
struct OrderMemory {
    Order order{};
    explicit operator bool() const { return true; }
    Order& get() { return order; }
};

#else

constexpr uint64_t kHowToClone = CLONE_VFORK;

long cloneAndRun(CloneArguments& arguments, Order& order) {
    long result = rawSyscall(SYS_clone3, &arguments, sizeof arguments);
    if (result == 0) runChild(&order);
    return result;
}

// The child has a copy of our memory: it reports through a shared page. CLONE_VFORK has the parent
// wait.
class OrderMemory {
 public:
    OrderMemory() {
        void* page =
            mmap(nullptr, sizeof(Order), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        order_ = page == MAP_FAILED ? nullptr : new (page) Order{};
    }
    ~OrderMemory() {
        if (order_ != nullptr) munmap(order_, sizeof(Order));
    }
    OrderMemory(const OrderMemory&) = delete;
    OrderMemory& operator=(const OrderMemory&) = delete;
    explicit operator bool() const { return order_ != nullptr; }
    Order& get() { return *order_; }

 private:
    Order* order_;
};

#endif

// No handler of ours may run in a child that shares our memory, and none may see a half-made child.
long cloneBlocked(CloneArguments& arguments, Order& order) {
    SignalMask before = changeMask(SIG_SETMASK, ~SignalMask{0});
    order.conditions = hostConditions::forChild(before);
    long pid = cloneAndRun(arguments, order);
    changeMask(SIG_SETMASK, before);
    return pid;
}

void reap(int pid, int pidfd) {
    uninterrupted([&] { return waitpid(pid, nullptr, 0); });
    ::close(pidfd);
}

}  // namespace

Result<Numbers> spawnInit(int image, int socket, int cgroup, const char* name, uint32_t keep) {
    constexpr uint32_t kMostKept = 1 << 20;
    if (keep > kMostKept) return Failure{EINVAL, "fcntl"};
    OrderMemory memory;
    if (!memory) return failed("mmap");
    char socketNumber[16], keepNumber[16];
    snprintf(socketNumber, sizeof socketNumber, "%d", socket);
    snprintf(keepNumber, sizeof keepNumber, "%u", keep);
    char* const arguments[] = {const_cast<char*>(name), socketNumber, keepNumber, nullptr};
    char* const environment[] = {nullptr};
    Order& order = memory.get();
    order.image = image;
    order.socket = socket;
    order.keep = static_cast<int>(keep);
    order.arguments = arguments;
    order.environment = environment;

    int pidfd = -1;
    CloneArguments clone{};
    clone.flags = CLONE_PIDFD | kClearHandlers | kHowToClone;
    clone.pidfd = reinterpret_cast<uint64_t>(&pidfd);
    clone.exitSignal = SIGCHLD;
    if (cgroup != -1) {
        clone.flags |= kIntoCgroup;
        clone.cgroup = static_cast<uint64_t>(cgroup);
    }
    long pid = cloneBlocked(clone, order);
    if (pid < 0) return Failure{static_cast<int>(-pid), "clone3"};
    if (order.error != 0) {
        reap(static_cast<int>(pid), pidfd);
        return Failure{order.error, order.syscall};
    }
    return Numbers{static_cast<double>(pid), static_cast<double>(pidfd)};
}

}  // namespace ocirun

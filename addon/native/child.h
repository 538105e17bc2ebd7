// A child that executes another program, which finds what our own caller gave us.
#pragma once

#include <sys/mman.h>

#include <cstdint>
#include <new>

#include "buffer.h"
#include "host_conditions.h"
#include "result.h"

// A child that borrows our memory until it executes (as posix_spawn(3) does) costs no page tables,
// and none are charged to the container's cgroup. It needs a stack of its own and a few lines for
// each architecture; elsewhere, and with OCIRUN_SPAWN_COPY, the child is a copy.
#if defined(__x86_64__) && !defined(OCIRUN_SPAWN_COPY)
#define OCIRUN_SPAWN_SHARES_MEMORY 1
#else
#define OCIRUN_SPAWN_SHARES_MEMORY 0
#endif

namespace ocirun {

// What a child has to do. `run` may make raw system calls only: it may be sharing memory and errno
// with the parent. It returns where one of them failed.
struct ChildOrder {
    void (*run)(ChildOrder&);
    hostConditions::ForChild conditions;
    // Written by the child: the error number and the system call that failed.
    int error = 0;
    const char* syscall = nullptr;
    // Cleared by the kernel as the child leaves our memory: it has executed, or ended.
    uint32_t inside = 1;
};

// -- in the child

// Whether the result of a raw system call is a success; if not, it is noted.
inline bool succeeds(ChildOrder& order, const char* syscall, long result) {
    if (result >= 0) return true;
    order.error = static_cast<int>(-result);
    order.syscall = syscall;
    return false;
}

// Signals and limits as our caller had them: the last thing before the execution.
void restoreConditions(const ChildOrder& order);

// -- in the parent

// Memory for an order that the child can write into.
#if OCIRUN_SPAWN_SHARES_MEMORY
template <class Order>
class OrderMemory {
 public:
    explicit operator bool() const { return true; }
    Order& get() { return order_; }

 private:
    Order order_{};
};
#else
template <class Order>
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

// [pid, pidfd] of a new child, in the cgroup directory `cgroup` (-1: ours), that has executed. One
// that has not within `timeout` milliseconds (-1: no limit), as in a frozen cgroup, is killed:
// ETIMEDOUT. A child that is a copy is waited for without a limit.
Result<Numbers> cloneChild(ChildOrder& order, int cgroup, int timeout);

}  // namespace ocirun

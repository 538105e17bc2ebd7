#include "spawn.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdio>

#include "child.h"
#include "raw_syscall.h"

namespace ocirun {

namespace {

struct Order : ChildOrder {
    int image;
    int socket;
    int keep;
    char* const* arguments;
    char* const* environment;
};

bool inherit(Order& order, int fd) {
    return succeeds(order, "fcntl", rawSyscall(SYS_fcntl, fd, F_SETFD, 0));
}

bool inheritAll(Order& order) {
    for (int fd = 3; fd < 3 + order.keep; fd++) {
        if (!inherit(order, fd)) return false;
    }
    return inherit(order, order.socket);
}

// In the child.
void runInit(ChildOrder& any) {
    Order& order = static_cast<Order&>(any);
    if (!inheritAll(order)) return;
    restoreConditions(order);
    succeeds(order, "execveat",
             rawSyscall(SYS_execveat, order.image, "", order.arguments, order.environment,
                        AT_EMPTY_PATH));
}

}  // namespace

Result<Numbers> spawnInit(int image, int socket, int cgroup, const char* name, uint32_t keep,
                          int timeout) {
    constexpr uint32_t kMostKept = 1 << 20;
    if (keep > kMostKept) return Failure{EINVAL, "fcntl"};
    OrderMemory<Order> memory;
    if (!memory) return failed("mmap");
    char socketNumber[16], keepNumber[16];
    snprintf(socketNumber, sizeof socketNumber, "%d", socket);
    snprintf(keepNumber, sizeof keepNumber, "%u", keep);
    char step[] = "0000000000";
    char* const arguments[] = {const_cast<char*>(name), socketNumber, keepNumber, step, nullptr};
    char* const environment[] = {nullptr};
    Order& order = memory.get();
    order.run = runInit;
    order.image = image;
    order.socket = socket;
    order.keep = static_cast<int>(keep);
    order.arguments = arguments;
    order.environment = environment;
    return cloneChild(order, cgroup, timeout);
}

}  // namespace ocirun

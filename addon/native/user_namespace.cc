#include "user_namespace.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>

#include "contents.h"
#include "descriptor.h"
#include "other_processes.h"
#include "raw_syscall.h"

namespace ocirun {

namespace {

// struct clone_args as it was at first (CLONE_ARGS_SIZE_VER0).
struct CloneArguments {
    uint64_t flags, pidfd, childTid, parentTid, exitSignal, stack, stackSize, tls;
};

// A process with a copy of our memory that does nothing in a user namespace of its own. It gives
// no signal as it ends, and so can be waited for whatever the caller does with SIGCHLD.
class Resident {
 public:
    static Result<Resident> make() {
        int pidfd = -1;
        CloneArguments arguments{};
        arguments.flags = CLONE_NEWUSER | CLONE_PIDFD;
        arguments.pidfd = reinterpret_cast<uint64_t>(&pidfd);
        const int parent = getpid();
        long pid = rawSyscall(SYS_clone3, &arguments, sizeof arguments);
        if (pid == 0) live(parent);
        if (pid < 0) return Failure{static_cast<int>(-pid), "clone3"};
        return Resident(static_cast<int>(pid), pidfd);
    }
    Resident(Resident&&) = default;
    ~Resident() {
        if (pidfd_.get() == -1) return;
        sendSignal(pidfd_.get(), SIGKILL);
        uninterrupted([&] { return waitpid(pid_, nullptr, __WALL); });
    }

    // Open one of its files in /proc.
    Result<Descriptor> open(const char* name, int flags) const {
        char path[64];
        snprintf(path, sizeof path, "/proc/%d/%s", pid_, name);
        int fd = uninterrupted([&] { return ::open(path, flags | O_CLOEXEC); });
        if (fd == -1) return failed("open");
        return Descriptor(fd);
    }

 private:
    Resident(int pid, int pidfd) : pid_(pid), pidfd_(pidfd) {}

    [[noreturn]] static void live(int parent) {
        rawSyscall(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL);
        // Our parent, as we see it, unless it has ended before that.
        while (rawSyscall(SYS_getppid) == parent) {
            rawSyscall(SYS_ppoll, nullptr, 0, nullptr, nullptr, 0);
        }
        for (;;) rawSyscall(SYS_exit_group, 0);
    }

    int pid_;
    Descriptor pidfd_;
};

Result<void> writeTo(const Resident& resident, const char* name, Bytes text) {
    Result<Descriptor> file = resident.open(name, O_WRONLY);
    if (!file) return file.failure();
    return write(file->get(), text);
}

// Without CAP_SETGID, setgroups(2) has to be given up before (user_namespaces(7)).
Result<void> writeGidMap(const Resident& resident, Bytes map) {
    Result<void> written = writeTo(resident, "gid_map", map);
    if (written || written.failure().number != EPERM) return written;
    Result<void> denied = writeTo(resident, "setgroups", {"deny", 4});
    if (!denied) return written;
    return writeTo(resident, "gid_map", map);
}

}  // namespace

Result<int> userNamespace(const char* uidMap, const char* gidMap) {
    Result<Resident> resident = Resident::make();
    if (!resident) return resident.failure();
    Result<void> written = writeTo(*resident, "uid_map", {uidMap, strlen(uidMap)});
    if (!written) return written.failure();
    written = writeGidMap(*resident, {gidMap, strlen(gidMap)});
    if (!written) return written.failure();
    Result<Descriptor> found = resident->open("ns/user", O_RDONLY);
    if (!found) return found.failure();
    return found->release();
}

}  // namespace ocirun

// Namespaces: making them, joining them, and the process that lives in them.
#include <errno.h>
#include <linux/nsfs.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "context.h"
#include "credentials.h"
#include "kernel.h"
#include "message.h"
#include "procfs.h"

namespace ocirun {

namespace {

// clone3(2) knows these fields since 5.2; later ones are not used.
struct CloneArguments {
    uint64_t flags;
    uint64_t pidfd;
    uint64_t child_tid;
    uint64_t parent_tid;
    uint64_t exit_signal;
    uint64_t stack;
    uint64_t stack_size;
    uint64_t tls;
};

// CLONE_NEW*; CLONE_VM and its like would put two processes on one stack.
constexpr uint64_t kNamespaces = CLONE_NEWTIME | CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS |
                                 CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;

bool IsOneNamespace(uint64_t type) {
    return type != 0 && (type & ~kNamespaces) == 0 && (type & (type - 1)) == 0;
}

// setns(2) refuses a user namespace to those that are in it.
bool IsOwnUserNamespace(int fd) {
    struct stat theirs = {};
    struct stat own = {};
    return ioctl(fd, NS_GET_NSTYPE) == CLONE_NEWUSER && fstat(fd, &theirs) == 0 &&
           stat("/proc/self/ns/user", &own) == 0 && theirs.st_dev == own.st_dev &&
           theirs.st_ino == own.st_ino;
}

// EINVAL says many things; the most likely one can be asked for.
int JoinFailed(Context& context, const Step& step, int fd, int error) {
    if (error == EINVAL && ioctl(fd, NS_GET_NSTYPE) != static_cast<int>(step.Num(0)))
        return Fail(context, error, step.Str(0), "not a namespace of that type");
    return Fail(context, error, step.Str(0));
}

}  // namespace

void MakeAhead(Context& context, uint32_t namespaces) {
    if ((namespaces & ~kNamespaces) == 0 && unshare(static_cast<int>(namespaces)) == 0)
        context.made_ahead = namespaces;
}

// Stage 2 is a sibling: its parent is the runtime, or who has adopted us, and that one waits for
// it.
int Clone(Context& context, const Step& step) {
    if ((step.Num(0) & ~kNamespaces) != 0) return EINVAL;
    int turn[2];
    if (pipe2(turn, O_CLOEXEC) < 0) return errno;
    int pidfd = -1;
    CloneArguments arguments = {};
    arguments.flags = (step.Num(0) & ~context.made_ahead) | CLONE_PARENT | CLONE_PIDFD;
    arguments.pidfd = reinterpret_cast<uint64_t>(&pidfd);
    const long pid = Kernel(SYS_clone3, &arguments, sizeof arguments);
    if (pid < 0) return static_cast<int>(-pid);
    if (pid == 0) {
        close(turn[1]);
        context.announced = turn[0];
        return 0;
    }
    const int sent = SendWith(context.socket, Kind::kPid, static_cast<uint32_t>(pid), pidfd);
    if (sent == 0) _exit(0);
    // Nobody else knows stage 2, which has said nothing yet: it waits for our end of the pipe.
    Kernel(SYS_pidfd_send_signal, pidfd, SIGKILL, nullptr, 0);
    return Fail(context, sent, "announce the process");
}

int Unshare(Context&, const Step& step) {
    if ((step.Num(0) & ~kNamespaces) != 0) return EINVAL;
    return unshare(static_cast<int>(step.Num(0))) < 0 ? errno : 0;
}

int Join(Context& context, const Step& step) {
    const uint64_t type = step.Num(0);
    const bool trying = step.Num(1) != 0;
    const int fd = context.slots[step.Slot(0)];
    if (!IsOneNamespace(type)) return EINVAL;
    if (!trying && (context.joined & type) != 0) return 0;
    const long set = Kernel(SYS_setns, fd, type);
    if (set == -EPERM && trying) return 0;
    const bool already = set == -EINVAL && type == CLONE_NEWUSER && IsOwnUserNamespace(fd);
    if (set < 0 && !already) return JoinFailed(context, step, fd, static_cast<int>(-set));
    context.joined |= type;
    return type == CLONE_NEWUSER ? TieAgain(context) : 0;
}

// Only before anybody is in it: so the namespace is made for children, the offsets are written, and
// `clone` makes the first child (time_namespaces(7)).
int TimeOffsets(Context& context, const Step& step) {
    if (unshare(CLONE_NEWTIME) < 0) return Fail(context, errno, "a new time namespace");
    const Fd file(OpenOwn(context, "timens_offsets"));
    if (file.Failed()) return file.Error();
    for (uint32_t index = 0; index < step.str_count; index++) {
        const char* line = step.Str(index);
        if (write(file.Get(), line, strlen(line)) < 0) return Fail(context, errno, line);
    }
    return 0;
}

}  // namespace ocirun

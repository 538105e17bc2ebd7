// What makes the process of the container: namespaces, session, names, the tie to the runtime.
#include <errno.h>
#include <linux/keyctl.h>
#include <linux/sched.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "context.h"
#include "kernel.h"
#include "message.h"

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

constexpr size_t kAffinityBytes = 8192 / 8;

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
    Send(context.socket, Kind::kPid, static_cast<uint32_t>(pid), 0, nullptr, 0, pidfd);
    _exit(0);
}

// A runtime that has died before this sends no signal any more, but has left the end of the socket.
int TieToRuntime(Context& context, const Step&) {
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0) return errno;
    context.tied = true;
    EndWithRuntime(context);
    return 0;
}

int UntieFromRuntime(Context& context, const Step&) {
    context.tied = false;
    return prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0) < 0 ? errno : 0;
}

int ResetAffinity(Context&, const Step&) {
    unsigned char mask[kAffinityBytes];
    memset(mask, 0xff, sizeof mask);
    const long set = Kernel(SYS_sched_setaffinity, 0, sizeof mask, mask);
    // EINVAL: none of these CPUs is in our cpuset, so the kernel has set what it is to be.
    return set < 0 && set != -EINVAL ? static_cast<int>(-set) : 0;
}

int NewSession(Context&, const Step&) {
    // EPERM: we lead a process group already (a shell with job control made one), and stay in its
    // session.
    return setsid() < 0 && errno != EPERM ? errno : 0;
}

int SessionKeyring(Context& context, const Step& step) {
    const long joined = Kernel(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, step.Str(0));
    return joined < 0 && joined != -ENOSYS ? Fail(context, static_cast<int>(-joined), step.Str(0))
                                           : 0;
}

int LoopbackUp(Context& context, const Step&) {
    const Fd socket_fd(Kernel(SYS_socket, AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (socket_fd.Failed()) return Fail(context, socket_fd.Error(), "lo");
    ifreq request = {};
    memcpy(request.ifr_name, "lo", sizeof "lo");
    request.ifr_flags = IFF_UP | IFF_RUNNING;
    return ioctl(socket_fd.Get(), SIOCSIFFLAGS, &request) < 0 ? Fail(context, errno, "lo") : 0;
}

int Hostname(Context& context, const Step& step) {
    const char* name = step.Str(0);
    return sethostname(name, strlen(name)) < 0 ? Fail(context, errno, name) : 0;
}

int Domainname(Context& context, const Step& step) {
    const char* name = step.Str(0);
    return setdomainname(name, strlen(name)) < 0 ? Fail(context, errno, name) : 0;
}

int Limits(Context&, const Step& step) {
    for (uint32_t index = 0; index + 2 < step.num_count; index += 3) {
        const uint64_t limit[2] = {step.Num(index + 1), step.Num(index + 2)};
        const long set = Kernel(SYS_prlimit64, 0, step.Num(index), limit, nullptr);
        if (set < 0) return static_cast<int>(-set);
    }
    return 0;
}

int Umask(Context& context, const Step& step) {
    context.umask = static_cast<uint32_t>(step.Num(0)) & 0777;
    return 0;
}

int Dumpable(Context&, const Step& step) {
    return prctl(PR_SET_DUMPABLE, step.Num(0), 0, 0, 0) < 0 ? errno : 0;
}

}  // namespace ocirun

// What makes the process of the container: session, names, limits, the tie to the runtime.
#include <errno.h>
#include <linux/keyctl.h>
#include <net/if.h>
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

constexpr size_t kAffinityBytes = 8192 / 8;

}  // namespace

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

void SetUmask(Context& context) {
    if (context.umask_set) return;
    umask(context.umask);
    context.umask_set = true;
}

int Dumpable(Context&, const Step& step) {
    return prctl(PR_SET_DUMPABLE, step.Num(0), 0, 0, 0) < 0 ? errno : 0;
}

}  // namespace ocirun

// Capabilities, user and groups (capabilities(7), credentials(7)). Raw system calls: there is one
// thread.
#include "credentials.h"

#include <errno.h>
#include <linux/capability.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "kernel.h"
#include "message.h"

namespace ocirun {

namespace {

constexpr uint32_t kMostGroups = 65536;

uint32_t g_groups[kMostGroups];

// Whether the effective set has that capability.
bool Has(int capability) { return (EffectiveCapabilities() >> capability & 1) != 0; }

int SetGroups(const Step& step) {
    const uint32_t count = step.num_count - 2u;
    if (count > kMostGroups) return EINVAL;
    for (uint32_t index = 0; index < count; index++)
        g_groups[index] = static_cast<uint32_t>(step.Num(index + 2));
    const long set = Kernel(SYS_setgroups, count, g_groups);
    // Whoever made this user namespace has forbidden it to everybody in it (user_namespaces(7),
    // "setgroups"); without groups to set, those that we have stay.
    if (set == -EPERM && count == 0 && Has(CAP_SETGID)) return 0;
    return set < 0 ? static_cast<int>(-set) : 0;
}

// Whether a stream may change its owner: null is everybody's, a terminal is the caller's, and so is
// a file that is only read (`run </etc/passwd`).
bool MayBeGiven(int stream, const struct stat& status) {
    if (S_ISFIFO(status.st_mode)) return true;
    const int flags = fcntl(stream, F_GETFL);
    return S_ISREG(status.st_mode) && flags >= 0 && (flags & O_ACCMODE) != O_RDONLY;
}

// Give the standard streams to the user: programs open /dev/stdout anew, which for a pipe or a log
// of the runtime's caller is a matter of its owner. What this user namespace has no right to
// (EPERM, EINVAL), or nobody (EROFS), stays.
int GiveStreams(uid_t uid) {
    for (int stream = 0; stream <= 2; stream++) {
        struct stat status;
        if (fstat(stream, &status) < 0) continue;
        if (status.st_uid == uid || !MayBeGiven(stream, status)) continue;
        if (fchown(stream, uid, static_cast<gid_t>(-1)) == 0) continue;
        if (errno != EPERM && errno != EINVAL && errno != EROFS) return errno;
    }
    return 0;
}

constexpr uint32_t Half(uint64_t mask, int index) {
    return static_cast<uint32_t>(mask >> (32 * index));
}

int SetAmbient(uint64_t mask) {
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0) return errno;
    for (unsigned capability = 0; capability < 64; capability++)
        if ((mask >> capability & 1) != 0 &&
            prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0) < 0)
            return errno;
    return 0;
}

}  // namespace

int TieAgain(const Context& context) {
    if (!context.tied) return 0;
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0) return errno;
    EndWithRuntime(context);
    return 0;
}

bool IsMember(uint32_t group) {
    if (getegid() == group) return true;
    const long count = Kernel(SYS_getgroups, kMostGroups, g_groups);
    for (long index = 0; index < count; index++)
        if (g_groups[index] == group) return true;
    return false;
}

uint64_t EffectiveCapabilities() {
    __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct data[2] = {};
    Kernel(SYS_capget, &header, data);
    return data[0].effective | static_cast<uint64_t>(data[1].effective) << 32;
}

void RaiseCapability(unsigned capability) {
    __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct data[2] = {};
    if (Kernel(SYS_capget, &header, data) < 0) return;
    __user_cap_data_struct& half = data[capability / 32];
    half.effective |= half.permitted & 1u << capability % 32;
    Kernel(SYS_capset, &header, data);
}

int NoNewPrivileges(Context&, const Step&) {
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? errno : 0;
}

int BoundingSet(Context&, const Step& step) {
    const uint64_t keep = step.Num(0);
    const uint64_t last = step.Num(1);
    for (uint64_t capability = 0; capability <= last && capability < 64; capability++) {
        if ((keep >> capability & 1) != 0) continue;
        if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0 || errno == EINVAL) continue;
        // Without CAP_SETPCAP nothing can be dropped; what is not there needs no dropping.
        if (prctl(PR_CAPBSET_READ, capability, 0, 0, 0) != 0) return EPERM;
    }
    return 0;
}

int User(Context& context, const Step& step) {
    const auto uid = static_cast<uid_t>(step.Num(0));
    const auto gid = static_cast<gid_t>(step.Num(1));
    if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0) return errno;
    const int groups = SetGroups(step);
    if (groups != 0) return Fail(context, groups, "setgroups");
    const int streams = GiveStreams(uid);
    if (streams != 0) return Fail(context, streams, "standard streams");
    const long group = Kernel(SYS_setresgid, gid, gid, gid);
    if (group < 0) return Fail(context, static_cast<int>(-group), "setgid");
    const long user = Kernel(SYS_setresuid, uid, uid, uid);
    if (user < 0) return Fail(context, static_cast<int>(-user), "setuid");
    if (prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0) < 0) return errno;
    return TieAgain(context);
}

int Capabilities(Context& context, const Step& step) {
    __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct data[2];
    for (int half = 0; half < 2; half++)
        data[half] = {Half(step.Num(0), half), Half(step.Num(1), half), Half(step.Num(2), half)};
    const long set = Kernel(SYS_capset, &header, data);
    if (set < 0) return static_cast<int>(-set);
    const int ambient = SetAmbient(step.Num(3));
    return ambient != 0 ? Fail(context, ambient, "ambient") : TieAgain(context);
}

}  // namespace ocirun

#include "process.h"

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <climits>
#include <cstdlib>
#include <ctime>

#include "text.h"

namespace ocirun {

namespace {

Result<Text> textOf(const char* characters, const char* syscall) {
    return asText(Buffer(Bytes{characters, strlen(characters)}), syscall);
}

void addMask(Numbers& numbers, uint64_t mask) {
    numbers.push_back(static_cast<double>(mask & UINT32_MAX));
    numbers.push_back(static_cast<double>(mask >> 32));
}

struct BoundingSet {
    uint64_t mask = 0;
    int last = -1;
};

// The kernel knows the capabilities 0 to the first that prctl(2) refuses with EINVAL.
BoundingSet readBoundingSet() {
    BoundingSet found;
    for (int capability = 0; capability < 64; capability++) {
        int held = prctl(PR_CAPBSET_READ, capability, 0, 0, 0);
        if (held == -1) break;
        found.last = capability;
        if (held == 1) found.mask |= uint64_t{1} << capability;
    }
    return found;
}

// Only what is permitted and inheritable can be ambient: mostly nothing to ask for.
uint64_t readAmbientSet(uint64_t candidates) {
    uint64_t mask = 0;
    for (; candidates != 0; candidates &= candidates - 1) {
        int capability = __builtin_ctzll(candidates);
        if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, capability, 0, 0) == 1) {
            mask |= uint64_t{1} << capability;
        }
    }
    return mask;
}

}  // namespace

void exitNow(int status) { _exit(status); }

Result<Numbers> clockTime(int clock) {
    timespec now;
    if (clock_gettime(clock, &now) == -1) return failed("clock_gettime");
    return Numbers{static_cast<double>(now.tv_sec), static_cast<double>(now.tv_nsec)};
}

Result<std::optional<Text>> environmentValue(const char* name) {
    const char* value = getenv(name);
    if (value == nullptr) return std::optional<Text>();
    Result<Text> text = textOf(value, "getenv");
    if (!text) return text.failure();
    return std::optional<Text>(std::move(*text));
}

int processId() { return getpid(); }

Numbers userAndGroupIds() {
    return {static_cast<double>(getuid()), static_cast<double>(geteuid()),
            static_cast<double>(getgid()), static_cast<double>(getegid())};
}

Result<Text> workingDirectory() {
    char path[PATH_MAX];
    if (getcwd(path, sizeof path) == nullptr) return failed("getcwd");
    return textOf(path, "getcwd");
}

Result<Text> kernelRelease() {
    utsname names;
    if (uname(&names) == -1) return failed("uname");
    return textOf(names.release, "uname");
}

Result<Numbers> capabilities() {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct data[2];
    if (syscall(SYS_capget, &header, data) == -1) return failed("capget");
    auto join = [](uint32_t low, uint32_t high) { return uint64_t{high} << 32 | low; };
    uint64_t permitted = join(data[0].permitted, data[1].permitted);
    uint64_t inheritable = join(data[0].inheritable, data[1].inheritable);
    BoundingSet bounding = readBoundingSet();
    Numbers numbers;
    numbers.reserve(11);
    addMask(numbers, join(data[0].effective, data[1].effective));
    addMask(numbers, permitted);
    addMask(numbers, inheritable);
    addMask(numbers, bounding.mask);
    addMask(numbers, readAmbientSet(permitted & inheritable));
    numbers.push_back(bounding.last);
    return numbers;
}

Result<void> setSubreaper(bool on) {
    return doneOr("prctl", prctl(PR_SET_CHILD_SUBREAPER, on ? 1 : 0, 0, 0, 0));
}

Result<void> setDumpable(bool on) {
    return doneOr("prctl", prctl(PR_SET_DUMPABLE, on ? 1 : 0, 0, 0, 0));
}

int setUmask(uint32_t mask) { return static_cast<int>(umask(mask)); }

}  // namespace ocirun

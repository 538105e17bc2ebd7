#include "host_conditions.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace ocirun::hostConditions {

namespace {

struct Found {
    bool maskKnown = false;
    SignalMask mask = 0;
    SignalMask toDefault = 0;
    SignalMask toIgnore = 0;
    bool limitFiles = false;
    rlimit64 files{};
};

Found found;

void keepMask(SignalMask mask) {
    if (found.maskKnown) return;
    found.maskKnown = true;
    found.mask = mask;
}

#ifndef OCIRUN_STANDALONE

// Node.js raises its soft limit to the hard one and keeps no note of what it was. The parent's
// limit is mostly what we inherited; the best that can be had.
void findParentLimit() {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/limits", getppid());
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd == -1) return;
    char limits[4096];
    ssize_t length = read(fd, limits, sizeof limits - 1);
    close(fd);
    if (length <= 0) return;
    limits[length] = '\0';
    constexpr char kTitle[] = "Max open files";
    const char* line = strstr(limits, kTitle);
    if (line == nullptr) return;
    uint64_t soft = strtoull(line + sizeof kTitle - 1, nullptr, 10);
    rlimit64 own;
    if (getrlimit64(RLIMIT_NOFILE, &own) == -1) return;
    if (soft == 0 || own.rlim_cur != own.rlim_max || soft >= own.rlim_cur) return;
    found.limitFiles = true;
    found.files = {soft, own.rlim_max};
}

pid_t signalThread;

// Another thread of Node.js has taken a signal that is meant for the signalfd.
void forwardSignal(int signal) {
    int before = errno;
    syscall(SYS_tgkill, getpid(), signalThread, signal);
    errno = before;
}

// A signal to the process goes to any thread that does not block it, and Node.js has several.
void forwardFromOtherThreads(SignalMask signals) {
    signalThread = static_cast<pid_t>(syscall(SYS_gettid));
    struct sigaction action {};
    action.sa_handler = forwardSignal;
    action.sa_flags = SA_RESTART;
    for (int signal = 1; signal < 32; signal++) {
        if (signals & bitOf(signal)) sigaction(signal, &action, nullptr);
    }
}

#endif

}  // namespace

void begin() {
#ifndef OCIRUN_STANDALONE
    keepMask(changeMask(SIG_BLOCK, 0));
    // Node.js sets every signal to its default at start, but ignores these two.
    found.toDefault = bitOf(SIGPIPE) | bitOf(SIGXFSZ);
    findParentLimit();
#endif
}

void blockSignals(SignalMask signals) {
    keepMask(changeMask(SIG_BLOCK, signals));
#ifndef OCIRUN_STANDALONE
    forwardFromOtherThreads(signals);
#endif
}

bool isInherited(int fd) {
    int flags = fcntl(fd, F_GETFD);
#ifdef OCIRUN_STANDALONE
    return flags == 0;
#else
    return flags != -1;
#endif
}

void makeDefault(int signal) {
    struct sigaction before {};
    struct sigaction action {};
    action.sa_handler = SIG_DFL;
    sigaction(signal, &action, &before);
    if (before.sa_handler == SIG_IGN) found.toIgnore |= bitOf(signal);
}

ForChild forChild(SignalMask current) {
    return {found.maskKnown ? found.mask : current, found.toDefault, found.toIgnore,
            found.limitFiles, found.files};
}

}  // namespace ocirun::hostConditions

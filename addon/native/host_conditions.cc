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
    sigset_t mask;
    uint64_t toDefault = 0;
    bool limitFiles = false;
    rlimit64 files{};
};

Found found;

uint64_t kernelMask(const sigset_t& set) {
    uint64_t mask;
    memcpy(&mask, &set, sizeof mask);
    return mask;
}

void keepMask(const sigset_t& mask) {
    if (found.maskKnown) return;
    found.maskKnown = true;
    found.mask = mask;
}

#ifndef OCIRUN_STANDALONE

constexpr uint64_t bit(int signal) { return uint64_t{1} << (signal - 1); }

// Node.js raises its soft limit to the hard one and keeps no note of what it was. The parent's limit is
// mostly what we inherited; the best that can be had.
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
void forwardFromOtherThreads(const sigset_t& signals) {
    signalThread = static_cast<pid_t>(syscall(SYS_gettid));
    struct sigaction action {};
    action.sa_handler = forwardSignal;
    action.sa_flags = SA_RESTART;
    for (int signal = 1; signal < 32; signal++) {
        if (sigismember(&signals, signal) == 1) sigaction(signal, &action, nullptr);
    }
}

#endif

}  // namespace

void begin() {
#ifndef OCIRUN_STANDALONE
    sigset_t mask;
    pthread_sigmask(SIG_SETMASK, nullptr, &mask);
    keepMask(mask);
    // Node.js sets every signal to its default at start, but ignores these two.
    found.toDefault = bit(SIGPIPE) | bit(SIGXFSZ);
    findParentLimit();
#endif
}

void blockSignals(const sigset_t& signals) {
    sigset_t before;
    pthread_sigmask(SIG_BLOCK, &signals, &before);
    keepMask(before);
#ifndef OCIRUN_STANDALONE
    forwardFromOtherThreads(signals);
#endif
}

ForChild forChild(const sigset_t& current) {
    return {kernelMask(found.maskKnown ? found.mask : current), found.toDefault, found.limitFiles,
            found.files};
}

}  // namespace ocirun::hostConditions

#include "other_processes.h"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace ocirun {

namespace {

// P_PIDFD, which older libcs do not name.
constexpr auto kPidfd = static_cast<idtype_t>(3);

}  // namespace

Result<int> openPidfd(int pid) {
    // A pidfd is close-on-exec from the start.
    return numberOr("pidfd_open", syscall(SYS_pidfd_open, pid, 0));
}

Result<int> takeDescriptor(int pidfd, int fd) {
    // It is close-on-exec here, whatever it is there.
    return numberOr("pidfd_getfd", syscall(SYS_pidfd_getfd, pidfd, fd, 0));
}

Result<void> sendSignal(int pidfd, int signal) {
    return doneOr("pidfd_send_signal", syscall(SYS_pidfd_send_signal, pidfd, signal, nullptr, 0));
}

Result<Numbers> waitPidfd(int pidfd, int flags) {
    siginfo_t info{};
    auto id = static_cast<id_t>(pidfd);
    int result = uninterrupted([&] { return waitid(kPidfd, id, &info, WEXITED | flags); });
    if (result == -1) return failed("waitid");
    if (info.si_pid == 0) return Numbers{};
    return Numbers{static_cast<double>(info.si_code), static_cast<double>(info.si_status)};
}

Result<int> reapAny(int except) {
    siginfo_t info{};
    int result =
        uninterrupted([&] { return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT); });
    if (result == -1 && errno == ECHILD) return -1;
    if (result == -1) return failed("waitid");
    if (info.si_pid == 0 || info.si_pid == except) return 0;
    return numberOr("waitpid",
                    uninterrupted([&] { return waitpid(info.si_pid, nullptr, WNOHANG); }));
}

Result<void> setLimit(int pid, int resource, uint64_t soft, uint64_t hard) {
    rlimit64 wanted{soft, hard};
    return doneOr("prlimit64", syscall(SYS_prlimit64, pid, resource, &wanted, nullptr));
}

}  // namespace ocirun

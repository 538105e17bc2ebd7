#include "waiting.h"

#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <csignal>

#include "host_conditions.h"

namespace ocirun {

Result<Numbers> poll(const std::vector<int>& fds, const std::vector<int>& wanted, int timeout) {
    if (fds.size() != wanted.size()) return Failure{EINVAL, "poll"};
    std::vector<pollfd> waiting;
    waiting.reserve(fds.size());
    for (size_t i = 0; i < fds.size(); i++) {
        waiting.push_back({fds[i], static_cast<short>(wanted[i]), 0});
    }
    if (::poll(waiting.data(), waiting.size(), timeout) == -1) return failed("poll");
    Numbers came;
    came.reserve(waiting.size());
    for (const pollfd& one : waiting) came.push_back(one.revents);
    return came;
}

Result<int> signalDescriptor(const std::vector<int>& signals) {
    SignalMask wanted = 0;
    for (int signal : signals) {
        if (signal < 1 || signal > 64) return Failure{EINVAL, "signalfd"};
        wanted |= bitOf(signal);
    }
    long fd = syscall(SYS_signalfd4, -1, &wanted, sizeof wanted, SFD_CLOEXEC | SFD_NONBLOCK);
    if (fd == -1) return failed("signalfd");
    hostConditions::blockSignals(wanted);
    return static_cast<int>(fd);
}

void defaultSignal(int signal) { hostConditions::makeDefault(signal); }

Result<int> readSignal(int fd) {
    signalfd_siginfo info;
    ssize_t count = uninterrupted([&] { return ::read(fd, &info, sizeof info); });
    if (count == -1 && errno == EAGAIN) return 0;
    if (count != sizeof info) return count == -1 ? failed("read") : Failure{EIO, "read"};
    return static_cast<int>(info.ssi_signo);
}

}  // namespace ocirun

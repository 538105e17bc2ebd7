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
    sigset_t wanted;
    sigemptyset(&wanted);
    for (int signal : signals) {
        if (sigaddset(&wanted, signal) == -1) return failed("sigaddset");
    }
    int fd = signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK);
    if (fd == -1) return failed("signalfd");
    hostConditions::blockSignals(wanted);
    return fd;
}

Result<int> readSignal(int fd) {
    signalfd_siginfo info;
    ssize_t count = uninterrupted([&] { return ::read(fd, &info, sizeof info); });
    if (count == -1 && errno == EAGAIN) return 0;
    if (count != sizeof info) return count == -1 ? failed("read") : Failure{EIO, "read"};
    return static_cast<int>(info.ssi_signo);
}

}  // namespace ocirun

// The step that runs a program beside init and waits for it.
#include <errno.h>
#include <limits.h>
#include <linux/close_range.h>
#include <linux/memfd.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include <initializer_list>

#include "arguments.h"
#include "context.h"
#include "explain.h"
#include "kernel.h"
#include "number.h"
#include "output.h"

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 8U
#endif

namespace ocirun {

namespace {

// Where the strings of the step begin that are the program's.
constexpr uint32_t kFirstArgument = 3;
constexpr uint64_t kLongestTimeout = 1ull << 40;

struct Pipe {
    Fd reading;
    Fd writing;

    int Open() {
        int ends[2];
        if (pipe2(ends, O_CLOEXEC) < 0) return errno;
        reading.Reset(ends[0]);
        writing.Reset(ends[1]);
        return 0;
    }
};

// A program's standard streams, and the pipe that ends as it is executed, or says why it could not
// be.
struct Streams {
    Fd input;
    Pipe output;
    Pipe error;
    Pipe status;
};

// Of SIGCHLD, the default: where it is ignored, the kernel reaps children before we see how they
// ended (wait(2)).
class DefaultChildSignal {
 public:
    DefaultChildSignal() {
        struct sigaction usual = {};
        usual.sa_handler = SIG_DFL;
        sigaction(SIGCHLD, &usual, &before_);
    }
    ~DefaultChildSignal() { Restore(); }
    void Restore() const { sigaction(SIGCHLD, &before_, nullptr); }

 private:
    struct sigaction before_;
};

// What the program reads, as a file that it cannot make wait. Returns a descriptor or a negative
// errno.
long InputOf(const Step& step) {
    // EINVAL: a kernel before 6.3.
    long created = Kernel(SYS_memfd_create, "input", MFD_CLOEXEC | MFD_NOEXEC_SEAL);
    if (created == -EINVAL) created = Kernel(SYS_memfd_create, "input", MFD_CLOEXEC);
    Fd file(created);
    if (file.Failed()) return file.Get();
    char pid[12];
    FormatDecimal(static_cast<uint32_t>(getpid()), pid);
    off_t at = 0;
    for (const char* text : {step.Str(1), static_cast<const char*>(pid), step.Str(2)}) {
        const auto length = static_cast<ssize_t>(strlen(text));
        const ssize_t written = pwrite(file.Get(), text, length, at);
        if (written != length) return written < 0 ? -errno : -ENOSPC;
        at += length;
    }
    return file.Release();
}

int OpenStreams(const Step& step, Streams& streams) {
    streams.input.Reset(InputOf(step));
    if (streams.input.Failed()) return streams.input.Error();
    for (Pipe* pipe : {&streams.output, &streams.error, &streams.status}) {
        const int error = pipe->Open();
        if (error != 0) return error;
    }
    return 0;
}

// The child: nothing of ours is left in it but its standard streams.
[[noreturn]] void Become(const Context& context, const Step& step, const Streams& streams,
                         const DefaultChildSignal& signal, pid_t parent, char** environment) {
    int ends[4] = {streams.input.Get(), streams.output.writing.Get(), streams.error.writing.Get(),
                   streams.status.writing.Get()};
    // Out of the way first: one of them may have the number of a stream that our caller had closed.
    for (int& end : ends) end = fcntl(end, F_DUPFD_CLOEXEC, 4);
    for (int stream = 0; stream < 3; stream++) dup2(ends[stream], stream);
    dup3(ends[3], 3, O_CLOEXEC);
    Kernel(SYS_close_range, 4u, ~0u, 0);
    signal.Restore();
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    if (getppid() != parent) _exit(1);
    umask(context.umask);
    execve(step.Str(0), context.pointers, environment);
    const int error = errno;
    if (write(3, &error, sizeof error) < 0) _exit(1);
    _exit(127);
}

// Start the program. Returns 0 with its pidfd, or an errno; that of execve(2) too.
int Start(Context& context, const Step& step, Streams& streams, const DefaultChildSignal& signal,
          Fd& pidfd) {
    char** environment = nullptr;
    PointAtStrings(context, step, kFirstArgument, static_cast<uint32_t>(step.Num(0)), &environment);
    const pid_t parent = getpid();
    int child = -1;
    // Not clone3(2): filters of system calls, which cannot see its flags, refuse it. This one has
    // its pidfd where the parent's thread id would be.
    const long pid = Kernel(SYS_clone, CLONE_PIDFD | SIGCHLD, nullptr, &child, nullptr, nullptr);
    if (pid < 0) return static_cast<int>(-pid);
    if (pid == 0) Become(context, step, streams, signal, parent, environment);
    pidfd.Reset(child);
    streams.input.Reset(-1);
    for (Pipe* pipe : {&streams.output, &streams.error, &streams.status}) pipe->writing.Reset(-1);
    int refused = 0;
    ssize_t length;
    do {
        length = read(streams.status.reading.Get(), &refused, sizeof refused);
    } while (length < 0 && errno == EINTR);
    return length == sizeof refused ? refused : 0;
}

uint64_t Now() {
    timespec now = {};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<uint64_t>(now.tv_sec) * 1000 + static_cast<uint64_t>(now.tv_nsec) / 1000000;
}

// Milliseconds for poll(2); `until` 0 is for ever.
int Remaining(uint64_t until, uint64_t now) {
    if (until == 0) return -1;
    const uint64_t left = until > now ? until - now : 0;
    return left > INT_MAX ? INT_MAX : static_cast<int>(left);
}

// Take what the program writes until it ends. Returns 0, ETIME where it ran past its timeout, or
// another errno; a descendant that holds its streams is not waited for.
int Follow(int pidfd, const Streams& streams, uint64_t timeout, Output (&outputs)[2]) {
    const uint64_t until =
        timeout == 0 ? 0 : Now() + (timeout < kLongestTimeout ? timeout : kLongestTimeout);
    pollfd waiting[3] = {{streams.output.reading.Get(), POLLIN, 0},
                         {streams.error.reading.Get(), POLLIN, 0},
                         {pidfd, POLLIN, 0}};
    for (;;) {
        const uint64_t now = until == 0 ? 0 : Now();
        const int ready = poll(waiting, 3, Remaining(until, now));
        if (ready < 0 && errno != EINTR) return errno;
        if (ready > 0 && waiting[2].revents != 0) break;
        // Not only where nothing is ready: one that writes without end is never waited for.
        if (until != 0 && now >= until) return ETIME;
        for (int index = 0; ready > 0 && index < 2; index++)
            if (waiting[index].revents != 0 && !outputs[index].ReadFrom(waiting[index].fd))
                waiting[index].fd = -1;
    }
    for (int index = 0; index < 2; index++)
        if (waiting[index].fd >= 0) outputs[index].Drain(waiting[index].fd);
    return 0;
}

// Returns 0 or an errno.
int Reap(int pidfd, siginfo_t* end) {
    long waited;
    do {
        waited = Kernel(SYS_waitid, P_PIDFD, pidfd, end, WEXITED, nullptr);
    } while (waited == -EINTR);
    return static_cast<int>(-waited);
}

void Append(Context& context, const char* text, uint32_t length) {
    const uint32_t room = kDetailLimit - context.detail_length;
    if (length > room) length = room;
    memcpy(context.detail + context.detail_length, text, length);
    context.detail_length += length;
}

// "exit status 1, stdout: …, stderr: …", "signal: 11 (core dumped), stdout: …".
int Unsuccessful(Context& context, const siginfo_t& end, const Output (&outputs)[2]) {
    char number[12];
    FormatDecimal(static_cast<uint32_t>(end.si_status), number);
    Fail(context, 0, end.si_code == CLD_EXITED ? "exit status " : "signal: ");
    Append(context, number, strlen(number));
    if (end.si_code == CLD_DUMPED) Append(context, " (core dumped)", 14);
    Append(context, ", stdout: ", 10);
    Append(context, outputs[0].Text(), outputs[0].Length());
    Append(context, ", stderr: ", 10);
    Append(context, outputs[1].Text(), outputs[1].Length());
    return ECANCELED;
}

}  // namespace

int RunProgram(Context& context, const Step& step) {
    Streams streams;
    const int opened = OpenStreams(step, streams);
    if (opened != 0) return Fail(context, opened, "its standard streams");
    const DefaultChildSignal signal;
    Fd pidfd;
    const int refused = Start(context, step, streams, signal, pidfd);
    if (refused != 0) {
        siginfo_t ignored = {};
        if (!pidfd.Failed()) Reap(pidfd.Get(), &ignored);
        return FailToExecute(context, refused, step.Str(0));
    }
    Output outputs[2];
    const int followed = Follow(pidfd.Get(), streams, step.Num(1), outputs);
    if (followed != 0) Kernel(SYS_pidfd_send_signal, pidfd.Get(), SIGKILL, nullptr, 0);
    siginfo_t end = {};
    const int reaped = Reap(pidfd.Get(), &end);
    if (followed != 0) return Fail(context, followed, step.Str(0));
    if (reaped != 0) return Fail(context, reaped, "wait for it");
    return end.si_code == CLD_EXITED && end.si_status == 0 ? 0
                                                           : Unsuccessful(context, end, outputs);
}

}  // namespace ocirun

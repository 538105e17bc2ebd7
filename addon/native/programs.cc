#include "programs.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <ctime>

#include "child.h"
#include "contents.h"
#include "descriptor.h"
#include "other_processes.h"
#include "raw_syscall.h"

namespace ocirun {

namespace {

struct Order : ChildOrder {
    const Program* program;
    // What become its descriptors 0, 1 and 2; all above these.
    int standard[3];
};

// In the child.
void execute(ChildOrder& any) {
    Order& order = static_cast<Order&>(any);
    const Program& program = *order.program;
    for (int fd = 0; fd < 3; fd++) {
        if (!succeeds(order, "dup3", rawSyscall(SYS_dup3, order.standard[fd], fd, 0))) return;
    }
    // What our caller has left open for the container is not for this program. Before Linux 5.9
    // (ENOSYS) it gets it.
    rawSyscall(SYS_close_range, 3, ~0u, 0);
    if (program.directory[0] != '\0' &&
        !succeeds(order, "chdir", rawSyscall(SYS_chdir, program.directory))) {
        return;
    }
    restoreConditions(order);
    succeeds(order, "execve",
             rawSyscall(SYS_execve, program.path, program.arguments.pointers(),
                        program.environment.pointers()));
}

// The same descriptor, above those of standard input, output and error.
Result<Descriptor> aboveStandard(Descriptor fd) {
    if (fd.get() > 2) return fd;
    int higher = fcntl(fd.get(), F_DUPFD_CLOEXEC, 3);
    if (higher == -1) return failed("fcntl");
    return Descriptor(higher);
}

// A memory file, so that nobody waits for a program that does not read, or not all. It can be
// opened again by its name /dev/stdin, which a socket cannot be.
Result<Descriptor> inputOf(Bytes text) {
    constexpr unsigned kNoExecSeal = 8;  // MFD_NOEXEC_SEAL, since Linux 6.3
    int fd = memfd_create("input", MFD_CLOEXEC | kNoExecSeal);
    if (fd == -1 && errno == EINVAL) fd = memfd_create("input", MFD_CLOEXEC);
    if (fd == -1) return failed("memfd_create");
    Descriptor file(fd);
    Result<void> written = write(fd, text);
    if (!written) return written.failure();
    if (lseek(fd, 0, SEEK_SET) == -1) return failed("lseek");
    return aboveStandard(std::move(file));
}

// What a pipe holds (pipe(7)): as it is made, and at most.
constexpr size_t kPipe = 65536, kLargestPipe = 1 << 20;

// The end of what a program writes.
class Tail {
 public:
    explicit Tail(size_t limit) : kept_(limit), limit_(limit) {}

    // Read what there is, but no more than about `most`; false at the end of the pipe.
    bool readFrom(int fd, size_t most) {
        char bytes[4096];
        for (size_t read = 0; read < most;) {
            ssize_t count = uninterrupted([&] { return ::read(fd, bytes, sizeof bytes); });
            if (count <= 0) return count == -1 && errno == EAGAIN;
            add({bytes, static_cast<size_t>(count)});
            read += static_cast<size_t>(count);
        }
        return true;
    }
    Buffer take() { return std::move(kept_); }

 private:
    void add(Bytes bytes) {
        if (bytes.size > limit_) {
            bytes.data += bytes.size - limit_;
            bytes.size = limit_;
        }
        if (bytes.size > kept_.room()) kept_.dropFirst(bytes.size - kept_.room());
        kept_.append(bytes);
    }

    Buffer kept_;
    size_t limit_;
};

struct Pipe {
    // Does not block.
    Descriptor ours;
    Descriptor theirs;
};

Result<Pipe> makePipe() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) == -1) return failed("pipe2");
    Pipe pipe{Descriptor(ends[0]), Descriptor(ends[1])};
    if (fcntl(ends[0], F_SETFL, O_NONBLOCK) == -1) return failed("fcntl");
    Result<Descriptor> higher = aboveStandard(std::move(pipe.theirs));
    if (!higher) return higher.failure();
    pipe.theirs = std::move(*higher);
    return pipe;
}

int64_t millisecondsNow() {
    timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1000000;
}

// A program that runs, and its output.
class Running {
 public:
    Running(int pidfd, Descriptor output, Descriptor errors, size_t limit)
        : process_(pidfd),
          streams_{{std::move(output), Tail(limit)}, {std::move(errors), Tail(limit)}} {}

    int pidfd() const { return process_.get(); }

    // Nothing where it has not ended by then.
    Result<std::optional<ProgramEnd>> wait(int timeout) {
        Result<bool> ended = waitForEnd(timeout);
        if (!ended) return ended.failure();
        if (!*ended) return std::optional<ProgramEnd>();
        Result<Numbers> end = waitPidfd(process_.get(), 0);
        if (!end) return end.failure();
        // What is in the pipes now is all that is waited for: a process that it has left behind may
        // hold them open for as long as it likes.
        for (Stream& stream : streams_) stream.read(kLargestPipe);
        return std::optional(ProgramEnd{static_cast<int>((*end)[0]), static_cast<int>((*end)[1]),
                                        streams_[0].tail.take(), streams_[1].tail.take()});
    }

 private:
    struct Stream {
        Descriptor fd;
        Tail tail;
        void read(size_t most) {
            if (fd.get() != -1 && !tail.readFrom(fd.get(), most)) fd.close();
        }
    };

    // Whether it has ended before the timeout.
    Result<bool> waitForEnd(int timeout) {
        const int64_t deadline = millisecondsNow() + timeout;
        for (;;) {
            const int64_t left = timeout == -1 ? -1 : deadline - millisecondsNow();
            if (timeout != -1 && left <= 0) return false;
            Result<bool> ended = look(static_cast<int>(left));
            if (!ended || *ended) return ended;
        }
    }

    // Wait for output or the end; whether it has ended.
    Result<bool> look(int timeout) {
        pollfd waiting[] = {{process_.get(), POLLIN, 0},
                            {streams_[0].fd.get(), POLLIN, 0},
                            {streams_[1].fd.get(), POLLIN, 0}};
        int count = ::poll(waiting, 3, timeout);
        if (count == -1 && errno != EINTR) return failed("poll");
        if (count <= 0) return false;
        for (int i = 0; i < 2; i++) {
            if (waiting[i + 1].revents != 0) streams_[i].read(kPipe);
        }
        return waiting[0].revents != 0;
    }

    Descriptor process_;
    Stream streams_[2];
};

// Those that nobody has seen end yet.
std::vector<Running> running;

// A child that ends while SIGCHLD is ignored leaves no status behind.
void keepStatus() {
    struct sigaction action {};
    sigaction(SIGCHLD, nullptr, &action);
    if (action.sa_handler == SIG_IGN) hostConditions::makeDefault(SIGCHLD);
}

}  // namespace

Result<int> startProgram(const Program& program) {
    Result<Descriptor> input = inputOf(program.input);
    if (!input) return input.failure();
    Result<Pipe> output = makePipe();
    if (!output) return output.failure();
    Result<Pipe> errors = makePipe();
    if (!errors) return errors.failure();
    OrderMemory<Order> memory;
    if (!memory) return failed("mmap");
    Order& order = memory.get();
    order.run = execute;
    order.program = &program;
    order.standard[0] = input->get();
    order.standard[1] = output->theirs.get();
    order.standard[2] = errors->theirs.get();
    keepStatus();
    Result<Numbers> child = cloneChild(order, -1, -1);
    if (!child) return child.failure();
    const int pidfd = static_cast<int>((*child)[1]);
    running.emplace_back(pidfd, std::move(output->ours), std::move(errors->ours), program.limit);
    return pidfd;
}

Result<std::optional<ProgramEnd>> awaitProgram(int pidfd, int timeout) {
    const auto found = std::find_if(running.begin(), running.end(),
                                    [&](const Running& one) { return one.pidfd() == pidfd; });
    if (found == running.end()) return Failure{EBADF, "waitid"};
    Result<std::optional<ProgramEnd>> end = found->wait(timeout);
    // Where the wait has failed, it is still to be killed and waited for.
    if (end && *end) running.erase(found);
    return end;
}

}  // namespace ocirun

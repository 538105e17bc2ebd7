#include "pretend.h"

#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <limits.h>
#include <linux/stat.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <iterator>

namespace ocirun {

namespace {

constexpr int kMostCalls = 3000;
constexpr int kFirstFd = 500;
constexpr int kSetDispatch = 59;  // PR_SET_SYSCALL_USER_DISPATCH

// SYSCALL_DISPATCH_FILTER_ALLOW or _BLOCK.
volatile char dispatched = 0;
jmp_buf way_out;
int calls_left;
// One call in so many fails.
uint64_t failing;
uint64_t chance;

uint64_t next() {
    chance ^= chance << 13;
    chance ^= chance >> 7;
    chance ^= chance << 17;
    return chance;
}

uint64_t below(uint64_t limit) { return limit == 0 ? 0 : next() % limit; }

template <typename T, size_t N>
T oneOf(const T (&list)[N]) {
    return list[below(N)];
}

struct Call {
    long number;
    uint64_t arguments[6];
    void* At(int index) const { return reinterpret_cast<void*>(arguments[index]); }
};

long fill(void* to, size_t size) {
    static const char kText[] = "0123456789 \n:/abcxyz(unreachable)-proc,rw";
    const size_t length = std::min<size_t>(below(4) == 0 ? size : below(size + 1), 1 << 16);
    auto* bytes = static_cast<char*>(to);
    for (size_t index = 0; index < length; index++)
        bytes[index] = below(16) == 0 ? static_cast<char>(next()) : oneOf(kText);
    return static_cast<long>(length);
}

uint32_t someMode() {
    static const uint32_t kTypes[] = {S_IFREG, S_IFDIR, S_IFLNK, S_IFCHR, S_IFBLK, S_IFIFO};
    return oneOf(kTypes) | (next() & 07777);
}

long status(const Call& call) {
    auto* to = static_cast<struct stat*>(call.At(call.number == SYS_newfstatat ? 2 : 1));
    memset(to, 0, sizeof *to);
    to->st_mode = someMode();
    to->st_rdev = below(2) ? 0x103 : next();
    to->st_ino = below(3);
    to->st_uid = static_cast<uid_t>(below(3));
    return 0;
}

long extendedStatus(const Call& call) {
    auto* to = static_cast<struct statx*>(call.At(4));
    memset(to, 0, sizeof *to);
    to->stx_mask = below(2) ? ~0u : static_cast<uint32_t>(next());
    to->stx_mode = static_cast<uint16_t>(someMode());
    to->stx_ino = below(3);
    to->stx_attributes = next();
    return 0;
}

long filesystem(const Call& call) {
    static const long kMagics[] = {0x9fa0, 0x62656572, 0x27e0eb, 0x63677270, 0x1021994, 0xef53};
    auto* to = static_cast<struct statfs*>(call.At(1));
    memset(to, 0, sizeof *to);
    to->f_type = oneOf(kMagics);
    to->f_flags = static_cast<long>(below(1 << 14));
    return 0;
}

long workingDirectory(const Call& call) {
    auto* to = static_cast<char*>(call.At(0));
    strncpy(to, below(4) ? "/some/where" : "(unreachable)/x", call.arguments[1]);
    return static_cast<long>(strlen(to) + 1);
}

long entries(const Call& call) {
    if (below(2) == 0) return 0;
    struct dirent64 entry = {};
    const size_t length = 1 + below(250);
    memset(entry.d_name, 'n', length);
    entry.d_ino = 1;
    entry.d_reclen = static_cast<uint16_t>((offsetof(struct dirent64, d_name) + length + 8) & ~7ul);
    static const uint8_t kTypes[] = {DT_DIR, DT_REG, DT_LNK, DT_UNKNOWN};
    entry.d_type = oneOf(kTypes);
    memcpy(call.At(1), &entry, entry.d_reclen);
    return entry.d_reclen;
}

// A record with any content, and any descriptors beside it.
long message(const Call& call) {
    auto* to = static_cast<msghdr*>(call.At(1));
    const long length = fill(to->msg_iov[0].iov_base, to->msg_iov[0].iov_len);
    auto* words = static_cast<uint32_t*>(to->msg_iov[0].iov_base);
    if (length >= 16 && below(4) != 0) {
        words[0] = 1 + static_cast<uint32_t>(below(26));
        words[3] = static_cast<uint32_t>(below(static_cast<uint64_t>(length) - 15));
    }
    const size_t count = below(2) ? 0 : below(254);
    to->msg_flags = below(16) ? 0 : MSG_TRUNC;
    if (count == 0 || to->msg_controllen < CMSG_SPACE(count * sizeof(int))) {
        to->msg_controllen = 0;
        return length;
    }
    to->msg_controllen = CMSG_SPACE(count * sizeof(int));
    cmsghdr* rights = CMSG_FIRSTHDR(to);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(count * sizeof(int));
    for (size_t index = 0; index < count; index++) {
        const int descriptor = kFirstFd + static_cast<int>(index);
        memcpy(CMSG_DATA(rights) + index * sizeof(int), &descriptor, sizeof descriptor);
    }
    return length;
}

long groups(const Call& call) {
    const size_t count = below(call.arguments[0] + 1);
    memset(call.At(1), 1, std::min<size_t>(count, 1024) * sizeof(uint32_t));
    return static_cast<long>(count);
}

// What gives a descriptor, or a number of whatever kind.
long number(const Call&) { return kFirstFd + static_cast<long>(below(20)); }

long copied(const Call& call) { return static_cast<long>(below(2) ? 0 : call.arguments[3]); }

long child(const Call&) { return below(2) ? 0 : 4000; }

long filled(const Call& call) { return fill(call.At(1), call.arguments[2]); }

template <typename File, typename Header>
void beginProgram(unsigned char type, void* to) {
    File file;
    memcpy(&file, to, sizeof file);
    memcpy(file.e_ident, ELFMAG, SELFMAG);
    file.e_ident[EI_CLASS] = type;
    file.e_ident[EI_DATA] = below(8) ? ELFDATA2LSB : ELFDATA2MSB;
    file.e_phentsize = sizeof(Header);
    memcpy(to, &file, sizeof file);
}

template <typename Header>
void nameLoader(void* to) {
    Header header;
    memcpy(&header, to, sizeof header);
    header.p_type = below(4) ? PT_INTERP : PT_LOAD;
    header.p_filesz = below(below(2) ? 32 : 2 * PATH_MAX);
    memcpy(to, &header, sizeof header);
}

// What lies in a file at some place: as a rule, what one that can be executed has in a place of
// that size.
long contents(const Call& call) {
    const long length = filled(call);
    const size_t size = call.arguments[2];
    if (length == 0 || below(4) == 0) return length;
    if (size == sizeof(Elf64_Phdr)) nameLoader<Elf64_Phdr>(call.At(1));
    if (size == sizeof(Elf32_Phdr)) nameLoader<Elf32_Phdr>(call.At(1));
    if (size != 256) {
        static_cast<char*>(call.At(1))[size - 1] = 0;
        return static_cast<long>(size);
    }
    const uint64_t kind = below(3);
    if (kind == 0) memcpy(call.At(1), "#!/", 3);
    if (kind == 1) beginProgram<Elf64_Ehdr, Elf64_Phdr>(ELFCLASS64, call.At(1));
    if (kind == 2) beginProgram<Elf32_Ehdr, Elf32_Phdr>(ELFCLASS32, call.At(1));
    return length;
}

long linkText(const Call& call) { return fill(call.At(2), call.arguments[3]); }

long attribute(const Call& call) {
    return call.arguments[3] == 0 ? 4 : fill(call.At(2), call.arguments[3]);
}

long pipeEnds(const Call& call) {
    auto* ends = static_cast<int*>(call.At(0));
    ends[0] = kFirstFd + 30;
    ends[1] = kFirstFd + 31;
    return 0;
}

long written(const Call& call) { return static_cast<long>(call.arguments[2]); }

// Everybody's parent, too.
long self(const Call&) { return 1; }

long readiness(const Call& call) {
    auto* waiting = static_cast<pollfd*>(call.At(0));
    long ready = 0;
    for (uint64_t index = 0; index < call.arguments[1]; index++) {
        waiting[index].revents = below(2) ? POLLIN : 0;
        ready += waiting[index].revents != 0;
    }
    return ready;
}

long ended(const Call& call) {
    auto* end = static_cast<siginfo_t*>(call.At(2));
    end->si_code = below(4) ? CLD_EXITED : CLD_DUMPED;
    end->si_status = below(2) ? 0 : static_cast<int>(next());
    return 0;
}

struct Answer {
    long number;
    long (*make)(const Call& call);
};

constexpr Answer kAnswers[] = {
    {SYS_read, filled},
    {SYS_pread64, contents},
    {SYS_readlinkat, linkText},
    {SYS_fstat, status},
    {SYS_newfstatat, status},
    {SYS_stat, status},
    {SYS_lstat, status},
    {SYS_statx, extendedStatus},
    {SYS_fstatfs, filesystem},
    {SYS_statfs, filesystem},
    {SYS_getcwd, workingDirectory},
    {SYS_getdents64, entries},
    {SYS_recvmsg, message},
    {SYS_getgroups, groups},
    {SYS_open, number},
    {SYS_openat, number},
    {SYS_openat2, number},
    {SYS_dup, number},
    {SYS_fcntl, number},
    {SYS_socket, number},
    {SYS_sendfile, copied},
    {SYS_clone3, child},
    {SYS_clone, child},
    {SYS_vfork, child},
    {SYS_fork, child},
    {SYS_pipe2, pipeEnds},
    {SYS_write, written},
    {SYS_pwrite64, written},
    {SYS_getpid, self},
    {SYS_getppid, self},
    {SYS_poll, readiness},
    {SYS_waitid, ended},
    {SYS_memfd_create, number},
    {SYS_fgetxattr, attribute},
    {SYS_getxattr, attribute},
    {428 /* open_tree */, number},
    {430 /* fsopen */, number},
    {432 /* fsmount */, number},
    {433 /* fspick */, number},
};

// The sanitizers' own, and what a report of theirs needs.
constexpr long kReal[] = {SYS_mmap,  SYS_munmap, SYS_mprotect,    SYS_madvise,    SYS_rt_sigreturn,
                          SYS_futex, SYS_gettid, SYS_sched_yield, SYS_sigaltstack};

long answerTo(const Call& call) {
    static const int kErrors[] = {EPERM,  ENOENT,       EINTR,  EIO,    EBADF,  EAGAIN,
                                  EACCES, EBUSY,        EEXIST, EXDEV,  ENODEV, ENOTDIR,
                                  EINVAL, ENOSPC,       EROFS,  ELOOP,  ENOSYS, EOPNOTSUPP,
                                  E2BIG,  ENAMETOOLONG, EPIPE,  ETXTBSY};
    if (below(failing) == 0) return -oneOf(kErrors);
    for (const Answer& answer : kAnswers)
        if (answer.number == call.number) return answer.make(call);
    return below(8) ? 0 : 1;
}

bool isReal(const Call& call) {
    if (call.number == SYS_write && call.arguments[0] == STDERR_FILENO) return true;
    return std::find(std::begin(kReal), std::end(kReal), call.number) != std::end(kReal);
}

// The kernel reads both lists to their ends.
void readLists(const Call& call) {
    volatile size_t length = 0;
    for (const int list : {1, 2})
        for (auto** each = static_cast<char**>(call.At(list)); *each != nullptr; each++)
            length = length + strlen(*each);
}

bool isLast(const Call& call) {
    return call.number == SYS_exit || call.number == SYS_exit_group ||
           (call.number == SYS_execve && below(2) == 0);
}

void onCall(int, siginfo_t*, void* data) {
    dispatched = 0;
    auto* registers = static_cast<ucontext_t*>(data)->uc_mcontext.gregs;
    const auto at = [registers](int index) { return static_cast<uint64_t>(registers[index]); };
    const Call call = {
        static_cast<long>(at(REG_RAX)),
        {at(REG_RDI), at(REG_RSI), at(REG_RDX), at(REG_R10), at(REG_R8), at(REG_R9)}};
    if (isReal(call)) {
        const uint64_t* a = call.arguments;
        const long result = syscall(call.number, a[0], a[1], a[2], a[3], a[4], a[5]);
        registers[REG_RAX] = result < 0 ? -errno : result;
    } else {
        if (call.number == SYS_execve) readLists(call);
        if (isLast(call) || --calls_left < 0) longjmp(way_out, 1);
        registers[REG_RAX] = answerTo(call);
    }
    dispatched = 1;
}

// Returning from the handler is a system call, too: this one is let through by where it is.
extern "C" void ocirunReturn();
extern "C" const char ocirunReturnEnd[];
asm(R"(
    .text
    .globl ocirunReturn, ocirunReturnEnd
ocirunReturn:
    mov $15, %eax
    syscall
ocirunReturnEnd:
    ret
)");

// As the kernel has it; the C library would put its own way back in.
struct KernelAction {
    void (*handler)(int, siginfo_t*, void*);
    unsigned long flags;
    void (*restorer)();
    uint64_t mask;
};

bool startDispatch() {
    constexpr unsigned long kRestorer = 0x04000000;
    const KernelAction action = {onCall, SA_SIGINFO | SA_NODEFER | kRestorer, ocirunReturn, 0};
    if (syscall(SYS_rt_sigaction, SIGSYS, &action, nullptr, sizeof action.mask) != 0) return false;
    const auto from = reinterpret_cast<unsigned long>(&ocirunReturn);
    // The end is that of the instruction: the kernel looks at the address behind it.
    const unsigned long length = reinterpret_cast<unsigned long>(ocirunReturnEnd) - from + 1;
    return prctl(kSetDispatch, 1, from, length, &dispatched) == 0;
}

}  // namespace

bool canPretend() {
    static const bool can = startDispatch();
    return can;
}

void pretending(uint64_t seed, void (*action)()) {
    // The way back from a signal handler is a system call, which would be pretended.
    sigset_t late;
    sigset_t before;
    sigemptyset(&late);
    for (const int number : {SIGALRM, SIGINT, SIGTERM, SIGUSR1, SIGUSR2}) sigaddset(&late, number);
    sigprocmask(SIG_BLOCK, &late, &before);
    chance = seed | 1;
    calls_left = kMostCalls;
    failing = below(2) ? 5 : 100;
    if (setjmp(way_out) == 0) {
        dispatched = 1;
        action();
    }
    dispatched = 0;
    sigprocmask(SIG_SETMASK, &before, nullptr);
}

}  // namespace ocirun

// A report is written with real system calls.
extern "C" void __asan_on_error() { ocirun::dispatched = 0; }
extern "C" void __ubsan_on_report() { ocirun::dispatched = 0; }

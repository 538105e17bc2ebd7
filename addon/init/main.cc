// The init program: it receives a plan and executes it, step by step. It knows nothing of
// containers' configuration: what the steps are for is decided by the runtime (src/plan), what they
// mean is in src/plan/steps.ts.
//
//   stage 1   in the caller's namespaces, in the container's cgroup; ends with `clone`
//   stage 2   in the new namespaces; ends with `execute`
//
// argv: name, number of the protocol socket, number of descriptors from 3 on that are the
// container's, and ten zeros, which become the index of the step that it is at: whoever waits for
// it for long finds that in /proc/PID/cmdline.
#include <errno.h>
#include <linux/close_range.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "context.h"
#include "kernel.h"
#include "message.h"
#include "number.h"
#include "times.h"

namespace ocirun {

namespace {

// In the order of the op numbers.
constexpr StepFunction kSteps[kLastOp + 1] = {
    nullptr,         Await,           Clone,          TieToRuntime, UntieFromRuntime,
    ResetAffinity,   NewSession,      SessionKeyring, LoopbackUp,   Propagation,
    OpenProc,        OpenRoot,        Mount,          Attach,       Device,
    Symlink,         Pivot,           MoveRoot,       RootReadonly, Mask,
    ReadonlyPath,    Hostname,        Domainname,     Umask,        MakeDirectory,
    ChangeDirectory, NoNewPrivileges, BoundingSet,    User,         Capabilities,
    FindHome,        FindProgram,     AwaitStart,     Dumpable,     CloseDescriptors,
    Execute,         Limits,          Remount,        AttachDevice, Join,
    TimeOffsets,     OpenDirectory,   Chroot,         OomScoreAdj,  Sysctl,
    Scheduler,       IoPriority,      Personality,    MemoryPolicy, RunProgram,
    Unshare,         Seccomp};

Context g_context;

constexpr size_t kProgressDigits = 10;

// A decimal number that fits a descriptor, or -1.
int ParseNumber(const char* text) {
    const char* end = nullptr;
    uint32_t value = 0;
    return ParseDecimal(text, &end, &value) && *end == 0 && value < (1u << 30)
               ? static_cast<int>(value)
               : -1;
}

// The last allocation: two pointers more than strings end the lists, one may be HOME.
int ReservePointers(Context& context) {
    const size_t length = (context.plan.most_strings + 3ul) * sizeof(char*);
    void* room = mmap(nullptr, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (room == MAP_FAILED) return errno;
    context.pointers = static_cast<char**>(room);
    return 0;
}

int Prepare(Context& context, int keep, const char* name) {
    // Nothing that the caller leaked to us may reach the container, whatever fails later.
    prctl(PR_SET_NAME, name);
    const auto first = static_cast<unsigned>(3 + keep);
    const long flagged = Kernel(SYS_close_range, first, ~0u, CLOSE_RANGE_CLOEXEC);
    if (flagged < 0) return static_cast<int>(-flagged);
    if (fcntl(context.socket, F_SETFD, FD_CLOEXEC) < 0) return errno;
    const int received = ReceivePlan(context);
    return received != 0 ? received : ReservePointers(context);
}

// The next number, in its ten digits.
void Increment(char* digits) {
    char* at = digits + kProgressDigits - 1;
    for (; at > digits && *at == '9'; at--) *at = '0';
    ++*at;
}

// Every step in its turn. `clone` comes back in stage 2 only; `execute` comes back only if it
// failed.
int Run(Context& context, uint32_t* index, char* progress) {
    uint32_t offset = kPlanHeader;
    for (*index = 0; *index < context.plan.steps; ++*index, Increment(progress)) {
        Step step;
        offset = StepAt(context.plan, offset, &step);
        if (context.times != nullptr) NoteTime(context);
        const int error = kSteps[static_cast<uint16_t>(step.op)](context, step);
        if (error != 0) return error;
    }
    return ENOEXEC;
}

}  // namespace

int Fail(Context& context, int error, const char* about) {
    const size_t length = strnlen(about, kDetailLimit);
    memcpy(context.detail, about, length);
    context.detail_length = static_cast<uint32_t>(length);
    return error;
}

int Fail(Context& context, int error, const char* about, const char* why) {
    Fail(context, error, about);
    const uint32_t used = context.detail_length;
    const size_t length = strlen(why);
    if (used + 2 + length > kDetailLimit) return error;
    memcpy(context.detail + used, ": ", 2);
    memcpy(context.detail + used + 2, why, length);
    context.detail_length = used + 2 + static_cast<uint32_t>(length);
    return error;
}

}  // namespace ocirun

int main(int argc, char** argv) {
    using namespace ocirun;
    if (argc != 4 || strlen(argv[3]) != kProgressDigits) return 2;
    g_context.fifo = g_context.announced = g_context.proc = -1;
    g_context.empty_tree = g_context.null_device = -1;
    g_context.socket = ParseNumber(argv[1]);
    const int keep = ParseNumber(argv[2]);
    if (g_context.socket < 0 || keep < 0) return 2;
    // No step is to blame before the first.
    uint32_t index = ~0u;
    // Every mode is made as it is asked for; the program gets its own mask from a step, or the
    // caller's (execute).
    g_context.umask = umask(0);
    int error = Prepare(g_context, keep, argv[0]);
    if (error == 0) error = Run(g_context, &index, argv[3]);
    ReportFailure(g_context, index, error);
    return 1;
}

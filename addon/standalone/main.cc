// The standalone host: the engine with our scripts in its memory, the addon linked in.
#include <fcntl.h>
#include <quickjs.h>
#include <sys/auxv.h>
#include <sys/resource.h>
#include <unistd.h>

#include "chunks.h"
#include "host_functions.h"
#include "image.h"
#include "native/host_conditions.h"
#include "report.h"

namespace ocirun {

namespace {

// For native code below the engine's own check, and for the kernel's frames of signals.
constexpr size_t kReserve = 96 << 10;
// JavaScript that needs more than this is out of hand.
constexpr size_t kMostStack = 4 << 20;

// What the engine may use of the stack from here down. The kernel counts arguments and environment,
// which lie above this frame, to the same limit; the name of the program (AT_EXECFN) is at their
// upper end.
size_t stackForEngine() {
    rlimit limit;
    if (getrlimit(RLIMIT_STACK, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return kMostStack;
    size_t upper_end = getauxval(AT_EXECFN);
    size_t used = upper_end - reinterpret_cast<size_t>(__builtin_frame_address(0));
    size_t taken = used + kReserve;
    if (limit.rlim_cur < taken + kReserve) giveUp("the stack is too small (ulimit -s)");
    size_t room = limit.rlim_cur - taken;
    return room < kMostStack ? room : kMostStack;
}

// The main script: its exports are in the image, else it runs now. A program exports `run`, or has
// run when it is loaded.
void runMain(JSContext* context) {
    JSValue& exports = image.exports[0];
    if (JS_IsUndefined(exports)) exports = runChunk(context, ocirun_chunks[0]);
    if (JS_IsException(exports)) giveUpOnException(context);
    JSValue run = JS_GetPropertyStr(context, exports, "run");
    if (!JS_IsFunction(context, run)) return;
    if (JS_IsException(JS_Call(context, run, JS_UNDEFINED, 0, nullptr))) giveUpOnException(context);
}

// Whoever starts us without standard streams would have our own descriptors take their numbers, and
// the container's program write into them. Without close-on-exec: they are the container's streams,
// too (Go programs do this as well).
void openMissingStreams() {
    for (int fd = 0; fd < 3; fd++) {
        if (fcntl(fd, F_GETFD) == -1 && open("/dev/null", O_RDWR) != fd)
            giveUp("cannot open /dev/null in place of a closed standard stream");
    }
}

}  // namespace

}  // namespace ocirun

int main(int, char** argv, char** envp) {
    using namespace ocirun;
    // Set-user-id or file capabilities: the caller's environment and descriptors are not to be
    // trusted.
    if (getauxval(AT_SECURE))
        giveUp("refusing to run with more privileges than the caller has (AT_SECURE)");
    openMissingStreams();
    if (!image.complete) {
        makeImage(argv);
        _exit(0);
    }
    JSRuntime* runtime = JS_GetRuntime(image.context);
    JS_UpdateStackTop(runtime);
    JS_SetMaxStackSize(runtime, stackForEngine());
    hostConditions::begin();
    setHostConditions(argv, envp);
    runMain(image.context);
    _exit(0);
}

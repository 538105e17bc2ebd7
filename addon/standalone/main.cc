// The standalone host: the engine with our bytecode, the addon linked in.
#include <quickjs.h>
#include <sys/auxv.h>
#include <sys/resource.h>
#include <unistd.h>

#include "arena.h"
#include "chunks.h"
#include "host_functions.h"
#include "napi.h"
#include "report.h"

namespace ocirun {

namespace {

// For native code below the engine's own check, and for the kernel's frames of signals.
constexpr size_t kReserve = 96 << 10;
// JavaScript that needs more than this is out of hand.
constexpr size_t kMostStack = 4 << 20;

// What the engine may use of the stack from here down. The kernel counts arguments and environment, which lie above
// this frame, to the same limit; the name of the program (AT_EXECFN) is at their upper end.
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

// Without eval, dates, promises, proxies and weak references: nothing here needs them, and each costs time.
bool addIntrinsics(JSContext* context) {
    return JS_AddIntrinsicBaseObjects(context) == 0 && JS_AddIntrinsicRegExp(context) == 0 &&
           JS_AddIntrinsicJSON(context) == 0 && JS_AddIntrinsicMapSet(context) == 0 &&
           JS_AddIntrinsicTypedArrays(context) == 0 && JS_AddIntrinsicBigInt(context) == 0;
}

JSContext* newContext() {
    JSRuntime* runtime = JS_NewRuntime2(&kArenaFunctions, nullptr);
    if (!runtime) giveUp("out of memory");
    JS_SetMaxStackSize(runtime, stackForEngine());
    JS_SetGCThreshold(runtime, static_cast<size_t>(-1));
    JSContext* context = JS_NewContextRaw(runtime);
    if (!context || !addIntrinsics(context)) giveUp("out of memory");
    return context;
}

void addNative(JSContext* context, char** argv, char** envp) {
    JSValue global = JS_GetGlobalObject(context);
    JSValue native = JS_NewObject(context);
    addHostFunctions(context, native, argv, envp);
    if (!loadAddon(context, native)) giveUpOnException(context);
    JS_SetPropertyStr(context, global, "ocirunNative", native);
    JS_FreeValue(context, global);
}

}  // namespace

}  // namespace ocirun

int main(int, char** argv, char** envp) {
    using namespace ocirun;
    // Set-user-id or file capabilities: the caller's environment and descriptors are not to be trusted.
    if (getauxval(AT_SECURE)) giveUp("refusing to run with more privileges than the caller has (AT_SECURE)");
    JSContext* context = newContext();
    addNative(context, argv, envp);
    if (JS_IsException(runChunk(context, ocirun_chunks[0]))) giveUpOnException(context);
    _exit(0);
}

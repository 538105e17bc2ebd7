// config.json of any bytes, through everything that reads it: `plan` and `validate` as the
// standalone host runs them (tools/fuzz/target.ts), and the plan through init's own check.
//
// OCIRUN_FUZZ_SCRIPT is the script, OCIRUN_FUZZ_WORDS what the mutator puts in.
#include <fcntl.h>
#include <quickjs.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "document.h"
#include "init/plan.h"
#include "standalone/image.h"
#include "standalone/napi.h"

// Nothing is started here, so there is nothing to start.
extern "C" const unsigned char ocirun_init_image[1] = {};
extern "C" const size_t ocirun_init_image_size = 0;

namespace ocirun {
Image image{};
}  // namespace ocirun

namespace {

constexpr size_t kPoints = 1 << 16;

// The branches of the script count here, and libFuzzer looks: what it knows by itself is the
// engine.
__attribute__((section("__libfuzzer_extra_counters"))) uint8_t counters[kPoints];

constexpr size_t kStack = 4 << 20;
// Cycles are collected once in so many runs.
constexpr int kRunsPerCollection = 200;

JSContext* context;
JSValue one;
std::string directory;

[[noreturn]] void giveUp(const char* what) {
    fprintf(stderr, "fuzz-config: %s\n", what);
    abort();
}

[[noreturn]] void giveUpOnException() {
    JSValue error = JS_GetException(context);
    fprintf(stderr, "thrown: %s\n", JS_ToCString(context, error));
    const char* stack = JS_ToCString(context, JS_GetPropertyStr(context, error, "stack"));
    giveUp(stack ? stack : "(no stack)");
}

std::string contents(const char* variable) {
    const char* path = getenv(variable);
    FILE* file = path ? fopen(path, "rb") : nullptr;
    if (!file) giveUp(variable);
    std::string text;
    char buffer[65536];
    while (size_t count = fread(buffer, 1, sizeof buffer, file)) text.append(buffer, count);
    fclose(file);
    return text;
}

void writeConfig(const uint8_t* data, size_t size) {
    static const int fd =
        open((directory + "/config.json").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0 || ftruncate(fd, 0) < 0 || pwrite(fd, data, size, 0) != static_cast<ssize_t>(size))
        giveUp("write");
}

void makeDirectory() {
    char path[] = "/dev/shm/ocirun-fuzz-XXXXXX";
    if (!mkdtemp(path)) giveUp("mkdtemp");
    directory = path;
    atexit([] {
        unlink((directory + "/config.json").c_str());
        rmdir(directory.c_str());
    });
}

// Where the script marks the branches that it has taken.
void addCounters(JSValueConst global) {
    const auto keep = [](JSRuntime*, void*, void*, size_t) -> void* { return nullptr; };
    JSValue array = JS_NewUint8Array(context, counters, kPoints, keep, nullptr, false);
    if (JS_IsException(array)) giveUpOnException();
    JS_SetPropertyStr(context, global, "ocirunTaken", array);
}

void begin() {
    makeDirectory();
    JSRuntime* runtime = JS_NewRuntime();
    JS_SetMaxStackSize(runtime, kStack);
    JS_SetGCThreshold(runtime, static_cast<size_t>(-1));
    // With eval, unlike in the product, for that is how the script comes in.
    context = JS_NewContext(runtime);
    ocirun::image.context = context;
    JSValue global = JS_GetGlobalObject(context);
    JSValue native = JS_NewObject(context);
    if (!ocirun::loadAddon(context, native)) giveUpOnException();
    JS_SetPropertyStr(context, global, "ocirunNative", native);
    addCounters(global);
    JS_FreeValue(context, global);
    ocirun::image.complete = true;
    const std::string script = contents("OCIRUN_FUZZ_SCRIPT");
    JSValue exports = JS_Eval(context, script.c_str(), script.size(), "fuzz.js",
                              JS_EVAL_TYPE_GLOBAL | JS_EVAL_FLAG_STRICT);
    if (JS_IsException(exports)) giveUpOnException();
    one = JS_GetPropertyStr(context, exports, "one");
}

// What init says to the plan that was made.
void check(JSValueConst encoded) {
    size_t size = 0;
    const uint8_t* bytes = JS_GetUint8Array(context, &size, encoded);
    if (!bytes) giveUpOnException();
    const std::vector<uint8_t> copy(bytes, bytes + size);
    ocirun::Plan plan = {};
    plan.bytes = copy.data();
    plan.length = static_cast<uint32_t>(size);
    if (ocirun::CheckPlan(&plan) != 0) giveUp("init refuses the plan that was made");
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv);
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);
extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t most);
extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t most, unsigned seed);
extern "C" size_t LLVMFuzzerCustomCrossOver(const uint8_t* one, size_t size, const uint8_t* other,
                                            size_t other_size, uint8_t* out, size_t most,
                                            unsigned seed);

extern "C" int LLVMFuzzerInitialize(int*, char***) {
    begin();
    ocirun::learnWords(contents("OCIRUN_FUZZ_WORDS"));
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    static int runs = 0;
    writeConfig(data, size);
    JS_UpdateStackTop(JS_GetRuntime(context));
    JSValue path = JS_NewString(context, directory.c_str());
    JSValue result = JS_Call(context, one, JS_UNDEFINED, 1, &path);
    if (JS_IsException(result)) giveUpOnException();
    if (!JS_IsUndefined(result)) check(result);
    JS_FreeValue(context, result);
    JS_FreeValue(context, path);
    if (++runs % kRunsPerCollection == 0) JS_RunGC(JS_GetRuntime(context));
    return 0;
}

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t most, unsigned seed) {
    const std::string before(reinterpret_cast<const char*>(data), size);
    const std::string after = ocirun::mutateDocument(before, seed);
    if (after.empty() || after == before || after.size() > most)
        return LLVMFuzzerMutate(data, size, most);
    memcpy(data, after.data(), after.size());
    return after.size();
}

extern "C" size_t LLVMFuzzerCustomCrossOver(const uint8_t* one, size_t size, const uint8_t* other,
                                            size_t other_size, uint8_t* out, size_t most,
                                            unsigned seed) {
    const std::string result =
        ocirun::crossDocuments({reinterpret_cast<const char*>(one), size},
                               {reinterpret_cast<const char*>(other), other_size}, seed);
    if (result.size() > most) return 0;
    memcpy(out, result.data(), result.size());
    return result.size();
}

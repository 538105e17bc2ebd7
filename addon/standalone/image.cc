#include "image.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>

#include "arena.h"
#include "chunks.h"
#include "host_functions.h"
#include "napi.h"
#include "profile.h"
#include "report.h"

// The linker's names for the two ends of the section.
extern "C" unsigned char __start_ocirun_image[];
extern "C" unsigned char __stop_ocirun_image[];

namespace ocirun {

OCIRUN_IN_IMAGE Image image{};

namespace {

// Without eval, dates, promises, proxies and weak references: nothing here needs them.
bool addIntrinsics(JSContext* context) {
    return JS_AddIntrinsicBaseObjects(context) == 0 && JS_AddIntrinsicRegExp(context) == 0 &&
           JS_AddIntrinsicJSON(context) == 0 && JS_AddIntrinsicMapSet(context) == 0 &&
           JS_AddIntrinsicTypedArrays(context) == 0 && JS_AddIntrinsicBigInt(context) == 0;
}

JSContext* newContext() {
    JSRuntime* runtime = JS_NewRuntime2(&kArenaFunctions, nullptr);
    if (!runtime) giveUp("out of memory");
    JS_SetGCThreshold(runtime, static_cast<size_t>(-1));
    JSContext* context = JS_NewContextRaw(runtime);
    if (!context || !addIntrinsics(context)) giveUp("out of memory");
    return context;
}

void addNative(JSContext* context) {
    JSValue global = JS_GetGlobalObject(context);
    JSValue native = JS_NewObject(context);
    addHostFunctions(context, native);
    if (!loadAddon(context, native)) giveUpOnException(context);
    JS_SetPropertyStr(context, global, "ocirunNative", native);
    JS_FreeValue(context, global);
}

JSValue runFile(const char* path) {
    struct stat found;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &found) != 0) giveUp(path);
    auto size = static_cast<size_t>(found.st_size);
    void* bytes = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (bytes == MAP_FAILED) giveUp(path);
    return runBytecode(image.context, static_cast<const uint8_t*>(bytes), size);
}

void saveBytes(const char* path, const void* bytes, size_t size) {
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0 || write(fd, bytes, size) != static_cast<ssize_t>(size)) giveUp(path);
    close(fd);
}

// Which allocations commands write to; none where there is no such file yet.
void readProfile(const char* path) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return;
    if (read(fd, allocations->written, sizeof allocations->written) < 0) giveUp(path);
    close(fd);
}

// With the rehearsing script, which calls the function of the main script.
void rehearse(const char* path) {
    JSValue script = runFile(path);
    if (JS_IsException(script)) giveUpOnException(image.context);
    JSValue function = JS_GetPropertyStr(image.context, script, "rehearse");
    JSValue run = JS_GetPropertyStr(image.context, image.exports[0], "run");
    if (JS_IsException(JS_Call(image.context, function, JS_UNDEFINED, 1, &run)))
        giveUpOnException(image.context);
}

}  // namespace

void makeImage(char** argv) {
    if (!argv[1] || !argv[2]) giveUp("this is a seed: the build makes the program of it");
    beginSeed();
    readProfile(argv[2]);
    image.context = newContext();
    addNative(image.context);
    for (JSValue& each : image.exports) each = JS_UNDEFINED;
    char** next = argv + 3;
    for (size_t i = 0; *next && strcmp(*next, "--") != 0; i++) {
        image.exports[i] = runFile(*next++);
        if (JS_IsException(image.exports[i])) giveUpOnException(image.context);
    }
    endSeed();
    image.complete = true;
    saveBytes(argv[1], __start_ocirun_image, __stop_ocirun_image - __start_ocirun_image);
    if (!*next) return;
    profile(__start_ocirun_image, __stop_ocirun_image, rehearse, next[1]);
    saveBytes(argv[2], allocations->written, sizeof allocations->written);
}

}  // namespace ocirun

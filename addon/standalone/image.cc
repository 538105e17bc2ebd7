#include "image.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arena.h"
#include "chunks.h"
#include "host_functions.h"
#include "napi.h"
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

Chunk fileContents(const char* path) {
    struct stat found;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &found) != 0) giveUp(path);
    auto size = static_cast<size_t>(found.st_size);
    void* bytes = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (bytes == MAP_FAILED) giveUp(path);
    auto* begin = static_cast<const uint8_t*>(bytes);
    return {path, begin, begin + size};
}

void save(const char* path) {
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    auto size = static_cast<size_t>(__stop_ocirun_image - __start_ocirun_image);
    if (fd < 0 || write(fd, __start_ocirun_image, size) != static_cast<ssize_t>(size)) giveUp(path);
}

}  // namespace

void makeImage(char** argv) {
    if (!argv[1]) giveUp("this is a seed: the build makes the program of it");
    image.context = newContext();
    addNative(image.context);
    for (JSValue& each : image.exports) each = JS_UNDEFINED;
    for (size_t i = 0; argv[2 + i]; i++) {
        image.exports[i] = runChunk(image.context, fileContents(argv[2 + i]));
        if (JS_IsException(image.exports[i])) giveUpOnException(image.context);
    }
    if (!isArenaInImage()) giveUp("the heap image is full: make kFirst in arena.cc larger");
    image.complete = true;
    save(argv[1]);
}

}  // namespace ocirun

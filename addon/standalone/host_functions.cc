#include "host_functions.h"

#include <zlib.h>

#include <cerrno>
#include <cstring>

#include "chunks.h"
#include "image.h"
#include "native/text.h"

namespace ocirun {

namespace {

char** arguments;
char** environment;

// The engine would put U+FFFD where text is not UTF-8; here the text is refused, by its place.
JSValue notText(JSContext* context, const char* what, uint32_t index) {
    JSValue error = JS_NewPlainError(context, "%s %u is not UTF-8 text", what, index);
    JS_SetPropertyStr(context, error, "errno", JS_NewInt32(context, EILSEQ));
    JS_SetPropertyStr(context, error, "code", JS_NewString(context, "EILSEQ"));
    JS_SetPropertyStr(context, error, "syscall", JS_NewString(context, "execve"));
    return JS_Throw(context, error);
}

JSValue listOf(JSContext* context, const char* what, char** texts) {
    if (!image.complete)
        return JS_ThrowTypeError(context, "a script asks for its %ss as it is loaded", what);
    JSValue list = JS_NewArray(context);
    for (uint32_t index = 0; texts[index]; index++) {
        size_t length = strlen(texts[index]);
        if (!isUtf8({texts[index], length})) return notText(context, what, index);
        JSValue text = JS_NewStringLen(context, texts[index], length);
        if (JS_SetPropertyUint32(context, list, index, text) < 0) return JS_EXCEPTION;
    }
    return list;
}

JSValue argvFunction(JSContext* context, JSValueConst, int, JSValueConst*) {
    return listOf(context, "argument", arguments);
}

JSValue environFunction(JSContext* context, JSValueConst, int, JSValueConst*) {
    return listOf(context, "environment variable", environment);
}

JSValue lazyFunction(JSContext* context, JSValueConst, int argc, JSValueConst* argv) {
    const char* name = argc > 0 ? JS_ToCString(context, argv[0]) : nullptr;
    if (!name) return JS_ThrowTypeError(context, "lazy: the name of a script is missing");
    for (size_t i = 0; ocirun_chunks[i].name; i++) {
        if (strcmp(ocirun_chunks[i].name, name) != 0) continue;
        JSValue& exports = image.exports[i];
        if (JS_IsUndefined(exports)) exports = runChunk(context, ocirun_chunks[i]);
        return JS_DupValue(context, exports);
    }
    return JS_ThrowReferenceError(context, "lazy: this program has no script '%s'", name);
}

void add(JSContext* context, JSValueConst native, const char* name, JSCFunction* function) {
    JS_SetPropertyStr(context, native, name, JS_NewCFunction(context, function, name, 0));
}

}  // namespace

JSValue runBytecode(JSContext* context, const uint8_t* bytes, size_t size) {
    JSValue script = JS_ReadObject(context, bytes, size, JS_READ_OBJ_BYTECODE);
    if (JS_IsException(script)) return script;
    return JS_EvalFunction(context, script);
}

JSValue runChunk(JSContext* context, const Chunk& chunk) {
    auto compressed = static_cast<uLong>(chunk.end - chunk.begin);
    uLongf size = chunk.size;
    auto* bytes = static_cast<uint8_t*>(js_malloc(context, size));
    if (!bytes) return JS_EXCEPTION;
    if (uncompress(bytes, &size, chunk.begin, compressed) != Z_OK || size != chunk.size) {
        js_free(context, bytes);
        return JS_ThrowInternalError(context, "the script '%s' in this program is damaged",
                                     chunk.name);
    }
    JSValue result = runBytecode(context, bytes, size);
    js_free(context, bytes);
    return result;
}

void setHostConditions(char** argv, char** envp) {
    arguments = argv;
    environment = envp;
}

void addHostFunctions(JSContext* context, JSValueConst native) {
    add(context, native, "argv", argvFunction);
    add(context, native, "environ", environFunction);
    add(context, native, "lazy", lazyFunction);
}

}  // namespace ocirun

// Build-time tool: compiles a script to the engine's bytecode.   compile SCRIPT NAME OUTPUT
// The source is left out, the line tables stay: an internal error prints function, file and line.
#include <quickjs.h>

#include <cstdio>
#include <string>

namespace {

std::string readAll(const char* path) {
    std::string text;
    FILE* file = fopen(path, "rb");
    if (!file) return text;
    char buffer[65536];
    while (size_t count = fread(buffer, 1, sizeof buffer, file)) text.append(buffer, count);
    fclose(file);
    return text;
}

bool writeAll(const char* path, const uint8_t* bytes, size_t size) {
    FILE* file = fopen(path, "wb");
    if (!file) return false;
    bool written = fwrite(bytes, 1, size, file) == size;
    return fclose(file) == 0 && written;
}

int report(JSContext* context) {
    JSValue error = JS_GetException(context);
    JSValue stack = JS_GetPropertyStr(context, error, "stack");
    fprintf(stderr, "compile: %s\n%s", JS_ToCString(context, error), JS_ToCString(context, stack));
    return 1;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 4) {
        fprintf(stderr, "usage: compile SCRIPT NAME OUTPUT\n");
        return 2;
    }
    std::string text = readAll(argv[1]);
    JSContext* context = JS_NewContext(JS_NewRuntime());
    int flags = JS_EVAL_TYPE_GLOBAL | JS_EVAL_FLAG_STRICT | JS_EVAL_FLAG_COMPILE_ONLY;
    JSValue script = JS_Eval(context, text.c_str(), text.size(), argv[2], flags);
    if (JS_IsException(script)) return report(context);
    size_t size;
    uint8_t* bytes =
        JS_WriteObject(context, &size, script, JS_WRITE_OBJ_BYTECODE | JS_WRITE_OBJ_STRIP_SOURCE);
    if (!bytes) return report(context);
    if (!writeAll(argv[3], bytes, size)) {
        perror(argv[3]);
        return 1;
    }
    return 0;
}

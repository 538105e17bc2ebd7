#include "report.h"

#include <unistd.h>

#include <string>

namespace ocirun {

namespace {

std::string textOf(JSContext* context, JSValueConst value) {
    size_t length;
    const char* text = JS_ToCStringLen(context, &length, value);
    if (!text) {
        JS_FreeValue(context, JS_GetException(context));
        return "(an error without a text)";
    }
    return std::string(text, length);
}

// "    at f (core.js:1:2)\n    at g …" becomes " at f (core.js:1:2) at g …".
std::string onOneLine(const std::string& text) {
    std::string line;
    for (char each : text) {
        bool space = each == '\n' || each == ' ';
        if (space && !line.empty() && line.back() == ' ') continue;
        line += space ? ' ' : each;
    }
    while (!line.empty() && line.back() == ' ') line.pop_back();
    return line;
}

}  // namespace

void giveUp(const char* message) {
    std::string line = "ocirun: " + std::string(message) + "\n";
    if (write(STDERR_FILENO, line.data(), line.size()) < 0) _exit(2);
    _exit(1);
}

void giveUpOnException(JSContext* context) {
    JSValue error = JS_GetException(context);
    std::string line = "internal error: " + textOf(context, error);
    if (JS_IsError(error))
        line += " " + textOf(context, JS_GetPropertyStr(context, error, "stack"));
    giveUp(onOneLine(line).c_str());
}

}  // namespace ocirun

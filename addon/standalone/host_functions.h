// What the addon cannot know: the command line, the environment, and the scripts that this binary carries.
#pragma once

#include <quickjs.h>

namespace ocirun {

void addHostFunctions(JSContext* context, JSValueConst native, char** argv, char** environment);

// Run an embedded script; its value, or JS_EXCEPTION.
JSValue runChunk(JSContext* context, const struct Chunk& chunk);

}  // namespace ocirun

// What the addon cannot know: the command line, the environment, and the scripts that this binary
// carries.
#pragma once

#include <quickjs.h>

namespace ocirun {

void addHostFunctions(JSContext* context, JSValueConst native);

// The command line and the environment that the functions are to tell of.
void setHostConditions(char** argv, char** envp);

// Run a script in the engine's bytecode; its value, or JS_EXCEPTION.
JSValue runBytecode(JSContext* context, const uint8_t* bytes, size_t size);

// The same of an embedded one.
JSValue runChunk(JSContext* context, const struct Chunk& chunk);

}  // namespace ocirun

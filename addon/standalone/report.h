// What the host itself has to say, on standard error.
#pragma once

#include <quickjs.h>

namespace ocirun {

// One line, then exit 1.
[[noreturn]] void giveUp(const char* message);

// The exception that nothing caught, on one line with the function, file and line it came from;
// then exit 1.
[[noreturn]] void giveUpOnException(JSContext* context);

}  // namespace ocirun

// The two lists of strings that execve(2) takes.
#pragma once

#include "context.h"

namespace ocirun {

// Point at the strings of a step from `first` on: `arguments` of them, then, behind a null, the
// rest: the environment. Nothing is copied. `environment` is where the second list begins; returns
// where it ends, with room for one pointer more.
char** PointAtStrings(Context& context, const Step& step, uint32_t first, uint32_t arguments,
                      char*** environment);

}  // namespace ocirun

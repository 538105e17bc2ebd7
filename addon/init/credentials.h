// What a change of credentials leaves to be done.
#pragma once

#include "context.h"

namespace ocirun {

// The kernel forgets as credentials change that this process is tied to the runtime
// (PR_SET_PDEATHSIG, prctl(2)).
int TieAgain(const Context& context);
}  // namespace ocirun

// Credentials that several steps change.
#pragma once

#include "context.h"

namespace ocirun {

// What the kernel forgets as credentials change: the tie to the runtime (PR_SET_PDEATHSIG,
// prctl(2)).
int TieAgain(const Context& context);

// Become the root of the user namespace that has just been joined, where it has one.
int BecomeRoot(const Context& context);

}  // namespace ocirun

// What a change of credentials leaves to be done, and what it has left us.
#pragma once

#include "context.h"

namespace ocirun {

// The kernel forgets as credentials change that this process is tied to the runtime
// (PR_SET_PDEATHSIG, prctl(2)).
int TieAgain(const Context& context);

// Whether the group, or one of the supplementary ones, is ours.
bool IsMember(uint32_t group);

// The effective capabilities of this process, as a mask.
uint64_t EffectiveCapabilities();

// Make a permitted capability effective; one that is not permitted is left out.
void RaiseCapability(unsigned capability);

}  // namespace ocirun

// When each step began, for whoever asks for it with the plan.
#pragma once

#include "context.h"

namespace ocirun {

// Room for the times of all steps. Returns 0 or an errno.
int ReserveTimes(Context& context);

// The next step begins.
void NoteTime(Context& context);

// Tell the times of all steps until now. Returns 0 or an errno.
int SendTimes(const Context& context);

}  // namespace ocirun

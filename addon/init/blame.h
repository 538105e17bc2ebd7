// Failures of steps that mount, told with what explains them (facts.h).
#pragma once

#include "context.h"

namespace ocirun {

// Fail with `about`, and tell which system call it was: `call NAME`.
int FailCall(Context& context, int error, const char* about, const char* call);

// `path` inside `root` could not be opened or made, or may not be covered, with the reason where
// that is known: tell where it leads (walk.h).
int FailToReach(Context& context, int error, int root, const char* path, const char* why = nullptr);

// The same for something at the descriptor `tree`, which had to go there: `tree MODE`.
int FailToPlace(Context& context, int error, int root, const char* path, int tree);

// After a failure has been told: `option TEXT`, `call NAME`.
int BlameOption(Context& context, int error, const char* option, const char* call);

}  // namespace ocirun

// What there is to know of a program that could not be executed, or a directory that could not be
// entered. Looked at only after a failure, and with the rights of the process that failed: what it
// may not see, it says so.
#pragma once

#include "context.h"

namespace ocirun {

// execve(2) does not take the program at `path`, or would not: what lies on the way, its mode and
// mount, and the same of every interpreter or loader that it names.
int FailToExecute(Context& context, int error, const char* path);

// The same of every file called `name` in a directory of PATH.
int FailToFind(Context& context, int error, const char* name, const char* directories);

// The directory `path` inside `root` could not be entered or made.
int FailToEnter(Context& context, int error, int root, const char* path);

// Fill `path` with an element of PATH and the name, as execvp(3) does; an empty element is the
// working directory. False where it is longer than a path can be.
bool Candidate(char (&path)[PATH_MAX], const char* element, size_t length, const char* name);

}  // namespace ocirun

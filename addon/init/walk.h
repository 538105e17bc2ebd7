// Where a path leads, told as facts. Nothing is done with what is found: it is looked at again and
// again by name, which nothing but an explanation may be based on.
#pragma once

#include <sys/stat.h>

#include "facts.h"

namespace ocirun {

// For `root`: not inside a directory, but as this process sees it, as execve(2) does.
constexpr int kNoRoot = -1;

// Tell of `path` inside `root`, element by element:
//   link PATH, to TEXT          a symbolic link on the way, and what it says
//   stop ERRNO PATH             where the way ends before the path does
//   within MODE UID GID MEMBER PATH, statvfs FLAGS   the directory in which it ends there
//   file MODE UID GID MEMBER PATH, statvfs FLAGS     what is at its end, or there in place of a
//   directory
// MEMBER is 1 where the group is one of ours, FLAGS are those of statvfs(3). Returns whether it
// leads to something, with its status.
bool Walk(Facts& facts, int root, const char* path, struct stat* status);

}  // namespace ocirun

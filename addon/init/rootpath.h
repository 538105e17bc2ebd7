// The one place that turns a path inside the container's root into a descriptor. Everything else
// uses descriptors: an image or another process may put a symbolic link anywhere, at any time
// (CVE-2021-30465).
#pragma once

#include <stdint.h>

namespace ocirun {

// Open `path` inside `root`: no link, no `..`, leads out. Returns a descriptor or a negative errno.
// `extra` are further RESOLVE_* rules.
long OpenInRoot(int root, const char* path, uint64_t flags, uint64_t extra = 0);

// Open the directory `path` inside `root`, making what is missing of it (0755), one element at a
// time; `*made` becomes true where something was.
long OpenDirectoryMaking(int root, const char* path, uint64_t extra = 0, bool* made = nullptr);

// Open the file `path` inside `root`, making it (empty) and its directories where they are missing.
long OpenFileMaking(int root, const char* path);

// Open the directory that holds `path` (made where it is missing), and point `name` at the last
// element. An empty name, `.` or `..` is EINVAL.
long OpenParentMaking(int root, const char* path, const char** name);

}  // namespace ocirun

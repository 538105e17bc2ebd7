// The procfs of whoever started us, before there is a private one. It may lie in a mount namespace
// that a hostile process has prepared, so it is looked at before it is believed (CVE-2019-19921).
#pragma once

#include "context.h"

namespace ocirun {

// 1 where what the descriptor stands for lies in a procfs, else 0; or a negative errno.
long IsInProcfs(int fd);

// Whether a descriptor lies in a procfs, a sysfs or a hierarchy of cgroups.
bool IsOfTheKernel(int fd);

// 1 where the descriptor is the root of a procfs, and not just something in its place, else 0; or a
// negative errno.
long IsProcRoot(int fd);

// Open for reading, through the private procfs, what the O_PATH descriptor `fd` stands for: surely
// what was looked at, and not a device or a fifo that somebody puts in its place. Returns a
// descriptor or a negative errno.
long Reopen(const Context& context, int fd);

// Open the file `name` of this process below /proc for writing. Returns a descriptor or a negative
// errno, told with the path.
long OpenOwn(Context& context, const char* name);

}  // namespace ocirun

// Operations on mounts that several steps need. What returns `long` gives 0 or a descriptor, or a
// negative errno; what gets the context gives 0 or an errno, and has said what it was about.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "context.h"

namespace ocirun {

// Set and clear MOUNT_ATTR_*, and set the propagation (one of MS_SHARED, MS_SLAVE, …) where it is
// not 0, of the mount at `mount`, or of all mounts below it, too.
long SetAttributes(int mount, uint64_t set, uint64_t clear, uint64_t propagation, bool recursive);

// A detached copy of what is mounted at `fd`.
long CloneTree(int fd, bool recursive);

// Attach a detached tree over `target`.
long AttachTree(int tree, int target);

// A new tmpfs with the options {key, value} or {flag, null}, detached.
long NewTmpfs(const char* const (*options)[2], size_t count, uint64_t attributes);

// What a mount is to become (src/plan/steps.ts, attach): first its own attributes, then those of
// everything below it; propagations are MS_* with or without MS_REC.
struct MountChange {
    uint64_t set;
    uint64_t clear;
    uint64_t recursive_set;
    uint64_t recursive_clear;
    uint64_t first_propagation;
    uint64_t propagation;
};
int Change(Context& context, int mount, const MountChange& change, const char* path);

}  // namespace ocirun

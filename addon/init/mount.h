// Operations on mounts that several steps need; each returns 0 or a descriptor, or a negative
// errno.
#pragma once

#include <stdint.h>

namespace ocirun {

// Set and clear MOUNT_ATTR_*, and set the propagation where it is not 0, of the mount at `mount`.
long SetAttributes(int mount, uint64_t set, uint64_t clear, uint64_t propagation, bool recursive);

// A detached copy of what is mounted at `fd`.
long CloneTree(int fd, bool recursive);

// Attach a detached tree over `target`.
long AttachTree(int tree, int target);

}  // namespace ocirun

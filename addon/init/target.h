// Where something may be mounted, and where not.
#pragma once

#include <stdint.h>

#include "context.h"

namespace ocirun {

// What a descriptor stands for.
struct Status {
    uint32_t mode;
    uint64_t inode;
    uint64_t device;
    uint64_t mount;
    // Whether it is the root of a mount.
    bool mounted;
};

// Returns 0 or a negative errno.
long GetStatus(int fd, Status* status);

// What a mount may cover of a procfs that its target lies in.
enum class Procfs { kNothing, kCoverEntry, kCoverRoot };

// Refuse to cover `root` itself, and what lies in a procfs unless that is `allowed`: labels and
// sysctls are written there, and an image may lead a harmless path to it (CVE-2019-16884,
// CVE-2025-52881). `status` is that of the target. Returns 0, or an errno after `Fail`.
int CheckTarget(Context& context, int root, int target, const Status& status, const char* path,
                Procfs allowed);

}  // namespace ocirun

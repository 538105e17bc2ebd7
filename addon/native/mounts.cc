#include "mounts.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace ocirun {

Result<int> openTree(int dir, const char* path, uint32_t flags) {
    // OPEN_TREE_CLOEXEC is O_CLOEXEC.
    return numberOr("open_tree", syscall(SYS_open_tree, dir, path, flags | O_CLOEXEC));
}

Result<void> setMountAttributes(int fd, uint32_t flags, uint64_t set, uint64_t clear, int userns) {
    // The descriptor -1 is one that MOUNT_ATTR_IDMAP refuses, and that nothing else looks at.
    mount_attr attributes{set, clear, 0, static_cast<uint64_t>(userns)};
    return doneOr("mount_setattr", syscall(SYS_mount_setattr, fd, "", flags | AT_EMPTY_PATH,
                                           &attributes, sizeof attributes));
}

}  // namespace ocirun

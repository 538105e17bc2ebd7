#include "mounts.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace ocirun {

Result<int> openTree(int dir, const char* path, uint32_t flags) {
    // OPEN_TREE_CLOEXEC is O_CLOEXEC.
    return numberOr("open_tree", syscall(SYS_open_tree, dir, path, flags | O_CLOEXEC));
}

}  // namespace ocirun

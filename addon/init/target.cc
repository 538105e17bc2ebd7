#include "target.h"

#include <linux/stat.h>

#include "blame.h"
#include "kernel.h"
#include "procfs.h"

namespace ocirun {

namespace {

// What the root is, which every mount has to know: it does not change.
int g_root = -1;
Status g_top;

}  // namespace

long GetStatus(int fd, Status* status) {
    // musl has no statx(2), and the kernel's structure does not go with its <sys/stat.h>.
    struct statx found = {};
    const unsigned wanted = STATX_TYPE | STATX_MODE | STATX_INO | STATX_MNT_ID;
    const long looked = Kernel(SYS_statx, fd, "", AT_EMPTY_PATH, wanted, &found);
    if (looked < 0) return looked;
    status->mode = found.stx_mode;
    status->inode = found.stx_ino;
    status->device = static_cast<uint64_t>(found.stx_dev_major) << 32 | found.stx_dev_minor;
    status->mount = found.stx_mnt_id;
    status->mounted = (found.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
    return 0;
}

int CheckTarget(Context& context, int root, int target, const Status& status, const char* path,
                Procfs allowed) {
    if (g_root != root) {
        const long looked = GetStatus(root, &g_top);
        if (looked < 0) return Fail(context, static_cast<int>(-looked), path);
        g_root = root;
    }
    // Most targets lie in the image itself, which is no procfs.
    if (status.mount == g_top.mount) {
        const bool same = status.inode == g_top.inode && status.device == g_top.device;
        return same ? FailToReach(context, EBUSY, root, path, "this is the root itself") : 0;
    }
    const long inside = IsInProcfs(target);
    if (inside < 0) return Fail(context, static_cast<int>(-inside), path);
    if (inside == 0) return 0;
    const long top = IsProcRoot(target);
    if (top < 0) return Fail(context, static_cast<int>(-top), path);
    if (allowed == (top > 0 ? Procfs::kCoverRoot : Procfs::kCoverEntry)) return 0;
    return FailToReach(context, EPERM, root, path, "inside a procfs");
}

}  // namespace ocirun

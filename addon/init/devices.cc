// Device nodes and symbolic links.
#include <errno.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "blame.h"
#include "context.h"
#include "kernel.h"
#include "rootpath.h"

namespace ocirun {

namespace {

// Owner and mode of a node that is ours, through the descriptor that was checked.
int SetOwner(int node, const Step& step) {
    const auto uid = static_cast<uid_t>(step.Num(3));
    const auto gid = static_cast<gid_t>(step.Num(4));
    if (uid == 0 && gid == 0) return 0;
    const long owned = Kernel(SYS_fchownat, node, "", uid, gid, AT_EMPTY_PATH);
    return owned < 0 ? static_cast<int>(-owned) : 0;
}

}  // namespace

int Device(Context& context, const Step& step) {
    const char* path = step.Str(0);
    const char* name = nullptr;
    const int root = context.slots[step.Slot(0)];
    const Fd parent(OpenParentMaking(root, path, &name));
    if (parent.Failed()) return FailToReach(context, parent.Error(), root, path);
    const auto mode = static_cast<mode_t>(step.Num(0));
    const dev_t number =
        makedev(static_cast<unsigned>(step.Num(1)), static_cast<unsigned>(step.Num(2)));
    const long made = Kernel(SYS_mknodat, parent.Get(), name, mode, number);
    if (made < 0 && made != -EEXIST)
        return FailToReach(context, static_cast<int>(-made), root, path);
    // Somebody may have been faster with a node of the same name (runc, CVE-2025-52565): look at
    // what is there.
    const Fd node(Kernel(SYS_openat, parent.Get(), name, O_PATH | O_NOFOLLOW | O_CLOEXEC));
    if (node.Failed()) return Fail(context, node.Error(), path);
    struct stat status = {};
    if (fstat(node.Get(), &status) < 0) return Fail(context, errno, path);
    const bool same = (status.st_mode & S_IFMT) == (mode & S_IFMT) && status.st_rdev == number;
    if (!same) return FailToReach(context, EEXIST, root, path);
    if (made == -EEXIST) return 0;
    const int owned = SetOwner(node.Get(), step);
    return owned != 0 ? Fail(context, owned, path) : 0;
}

int Symlink(Context& context, const Step& step) {
    const char* path = step.Str(1);
    const char* name = nullptr;
    const int root = context.slots[step.Slot(0)];
    const Fd parent(OpenParentMaking(root, path, &name));
    if (parent.Failed()) return FailToReach(context, parent.Error(), root, path);
    const long made = Kernel(SYS_symlinkat, step.Str(0), parent.Get(), name);
    return made < 0 && made != -EEXIST ? FailToReach(context, static_cast<int>(-made), root, path)
                                       : 0;
}

}  // namespace ocirun

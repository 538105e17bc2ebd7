// Mounts by descriptors: fsopen(2), fsmount(2), open_tree(2), move_mount(2), mount_setattr(2).
#include <errno.h>
#include <sys/mount.h>

#include "blame.h"
#include "filesystem.h"
#include "kernel.h"
#include "mount.h"
#include "procfs.h"
#include "walk.h"

namespace ocirun {

long SetAttributes(int mount, uint64_t set, uint64_t clear, uint64_t propagation, bool recursive) {
    mount_attr attributes = {};
    attributes.attr_set = set;
    attributes.attr_clr = clear;
    attributes.propagation = propagation;
    const unsigned flags = AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0);
    return Kernel(SYS_mount_setattr, mount, "", flags, &attributes, sizeof attributes);
}

long CloneTree(int fd, bool recursive) {
    const unsigned flags =
        OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0);
    return Kernel(SYS_open_tree, fd, "", flags);
}

long AttachTree(int tree, int target) {
    return Kernel(SYS_move_mount, tree, "", target, "",
                  MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
}

long NewTmpfs(const char* const (*options)[2], size_t count, uint64_t attributes) {
    const Fd fs(Kernel(SYS_fsopen, "tmpfs", FSOPEN_CLOEXEC));
    if (fs.Failed()) return fs.Get();
    for (size_t index = 0; index < count; index++) {
        const auto& [key, value] = options[index];
        const unsigned command = value == nullptr ? FSCONFIG_SET_FLAG : FSCONFIG_SET_STRING;
        const long set = Kernel(SYS_fsconfig, fs.Get(), command, key, value, 0);
        if (set < 0) return set;
    }
    const long created = Kernel(SYS_fsconfig, fs.Get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0);
    if (created < 0) return created;
    return Kernel(SYS_fsmount, fs.Get(), FSMOUNT_CLOEXEC, static_cast<unsigned>(attributes));
}

int Propagation(Context& context, const Step& step) {
    const bool slot = step.slot_count != 0;
    mount_attr attributes = {};
    attributes.propagation = step.Num(0) & ~static_cast<uint64_t>(MS_REC);
    const unsigned flags = AT_EMPTY_PATH | ((step.Num(0) & MS_REC) != 0 ? AT_RECURSIVE : 0);
    const long set = Kernel(SYS_mount_setattr, slot ? context.slots[step.Slot(0)] : AT_FDCWD,
                            slot ? "" : "/", flags, &attributes, sizeof attributes);
    return set < 0 ? FailCall(context, static_cast<int>(-set), "/", "mount_setattr") : 0;
}

namespace {

// The kernel refuses a fresh procfs to a user namespace that sees none in full, and a mount to one
// whose mount namespace is somebody else's (EPERM) or that would see what is covered (EINVAL): take
// the one we were given, after making sure that it is one (CVE-2019-19921).
long InheritedProc() {
    long proc = Kernel(SYS_open_tree, AT_FDCWD, "/proc", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
    if (proc == -EPERM || proc == -EINVAL)
        proc = Kernel(SYS_openat, AT_FDCWD, "/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (proc < 0) return proc;
    const long root = IsProcRoot(static_cast<int>(proc));
    if (root > 0) return proc;
    close(static_cast<int>(proc));
    return root < 0 ? root : -ENOTSUP;
}

}  // namespace

int OpenProc(Context& context, const Step& step) {
    const Fd fs(Kernel(SYS_fsopen, "proc", FSOPEN_CLOEXEC));
    long created = fs.Failed() ? -fs.Error() : 0;
    if (created == 0)
        created = Kernel(SYS_fsconfig, fs.Get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0);
    if (created == 0) created = Kernel(SYS_fsmount, fs.Get(), FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID);
    if (created == -EPERM) created = InheritedProc();
    if (created == -ENOTSUP) return Fail(context, ENOTSUP, "/proc is not a procfs");
    if (created < 0) return FailWithLog(context, fs.Get(), static_cast<int>(-created), "proc");
    context.proc = static_cast<int>(created);
    context.slots.Put(step.Slot(0), context.proc);
    return 0;
}

int OpenRoot(Context& context, const Step& step) {
    const char* path = step.Str(0);
    const Fd directory(Kernel(SYS_openat, AT_FDCWD, path, O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (directory.Failed()) return FailToReach(context, directory.Error(), kNoRoot, path);
    Fd tree(CloneTree(directory.Get(), true));
    if (tree.Failed()) return FailCall(context, tree.Error(), path, "open_tree");
    // pivot_root(2) wants a mount point, and none that is shared.
    const long attached = AttachTree(tree.Get(), directory.Get());
    if (attached < 0) return FailCall(context, static_cast<int>(-attached), path, "move_mount");
    context.slots.Put(step.Slot(0), tree.Release());
    return 0;
}

// The old root ends up over the new one, at the same place, and is detached (pivot_root(2),
// "pivot_root(".", ".")").
int Pivot(Context& context, const Step& step) {
    const int root = context.slots[step.Slot(0)];
    const Fd old(Kernel(SYS_openat, AT_FDCWD, "/", O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (old.Failed()) return old.Error();
    if (fchdir(root) < 0) return FailCall(context, errno, "", "fchdir");
    const long pivoted = Kernel(SYS_pivot_root, ".", ".");
    if (pivoted < 0) return FailCall(context, static_cast<int>(-pivoted), "", "pivot_root");
    if (fchdir(old.Get()) < 0) return FailCall(context, errno, "", "fchdir");
    // Nothing that is unmounted here may be unmounted on the host.
    const long set = SetAttributes(old.Get(), 0, 0, MS_SLAVE, true);
    if (set < 0) return FailCall(context, static_cast<int>(-set), "", "mount_setattr");
    if (umount2(".", MNT_DETACH) < 0) return FailCall(context, errno, "", "umount2");
    return chdir("/") < 0 ? errno : 0;
}

// Without a mount namespace of its own there is no root to clone, and nothing to mount.
int OpenDirectory(Context& context, const Step& step) {
    const char* path = step.Str(0);
    Fd directory(Kernel(SYS_openat, AT_FDCWD, path, O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (directory.Failed()) return FailToReach(context, directory.Error(), kNoRoot, path);
    context.slots.Put(step.Slot(0), directory.Release());
    return 0;
}

int Chroot(Context& context, const Step& step) {
    if (fchdir(context.slots[step.Slot(0)]) < 0) return FailCall(context, errno, "/", "fchdir");
    if (chroot(".") < 0) return FailCall(context, errno, "/", "chroot");
    return chdir("/") < 0 ? Fail(context, errno, "/") : 0;
}

int RootReadonly(Context& context, const Step& step) {
    const long set = SetAttributes(context.slots[step.Slot(0)], MOUNT_ATTR_RDONLY, 0, 0, false);
    return set < 0 ? FailCall(context, static_cast<int>(-set), "/", "mount_setattr") : 0;
}

}  // namespace ocirun

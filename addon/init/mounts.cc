// Mounts by descriptors: fsopen(2), fsmount(2), open_tree(2), move_mount(2), mount_setattr(2).
#include <errno.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>

#include "context.h"
#include "kernel.h"
#include "mount.h"
#include "rootpath.h"

namespace ocirun {

namespace {

constexpr long kProcMagic = 0x9fa0;
constexpr uint64_t kProcRootInode = 1;

// What was being set, and what the filesystem itself says about it (the fs descriptor's message
// log), cut at the limit.
int FailWithLog(Context& context, int fs, int error, const char* about) {
    Fail(context, error, about);
    uint32_t used = context.detail_length;
    constexpr uint32_t kRoom = kDetailLimit - 2;
    while (used < kRoom) {
        memcpy(context.detail + used, ": ", 2);
        // One message a read, "e proc: Unknown parameter 'x'\n".
        const ssize_t length = read(fs, context.detail + used + 2, kRoom - used);
        if (length <= 0) break;
        used += 2 + static_cast<uint32_t>(length);
        if (context.detail[used - 1] == '\n') used--;
        context.detail_length = used;
    }
    return error;
}

int Configure(Context& context, int fs, const char* option) {
    char key[256];
    const char* equals = strchr(option, '=');
    if (equals == nullptr) {
        const long set = Kernel(SYS_fsconfig, fs, FSCONFIG_SET_FLAG, option, nullptr, 0);
        return set < 0 ? FailWithLog(context, fs, static_cast<int>(-set), option) : 0;
    }
    const size_t length = equals - option;
    if (length >= sizeof key) return Fail(context, ENAMETOOLONG, option);
    memcpy(key, option, length);
    key[length] = 0;
    const long set = Kernel(SYS_fsconfig, fs, FSCONFIG_SET_STRING, key, equals + 1, 0);
    return set < 0 ? FailWithLog(context, fs, static_cast<int>(-set), option) : 0;
}

// A new filesystem, configured, as a detached mount. Returns a descriptor or a negative errno.
long NewFilesystem(Context& context, const Step& step) {
    const char* type = step.Str(1);
    const Fd fs(Kernel(SYS_fsopen, type, FSOPEN_CLOEXEC));
    if (fs.Failed()) return -Fail(context, fs.Error(), type);
    // mount(2) gives every filesystem a source; those that know none (EINVAL) do not mind there,
    // nor here.
    const char* source = step.Str(2);
    const long set =
        *source == 0 ? 0 : Kernel(SYS_fsconfig, fs.Get(), FSCONFIG_SET_STRING, "source", source, 0);
    if (set < 0 && set != -EINVAL)
        return -FailWithLog(context, fs.Get(), static_cast<int>(-set), source);
    if (set < 0) FailWithLog(context, fs.Get(), 0, "");
    for (uint32_t index = 3; index < step.str_count; index++) {
        const int configured = Configure(context, fs.Get(), step.Str(index));
        if (configured != 0) return -configured;
    }
    const long created = Kernel(SYS_fsconfig, fs.Get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0);
    if (created < 0) return -FailWithLog(context, fs.Get(), static_cast<int>(-created), type);
    const long mount =
        Kernel(SYS_fsmount, fs.Get(), FSMOUNT_CLOEXEC, static_cast<unsigned>(step.Num(0)));
    return mount < 0 ? -FailWithLog(context, fs.Get(), static_cast<int>(-mount), type) : mount;
}

}  // namespace

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

int Propagation(Context& context, const Step& step) {
    mount_attr attributes = {};
    attributes.propagation = step.Num(0);
    const long set =
        Kernel(SYS_mount_setattr, AT_FDCWD, "/", AT_RECURSIVE, &attributes, sizeof attributes);
    return set < 0 ? Fail(context, static_cast<int>(-set), "/") : 0;
}

int OpenProc(Context& context, const Step& step) {
    const Fd fs(Kernel(SYS_fsopen, "proc", FSOPEN_CLOEXEC));
    if (fs.Failed()) return Fail(context, fs.Error(), "proc");
    long created = Kernel(SYS_fsconfig, fs.Get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0);
    if (created == 0) created = Kernel(SYS_fsmount, fs.Get(), FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID);
    // The kernel refuses a fresh procfs to a user namespace that sees none in full: take the one we
    // were given, after making sure that it is one (CVE-2019-19921).
    if (created == -EPERM) {
        created = Kernel(SYS_open_tree, AT_FDCWD, "/proc", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
        struct statfs filesystem = {};
        struct stat status = {};
        if (created >= 0 &&
            (fstatfs(static_cast<int>(created), &filesystem) < 0 ||
             filesystem.f_type != kProcMagic || fstat(static_cast<int>(created), &status) < 0 ||
             status.st_ino != kProcRootInode)) {
            close(static_cast<int>(created));
            return Fail(context, ENOTSUP, "/proc is not a procfs");
        }
    }
    if (created < 0) return FailWithLog(context, fs.Get(), static_cast<int>(-created), "proc");
    context.slots.Put(step.Slot(0), static_cast<int>(created));
    return 0;
}

int OpenRoot(Context& context, const Step& step) {
    const char* path = step.Str(0);
    const Fd directory(Kernel(SYS_openat, AT_FDCWD, path, O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (directory.Failed()) return Fail(context, directory.Error(), path);
    Fd tree(CloneTree(directory.Get(), true));
    if (tree.Failed()) return Fail(context, tree.Error(), path);
    // pivot_root(2) wants a mount point, and none that is shared.
    const long attached = AttachTree(tree.Get(), directory.Get());
    if (attached < 0) return Fail(context, static_cast<int>(-attached), path);
    context.slots.Put(step.Slot(0), tree.Release());
    return 0;
}

int Mount(Context& context, const Step& step) {
    const char* target = step.Str(0);
    const Fd mount(NewFilesystem(context, step));
    if (mount.Failed()) return mount.Error();
    if (step.Num(1) != 0) {
        const long set = SetAttributes(mount.Get(), 0, 0, step.Num(1), false);
        if (set < 0) return Fail(context, static_cast<int>(-set), target);
    }
    const uint64_t rules = step.Num(2) != 0 ? RESOLVE_NO_SYMLINKS : 0;
    const Fd directory(OpenDirectoryMaking(context.slots[step.Slot(0)], target, rules));
    if (directory.Failed()) return Fail(context, directory.Error(), target);
    const long attached = AttachTree(mount.Get(), directory.Get());
    return attached < 0 ? Fail(context, static_cast<int>(-attached), target) : 0;
}

int Attach(Context& context, const Step& step) {
    const char* target = step.Str(0);
    const int root = context.slots[step.Slot(0)];
    const int tree = context.slots[step.Slot(1)];
    // Before it is attached: a clone of a shared mount is its peer, and what happened to it would
    // happen on the host. The kernel takes a way of keeping access times only where the old one is
    // cleared (mount_setattr(2)).
    const uint64_t clear =
        step.Num(1) | ((step.Num(0) & MOUNT_ATTR__ATIME) != 0 ? MOUNT_ATTR__ATIME : 0);
    const long set = SetAttributes(tree, step.Num(0), clear, step.Num(4), false);
    if (set < 0) return Fail(context, static_cast<int>(-set), target);
    const Fd place(OpenDirectoryMaking(root, target));
    if (place.Failed()) return Fail(context, place.Error(), target);
    const long attached = AttachTree(tree, place.Get());
    return attached < 0 ? Fail(context, static_cast<int>(-attached), target) : 0;
}

// The old root ends up over the new one, at the same place, and is detached (pivot_root(2),
// "pivot_root(".", ".")").
int Pivot(Context& context, const Step& step) {
    const int root = context.slots[step.Slot(0)];
    const Fd old(Kernel(SYS_openat, AT_FDCWD, "/", O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (old.Failed()) return old.Error();
    if (fchdir(root) < 0) return errno;
    const long pivoted = Kernel(SYS_pivot_root, ".", ".");
    if (pivoted < 0) return static_cast<int>(-pivoted);
    if (fchdir(old.Get()) < 0) return errno;
    // Nothing that is unmounted here may be unmounted on the host.
    const long set = SetAttributes(old.Get(), 0, 0, MS_SLAVE, true);
    if (set < 0) return static_cast<int>(-set);
    if (umount2(".", MNT_DETACH) < 0) return errno;
    return chdir("/") < 0 ? errno : 0;
}

int RootReadonly(Context& context, const Step& step) {
    const long set = SetAttributes(context.slots[step.Slot(0)], MOUNT_ATTR_RDONLY, 0, 0, false);
    return set < 0 ? Fail(context, static_cast<int>(-set), "/") : 0;
}

}  // namespace ocirun

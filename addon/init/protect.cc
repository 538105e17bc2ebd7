// Hiding parts of the root, and making them read-only.
#include <errno.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "blame.h"
#include "context.h"
#include "facts.h"
#include "kernel.h"
#include "mount.h"
#include "rootpath.h"
#include "target.h"
#include "walk.h"

namespace ocirun {

namespace {

constexpr const char* kNull = "/dev/null";
constexpr unsigned kNullMajor = 1;
constexpr unsigned kNullMinor = 3;

// The root's own /dev/null, as a detached tree, after making sure that it is one: an image may have
// put something else there, or a link to it (CVE-2025-31133). It is looked up once.
long NullDevice(Context& context, int root) {
    if (context.null_device >= 0) return CloneTree(context.null_device, false);
    Fd null(OpenInRoot(root, kNull, O_PATH | O_NOFOLLOW));
    if (null.Failed()) return null.Get();
    struct stat status = {};
    if (fstat(null.Get(), &status) < 0) return -errno;
    if (!S_ISCHR(status.st_mode) || status.st_rdev != makedev(kNullMajor, kNullMinor))
        return -ENODEV;
    context.null_device = null.Release();
    return CloneTree(context.null_device, false);
}

// One empty tmpfs for all masked directories: hosts with many CPUs mask a hundred of them.
long EmptyDirectory(Context& context) {
    if (context.empty_tree >= 0) return CloneTree(context.empty_tree, false);
    constexpr const char* kOptions[][2] = {{"source", "tmpfs"},
                                           {"nr_blocks", "1"},
                                           {"nr_inodes", "2"},
                                           {"mode", "755"},
                                           {"ro", nullptr}};
    const long mount = NewTmpfs(
        kOptions, 5, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
    if (mount < 0) return mount;
    context.empty_tree = static_cast<int>(mount);
    // The first one is attached as it is; it can be cloned from then on, being in our mount
    // namespace.
    return Kernel(SYS_fcntl, context.empty_tree, F_DUPFD_CLOEXEC, 3);
}

// The path comes first in what is told, as for every path of a step; the facts are those of the
// device.
int FailWithoutNull(Context& context, int error, int root, const char* path) {
    Fail(context, error, path, kNull);
    Facts facts(context);
    struct stat status = {};
    if (Walk(facts, root, kNull, &status))
        facts.Add("number", {major(status.st_rdev), minor(status.st_rdev)});
    return error;
}

int MaskPath(Context& context, int root, const char* path) {
    const Fd target(OpenInRoot(root, path, O_PATH));
    if (target.Failed())
        return target.Error() == ENOENT || target.Error() == ENOTDIR
                   ? 0
                   : FailToReach(context, target.Error(), root, path);
    struct stat status = {};
    if (fstat(target.Get(), &status) < 0) return Fail(context, errno, path);
    const bool directory = S_ISDIR(status.st_mode);
    const Fd cover(directory ? EmptyDirectory(context) : NullDevice(context, root));
    if (cover.Failed() && directory) return FailCall(context, cover.Error(), path, "fsmount");
    if (cover.Failed()) return FailWithoutNull(context, cover.Error(), root, path);
    const long attached = AttachTree(cover.Get(), target.Get());
    return attached < 0 ? FailCall(context, static_cast<int>(-attached), path, "move_mount") : 0;
}

// Read-only copies that are not attached yet. A copy takes as long as its mount has mounts below
// it, for the kernel looks at each: so some are made before the first is attached.
struct Copies {
    static constexpr int kMost = 16;

    Fd targets[kMost];
    Fd trees[kMost];
    const char* paths[kMost];
    int count = 0;
    uint64_t mount = 0;
};

int AttachCopies(Context& context, Copies& copies) {
    for (int index = 0; index < copies.count; index++) {
        const Fd tree(copies.trees[index].Release());
        const Fd target(copies.targets[index].Release());
        const long attached = AttachTree(tree.Get(), target.Get());
        if (attached < 0)
            return FailCall(context, static_cast<int>(-attached), copies.paths[index],
                            "move_mount");
    }
    copies.count = 0;
    return 0;
}

int CopyReadonly(Context& context, int root, const char* path, Copies& copies) {
    Fd target(OpenInRoot(root, path, O_PATH));
    if (target.Failed())
        return target.Error() == ENOENT || target.Error() == ENOTDIR
                   ? 0
                   : FailToReach(context, target.Error(), root, path);
    Status status = {};
    const long looked = GetStatus(target.Get(), &status);
    if (looked < 0) return Fail(context, static_cast<int>(-looked), path);
    // One below another is read-only by the other's copy, but only if it is of the same mount.
    if (copies.count == Copies::kMost || (copies.count > 0 && status.mount != copies.mount)) {
        const int attached = AttachCopies(context, copies);
        if (attached != 0) return attached;
        return CopyReadonly(context, root, path, copies);
    }
    Fd tree(CloneTree(target.Get(), true));
    if (tree.Failed()) return FailCall(context, tree.Error(), path, "open_tree");
    const long done = SetAttributes(tree.Get(), MOUNT_ATTR_RDONLY, 0, 0, false);
    if (done < 0) return FailCall(context, static_cast<int>(-done), path, "mount_setattr");
    copies.mount = status.mount;
    copies.paths[copies.count] = path;
    copies.targets[copies.count].Reset(target.Release());
    copies.trees[copies.count++].Reset(tree.Release());
    return 0;
}

}  // namespace

int Mask(Context& context, const Step& step) {
    const char* path = step.text;
    for (uint32_t index = 0; index < step.str_count; index++) {
        const int error = MaskPath(context, context.slots[step.Slot(0)], path);
        if (error != 0) return error;
        path += step.lengths[index] + 1;
    }
    return 0;
}

int ReadonlyPath(Context& context, const Step& step) {
    Copies copies;
    const char* path = step.text;
    for (uint32_t index = 0; index < step.str_count; index++) {
        const int error = CopyReadonly(context, context.slots[step.Slot(0)], path, copies);
        if (error != 0) return error;
        path += step.lengths[index] + 1;
    }
    return AttachCopies(context, copies);
}

}  // namespace ocirun

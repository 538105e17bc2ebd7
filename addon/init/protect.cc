// Hiding parts of the root, and making them read-only.
#include <errno.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "context.h"
#include "kernel.h"
#include "mount.h"
#include "rootpath.h"

namespace ocirun {

namespace {

constexpr unsigned kNullMajor = 1;
constexpr unsigned kNullMinor = 3;

// The root's own /dev/null, as a detached tree, after making sure that it is one: an image may have
// put something else there, or a link to it (CVE-2025-31133).
long NullDevice(int root) {
    const Fd null(OpenInRoot(root, "/dev/null", O_PATH | O_NOFOLLOW));
    if (null.Failed()) return null.Get();
    struct stat status = {};
    if (fstat(null.Get(), &status) < 0) return -errno;
    if (!S_ISCHR(status.st_mode) || status.st_rdev != makedev(kNullMajor, kNullMinor))
        return -ENODEV;
    return CloneTree(null.Get(), false);
}

// One empty tmpfs for all masked directories: hosts with many CPUs mask a hundred of them.
long EmptyDirectory(Context& context) {
    if (context.empty_tree >= 0) return CloneTree(context.empty_tree, false);
    const Fd fs(Kernel(SYS_fsopen, "tmpfs", FSOPEN_CLOEXEC));
    if (fs.Failed()) return fs.Get();
    constexpr const char* kOptions[][2] = {
        {"source", "tmpfs"}, {"nr_blocks", "1"}, {"nr_inodes", "2"}, {"mode", "755"}};
    for (const auto& option : kOptions) {
        const long set =
            Kernel(SYS_fsconfig, fs.Get(), FSCONFIG_SET_STRING, option[0], option[1], 0);
        if (set < 0) return set;
    }
    Kernel(SYS_fsconfig, fs.Get(), FSCONFIG_SET_FLAG, "ro", nullptr, 0);
    const long created = Kernel(SYS_fsconfig, fs.Get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0);
    if (created < 0) return created;
    const unsigned attributes =
        MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
    const long mount = Kernel(SYS_fsmount, fs.Get(), FSMOUNT_CLOEXEC, attributes);
    if (mount < 0) return mount;
    context.empty_tree = static_cast<int>(mount);
    // The first one is attached as it is; it can be cloned from then on, being in our mount
    // namespace.
    return Kernel(SYS_fcntl, context.empty_tree, F_DUPFD_CLOEXEC, 3);
}

}  // namespace

int Mask(Context& context, const Step& step) {
    const char* path = step.Str(0);
    const int root = context.slots[step.Slot(0)];
    const Fd target(OpenInRoot(root, path, O_PATH));
    if (target.Failed())
        return target.Error() == ENOENT || target.Error() == ENOTDIR
                   ? 0
                   : Fail(context, target.Error(), path);
    struct stat status = {};
    if (fstat(target.Get(), &status) < 0) return Fail(context, errno, path);
    const Fd cover(S_ISDIR(status.st_mode) ? EmptyDirectory(context) : NullDevice(root));
    if (cover.Failed())
        return Fail(context, cover.Error(), S_ISDIR(status.st_mode) ? path : "/dev/null");
    const long attached = AttachTree(cover.Get(), target.Get());
    return attached < 0 ? Fail(context, static_cast<int>(-attached), path) : 0;
}

int ReadonlyPath(Context& context, const Step& step) {
    const char* path = step.Str(0);
    const Fd target(OpenInRoot(context.slots[step.Slot(0)], path, O_PATH));
    if (target.Failed())
        return target.Error() == ENOENT || target.Error() == ENOTDIR
                   ? 0
                   : Fail(context, target.Error(), path);
    const Fd tree(CloneTree(target.Get(), true));
    if (tree.Failed()) return Fail(context, tree.Error(), path);
    long done = SetAttributes(tree.Get(), MOUNT_ATTR_RDONLY, 0, 0, false);
    if (done == 0) done = AttachTree(tree.Get(), target.Get());
    return done < 0 ? Fail(context, static_cast<int>(-done), path) : 0;
}

}  // namespace ocirun

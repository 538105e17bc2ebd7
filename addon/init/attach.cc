// Attaching detached trees, and changing what is mounted: move_mount(2), mount_setattr(2).
#include <errno.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>

#include "blame.h"
#include "facts.h"
#include "filesystem.h"
#include "kernel.h"
#include "mount.h"
#include "procfs.h"
#include "rootpath.h"
#include "target.h"

namespace ocirun {

namespace {

constexpr uint64_t kRecursive = MS_REC;

struct Attribute {
    uint64_t bits;
    const char* why;
};

// What the kernel locks when a mount goes to a user namespace with fewer rights. Of access times
// nothing may be changed; the others may be set.
constexpr uint64_t kTimes = MOUNT_ATTR__ATIME | MOUNT_ATTR_NODIRATIME;
constexpr Attribute kLocked[] = {{MOUNT_ATTR_RDONLY, "cannot clear locked flag ro"},
                                 {MOUNT_ATTR_NOSUID, "cannot clear locked flag nosuid"},
                                 {MOUNT_ATTR_NODEV, "cannot clear locked flag nodev"},
                                 {MOUNT_ATTR_NOEXEC, "cannot clear locked flag noexec"},
                                 {kTimes, "cannot change locked access times"}};

// The kernel does not say which flags it is that it keeps: try them one by one, all is lost anyway.
// Told as `locked BITS`, and with `statvfs FLAGS` what the mount had before.
int FailLocked(Context& context, int mount, uint64_t set, uint64_t clear, bool recursive,
               const char* path) {
    struct statvfs before = {};
    const bool known = fstatvfs(mount, &before) == 0;
    uint64_t kept = 0;
    const char* why = nullptr;
    for (const Attribute& locked : kLocked) {
        const uint64_t to_set = set & kTimes & locked.bits;
        const uint64_t to_clear = clear & locked.bits;
        if ((to_set | to_clear) == 0) continue;
        if (SetAttributes(mount, to_set, to_clear, 0, recursive) != -EPERM) continue;
        kept |= locked.bits;
        if (why == nullptr) why = locked.why;
    }
    if (why == nullptr) return FailCall(context, EPERM, path, "mount_setattr");
    Fail(context, EPERM, path, why);
    Facts facts(context);
    facts.Add("locked", {kept});
    if (known) facts.Add("statvfs", {before.f_flag});
    return EPERM;
}

int SetOnce(Context& context, int mount, uint64_t set, uint64_t clear, uint64_t propagation,
            bool recursive, const char* path) {
    // The kernel takes a way of keeping access times only where the old one is cleared
    // (mount_setattr(2)).
    if ((set & MOUNT_ATTR__ATIME) != 0) clear |= MOUNT_ATTR__ATIME;
    if ((set | clear | propagation) == 0) return 0;
    const long done = SetAttributes(mount, set, clear, propagation & ~kRecursive, recursive);
    if (done == -EPERM) return FailLocked(context, mount, set, clear, recursive, path);
    return done < 0 ? FailCall(context, static_cast<int>(-done), path, "mount_setattr") : 0;
}

// The next propagation, where it is as recursive as the call that takes it along.
uint64_t TakeAlong(uint64_t (&propagations)[2], bool recursive) {
    for (uint64_t& propagation : propagations) {
        if (propagation == 0) continue;
        if (((propagation & kRecursive) != 0) != recursive) return 0;
        const uint64_t taken = propagation;
        propagation = 0;
        return taken;
    }
    return 0;
}

int AttachChecked(Context& context, int root, int tree, bool directory, const char* path,
                  Procfs allowed) {
    const Fd target(directory ? OpenDirectoryMaking(root, path) : OpenFileMaking(root, path));
    if (target.Failed()) return FailToPlace(context, target.Error(), root, path, tree);
    Status status = {};
    const long looked = GetStatus(target.Get(), &status);
    if (looked < 0) return Fail(context, static_cast<int>(-looked), path);
    if (!directory && S_ISDIR(status.mode)) return FailToPlace(context, ENOTDIR, root, path, tree);
    const int refused = CheckTarget(context, root, target.Get(), status, path, allowed);
    if (refused != 0) return refused;
    const long attached = AttachTree(tree, target.Get());
    return attached < 0 ? FailCall(context, static_cast<int>(-attached), path, "move_mount") : 0;
}

}  // namespace

int Change(Context& context, int mount, const MountChange& change, const char* path) {
    uint64_t pending[] = {change.first_propagation, change.propagation};
    const bool top = (change.set | change.clear) != 0;
    const bool below = (change.recursive_set | change.recursive_clear) != 0;
    int done = 0;
    if (top)
        done = SetOnce(context, mount, change.set, change.clear, TakeAlong(pending, false), false,
                       path);
    if (done == 0 && below)
        done = SetOnce(context, mount, change.recursive_set, change.recursive_clear,
                       TakeAlong(pending, true), true, path);
    for (const uint64_t propagation : pending)
        if (done == 0)
            done =
                SetOnce(context, mount, 0, 0, propagation, (propagation & kRecursive) != 0, path);
    return done;
}

int Attach(Context& context, const Step& step) {
    const char* path = step.Str(0);
    const int tree = context.slots[step.Slot(1)];
    struct stat status = {};
    if (fstat(tree, &status) < 0) return Fail(context, errno, path);
    // Before it is attached: a clone of a shared mount is its peer, and what happened to it would
    // happen on the host.
    const MountChange change = {step.Num(0), step.Num(1), step.Num(2),
                                step.Num(3), step.Num(4), step.Num(5)};
    const int changed = Change(context, tree, change, path);
    if (changed != 0) return changed;
    const bool directory = S_ISDIR(status.st_mode);
    const long proc = directory ? IsProcRoot(tree) : 0;
    if (proc < 0) return Fail(context, static_cast<int>(-proc), path);
    Procfs allowed = proc > 0 ? Procfs::kCoverRoot : Procfs::kNothing;
    if (step.Num(6) != 0) allowed = Procfs::kCoverEntry;
    return AttachChecked(context, context.slots[step.Slot(0)], tree, directory, path, allowed);
}

int AttachDevice(Context& context, const Step& step) {
    const char* path = step.Str(0);
    const int tree = context.slots[step.Slot(1)];
    struct stat status = {};
    if (fstat(tree, &status) < 0) return Fail(context, errno, path);
    const dev_t number =
        makedev(static_cast<unsigned>(step.Num(1)), static_cast<unsigned>(step.Num(2)));
    if ((status.st_mode & S_IFMT) != (step.Num(0) & S_IFMT) || status.st_rdev != number)
        return Fail(context, ENODEV, path, "the host has something else there");
    // As in Attach; a mask over it would cover the host's device.
    const int changed = Change(context, tree, {0, 0, 0, 0, 0, MS_PRIVATE}, path);
    if (changed != 0) return changed;
    return AttachChecked(context, context.slots[step.Slot(0)], tree, false, path, Procfs::kNothing);
}

// The mount to change. A link of the image must not make it the kernel's own: a writable /sys, say.
long OpenForChange(int root, const char* path) {
    const long plain = OpenInRoot(root, path, O_PATH, RESOLVE_NO_SYMLINKS);
    if (plain != -ELOOP) return plain;
    Fd target(OpenInRoot(root, path, O_PATH));
    if (target.Failed()) return target.Get();
    return IsOfTheKernel(target.Get()) ? -ELOOP : target.Release();
}

int Remount(Context& context, const Step& step) {
    const char* path = step.Str(0);
    const int root = context.slots[step.Slot(0)];
    const Fd target(OpenForChange(root, path));
    if (target.Failed()) return FailToReach(context, target.Error(), root, path);
    Status status = {};
    const long looked = GetStatus(target.Get(), &status);
    if (looked < 0) return Fail(context, static_cast<int>(-looked), path);
    if (!status.mounted) return Fail(context, EINVAL, path, "nothing is mounted there");
    const int reconfigured = step.Num(5) != 0 ? Reconfigure(context, step, target.Get()) : 0;
    if (reconfigured != 0) return reconfigured;
    const MountChange change = {step.Num(0), step.Num(1), step.Num(2), step.Num(3), 0, step.Num(4)};
    return Change(context, target.Get(), change, path);
}

}  // namespace ocirun

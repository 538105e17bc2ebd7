// New filesystems, and new options for mounted ones: fsopen(2), fspick(2), fsconfig(2), fsmount(2).
#include "filesystem.h"

#include <errno.h>
#include <string.h>

#include "blame.h"
#include "facts.h"
#include "kernel.h"
#include "mount.h"
#include "rootpath.h"
#include "target.h"

namespace ocirun {

namespace {

// "mode=" and four octal digits.
constexpr size_t kModeOption = 10;

void WriteMode(char (&option)[kModeOption], uint32_t mode) {
    memcpy(option, "mode=", 5);
    for (int digit = 0; digit < 4; digit++)
        option[5 + digit] = static_cast<char>('0' + (mode >> (9 - 3 * digit) & 7));
    option[9] = 0;
}

// Whether a string of the step is too long for fsconfig(2).
bool IsTooLong(const Step& step) {
    if (step.lengths[2] > kMostValue) return true;
    for (uint32_t index = 3; index < step.str_count; index++) {
        if (step.lengths[index] <= kMostValue) continue;
        const char* value = strchr(step.Str(index), '=');
        if (value == nullptr || strlen(value + 1) > kMostValue) return true;
    }
    return false;
}

int FailCallWithLog(Context& context, int fs, int error, const char* about, const char* call) {
    FailWithLog(context, fs, error, about);
    Facts(context).Add("call", {}, call);
    return error;
}

int RefuseOption(Context& context, int fs, int error, const char* option) {
    return BlameOption(context, FailWithLog(context, fs, error, option), option, "fsconfig");
}

int SetSource(Context& context, int fs, const char* source) {
    if (*source == 0) return 0;
    const long set = Kernel(SYS_fsconfig, fs, FSCONFIG_SET_STRING, "source", source, 0);
    if (set == 0) return 0;
    // mount(2) gives every filesystem a source; those that know none (EINVAL) do not mind there,
    // nor here.
    if (set != -EINVAL) {
        const int error = FailWithLog(context, fs, static_cast<int>(-set), source);
        return BlameOption(context, error, source, "fsconfig");
    }
    FailWithLog(context, fs, 0, "");
    return 0;
}

// A new filesystem, configured, as a detached mount; with `writable` neither it nor the mount is
// read-only yet. Returns a descriptor or a negative errno.
long NewFilesystem(Context& context, const Step& step, const char* mode, bool writable) {
    const char* type = step.Str(1);
    const Fd fs(Kernel(SYS_fsopen, type, FSOPEN_CLOEXEC));
    if (fs.Failed()) return -FailCall(context, fs.Error(), type, "fsopen");
    int configured = SetSource(context, fs.Get(), step.Str(2));
    // An option of the plan comes behind it, and wins.
    if (configured == 0 && *mode != 0) configured = Configure(context, fs.Get(), mode);
    for (uint32_t index = 3; index < step.str_count && configured == 0; index++) {
        const char* option = step.Str(index);
        if (!writable || strcmp(option, "ro") != 0)
            configured = Configure(context, fs.Get(), option);
    }
    if (configured != 0) return -configured;
    const long created = Kernel(SYS_fsconfig, fs.Get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0);
    if (created < 0)
        return -FailCallWithLog(context, fs.Get(), static_cast<int>(-created), type, "fsconfig");
    const uint64_t late = writable ? MOUNT_ATTR_RDONLY : 0;
    const long mount =
        Kernel(SYS_fsmount, fs.Get(), FSMOUNT_CLOEXEC, static_cast<unsigned>(step.Num(0) & ~late));
    return mount < 0
               ? -FailCallWithLog(context, fs.Get(), static_cast<int>(-mount), type, "fsmount")
               : mount;
}

// The new mount gets what the directory below it holds, and its propagation. Returns 0 or an errno.
int Complete(Context& context, const Step& step, int mount, int target, bool copying) {
    const char* path = step.Str(0);
    uint64_t late = 0;
    if (copying) {
        const int copied = CopyUp(context, target, mount, path);
        if (copied != 0) return copied;
        late = step.Num(0) & MOUNT_ATTR_RDONLY;
    }
    if (late == 0 && step.Num(1) == 0) return 0;
    const MountChange change = {late, 0, 0, 0, 0, step.Num(1)};
    return Change(context, mount, change, path);
}

Procfs Allowed(const Step& step) {
    if (step.Num(5) != 0) return Procfs::kCoverEntry;
    return strcmp(step.Str(1), "proc") == 0 ? Procfs::kCoverRoot : Procfs::kNothing;
}

}  // namespace

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

uint32_t LabelKey(const char* option) {
    constexpr const char* kKeys[] = {"context=", "fscontext=", "defcontext=", "rootcontext="};
    for (const char* key : kKeys) {
        const size_t length = strlen(key);
        if (strncmp(option, key, length) == 0) return static_cast<uint32_t>(length);
    }
    return 0;
}

int Configure(Context& context, int fs, const char* option) {
    const char* equals = strchr(option, '=');
    if (equals == nullptr) {
        const long set = Kernel(SYS_fsconfig, fs, FSCONFIG_SET_FLAG, option, nullptr, 0);
        return set < 0 ? RefuseOption(context, fs, static_cast<int>(-set), option) : 0;
    }
    char key[kMostValue + 1];
    char value[kMostValue + 3];
    const size_t length = equals - option;
    const size_t rest = strlen(equals + 1);
    if (length >= sizeof key || rest >= sizeof value)
        return RefuseOption(context, fs, ENAMETOOLONG, option);
    memcpy(key, option, length);
    key[length] = 0;
    const bool quoted =
        rest >= 2 && equals[1] == '"' && equals[rest] == '"' && LabelKey(option) != 0;
    const size_t kept = quoted ? rest - 2 : rest;
    memcpy(value, equals + (quoted ? 2 : 1), kept);
    value[kept] = 0;
    const long set = Kernel(SYS_fsconfig, fs, FSCONFIG_SET_STRING, key, value, 0);
    return set < 0 ? RefuseOption(context, fs, static_cast<int>(-set), option) : 0;
}

int Reconfigure(Context& context, const Step& step, int mount) {
    const char* path = step.Str(0);
    const Fd fs(Kernel(SYS_fspick, mount, "", FSPICK_CLOEXEC | FSPICK_EMPTY_PATH));
    if (fs.Failed()) return FailCall(context, fs.Error(), path, "fspick");
    for (uint32_t index = 1; index < step.str_count; index++) {
        const int configured = Configure(context, fs.Get(), step.Str(index));
        if (configured != 0) return configured;
    }
    const long done = Kernel(SYS_fsconfig, fs.Get(), FSCONFIG_CMD_RECONFIGURE, nullptr, nullptr, 0);
    return done < 0 ? FailCallWithLog(context, fs.Get(), static_cast<int>(-done), path, "fsconfig")
                    : 0;
}

int Mount(Context& context, const Step& step) {
    const char* path = step.Str(0);
    const int root = context.slots[step.Slot(0)];
    const uint64_t rules = step.Num(2) != 0 ? RESOLVE_NO_SYMLINKS : 0;
    bool made = false;
    const Fd target(OpenDirectoryMaking(root, path, rules, &made));
    if (target.Failed()) return FailToReach(context, target.Error(), root, path);
    Status status = {};
    const long looked = GetStatus(target.Get(), &status);
    if (looked < 0) return Fail(context, static_cast<int>(-looked), path);
    const int refused = CheckTarget(context, root, target.Get(), status, path, Allowed(step));
    if (refused != 0) return refused;
    char mode[kModeOption] = "";
    if (step.Num(3) != 0 && !made) WriteMode(mode, status.mode);
    const bool copying = step.Num(4) != 0 && !made;
    const Fd mount(IsTooLong(step)
                       ? NewFilesystemByMount(context, step, target.Get(), mode, copying)
                       : NewFilesystem(context, step, mode, copying));
    if (mount.Failed()) return mount.Error();
    const int completed = Complete(context, step, mount.Get(), target.Get(), copying);
    if (completed != 0) return completed;
    const long attached = AttachTree(mount.Get(), target.Get());
    return attached < 0 ? FailCall(context, static_cast<int>(-attached), path, "move_mount") : 0;
}

}  // namespace ocirun

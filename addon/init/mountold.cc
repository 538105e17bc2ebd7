// New filesystems whose options fsconfig(2) does not take: mount(2).
#include <errno.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "blame.h"
#include "filesystem.h"
#include "kernel.h"
#include "mount.h"

namespace ocirun {

namespace {

// The kernel copies one page, and ends it with a NUL.
constexpr uint32_t kMostData = 4095;

struct Data {
    unsigned long flags;
    uint32_t length;
    char text[kMostData + 1];
};

// Options of every filesystem, which mount(2) has as flags.
struct Flag {
    const char* name;
    unsigned long flag;
};
constexpr Flag kFlags[] = {{"ro", MS_RDONLY},        {"rw", 0},
                           {"sync", MS_SYNCHRONOUS}, {"dirsync", MS_DIRSYNC},
                           {"lazytime", 1 << 25},    {"mand", MS_MANDLOCK}};

bool Append(Data* data, const char* text, size_t length) {
    if (length > kMostData - data->length) return false;
    memcpy(data->text + data->length, text, length);
    data->length += static_cast<uint32_t>(length);
    data->text[data->length] = 0;
    return true;
}

// Whether `text` has a comma that no backslash takes the meaning from.
bool HasComma(const char* text) {
    for (; *text != 0; text++) {
        if (*text == ',') return true;
        if (*text == '\\' && text[1] != 0) text++;
    }
    return false;
}

int AddOption(Context& context, Data* data, const char* option) {
    for (const Flag& flag : kFlags) {
        if (strcmp(option, flag.name) != 0) continue;
        data->flags |= flag.flag;
        return 0;
    }
    const uint32_t key = LabelKey(option);
    const bool quote = key != 0 && option[key] != '"' && HasComma(option);
    if (key == 0 && HasComma(option)) {
        Fail(context, EINVAL, option, "mount(2) takes this for two options");
        return BlameOption(context, EINVAL, option, "mount");
    }
    bool fits = data->length == 0 || Append(data, ",", 1);
    fits = fits && Append(data, option, quote ? key : strlen(option));
    if (quote)
        fits = fits && Append(data, "\"", 1) && Append(data, option + key, strlen(option + key)) &&
               Append(data, "\"", 1);
    if (fits) return 0;
    Fail(context, ENAMETOOLONG, option, "too long, with the others, for mount(2)");
    return BlameOption(context, ENAMETOOLONG, option, "mount");
}

int CollectData(Context& context, const Step& step, const char* mode, bool writable, Data* data) {
    int added = *mode == 0 ? 0 : AddOption(context, data, mode);
    for (uint32_t index = 3; index < step.str_count && added == 0; index++) {
        const char* option = step.Str(index);
        if (!writable || strcmp(option, "ro") != 0) added = AddOption(context, data, option);
    }
    return added;
}

// mount(2) on the directory `place`, by way of the working directory: it knows no descriptors.
long MountOn(int place, const Step& step, const Data& data) {
    const Fd back(Kernel(SYS_openat, AT_FDCWD, ".", O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (back.Failed()) return back.Get();
    if (fchdir(place) < 0) return -errno;
    const char* source = *step.Str(2) == 0 ? nullptr : step.Str(2);
    const long mounted = Kernel(SYS_mount, source, ".", step.Str(1), data.flags, data.text);
    return fchdir(back.Get()) < 0 ? -errno : mounted;
}

// What mount(2) mounts can be reached only by a name that leads to it. Here this is a name in a
// tmpfs of our own, so that nobody can put something else there; it lies over `target` meanwhile.
long MountInScratch(int scratch, const Step& step, const Data& data) {
    constexpr const char* kName = "new";
    if (mkdirat(scratch, kName, 0700) < 0) return -errno;
    const Fd place(Kernel(SYS_openat, scratch, kName, O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (place.Failed()) return place.Get();
    const long mounted = MountOn(place.Get(), step, data);
    if (mounted < 0) return mounted;
    return Kernel(SYS_open_tree, scratch, kName, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
}

long Detach(int mount) {
    const Fd back(Kernel(SYS_openat, AT_FDCWD, ".", O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (back.Failed()) return back.Get();
    if (fchdir(mount) < 0 || umount2(".", MNT_DETACH) < 0) return -errno;
    return fchdir(back.Get()) < 0 ? -errno : 0;
}

}  // namespace

long NewFilesystemByMount(Context& context, const Step& step, int target, const char* mode,
                          bool writable) {
    const char* type = step.Str(1);
    static Data data;
    data = {};
    const int collected = CollectData(context, step, mode, writable, &data);
    if (collected != 0) return -collected;
    constexpr const char* kOptions[][2] = {{"mode", "700"}};
    const Fd scratch(NewTmpfs(kOptions, 1, 0));
    if (scratch.Failed()) return -Fail(context, scratch.Error(), "tmpfs");
    const long attached = AttachTree(scratch.Get(), target);
    if (attached < 0)
        return -FailCall(context, static_cast<int>(-attached), step.Str(0), "move_mount");
    Fd mount(MountInScratch(scratch.Get(), step, data));
    const long detached = Detach(scratch.Get());
    if (mount.Failed()) return -FailCall(context, mount.Error(), type, "mount");
    if (detached < 0) return -Fail(context, static_cast<int>(-detached), step.Str(0));
    const uint64_t attributes = step.Num(0) & ~(writable ? uint64_t{MOUNT_ATTR_RDONLY} : 0);
    const long set =
        SetAttributes(mount.Get(), attributes, attributes != 0 ? MOUNT_ATTR__ATIME : 0, 0, false);
    if (set < 0) return -Fail(context, static_cast<int>(-set), step.Str(0));
    return mount.Release();
}

}  // namespace ocirun

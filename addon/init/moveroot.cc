// Changing the root without pivot_root(2), which refuses to leave an initial ramdisk.
#include <errno.h>
#include <string.h>
#include <sys/mount.h>

#include "blame.h"
#include "context.h"
#include "kernel.h"
#include "mount.h"

namespace ocirun {

namespace {

// More than the longest line: two paths, escaped, and options.
constexpr size_t kBuffer = 65536;

// Undo the octal escapes of a path in mountinfo (proc_pid_mountinfo(5)), in place.
void Unescape(char* path) {
    char* to = path;
    for (const char* from = path; *from != 0;) {
        if (from[0] == '\\' && from[1] >= '0' && from[1] <= '3' && from[2] != 0 && from[3] != 0) {
            *to++ =
                static_cast<char>((from[1] - '0') << 6 | (from[2] - '0') << 3 | (from[3] - '0'));
            from += 4;
        } else {
            *to++ = *from++;
        }
    }
    *to = 0;
}

bool IsBelow(const char* path, const char* directory) {
    const size_t length = strlen(directory);
    return strncmp(path, directory, length) == 0 && (path[length] == 0 || path[length] == '/');
}

// Where a line of mountinfo says that a procfs or a sysfs is mounted, or null.
char* KernelFilesystemAt(char* line) {
    const char* type = strstr(line, " - ");
    if (type == nullptr) return nullptr;
    type += 3;
    if (strncmp(type, "proc ", 5) != 0 && strncmp(type, "sysfs ", 6) != 0) return nullptr;
    char* field = line;
    for (int skipped = 0; skipped < 4; skipped++) {
        field = strchr(field, ' ');
        if (field == nullptr) return nullptr;
        field++;
    }
    *strchrnul(field, ' ') = 0;
    Unescape(field);
    return field;
}

// Detach what a line of mountinfo names, if it is a procfs or a sysfs outside `root`.
int DetachLine(Context& context, char* line, const char* root) {
    const char* path = KernelFilesystemAt(line);
    if (path == nullptr || IsBelow(path, root)) return 0;
    if (umount2(path, MNT_DETACH) == 0) return 0;
    // It was below one that is detached already.
    return errno == EINVAL || errno == ENOENT ? 0 : Fail(context, errno, path);
}

// chroot(2) leaves the host's mounts below us. A procfs or sysfs of the host there would be a way
// to the host for whoever gets out of the chroot, and a reason for the kernel to allow mounting
// others: detach them (runc does, too).
int DetachKernelFilesystems(Context& context, int proc, const char* root) {
    const Fd table(Kernel(SYS_openat, proc, "self/mountinfo", O_RDONLY | O_CLOEXEC));
    if (table.Failed()) return Fail(context, table.Error(), "/proc/self/mountinfo");
    static char buffer[kBuffer];
    size_t filled = 0;
    for (;;) {
        const ssize_t length = read(table.Get(), buffer + filled, sizeof buffer - filled);
        if (length < 0) return Fail(context, errno, "/proc/self/mountinfo");
        if (length == 0) return filled == 0 ? 0 : Fail(context, EOVERFLOW, "/proc/self/mountinfo");
        filled += static_cast<size_t>(length);
        char* line = buffer;
        for (char* end;
             (end = static_cast<char*>(memchr(line, '\n', buffer + filled - line))) != nullptr;
             line = end + 1) {
            *end = 0;
            const int detached = DetachLine(context, line, root);
            if (detached != 0) return detached;
        }
        filled = buffer + filled - line;
        memmove(buffer, line, filled);
    }
}

}  // namespace

int MoveRoot(Context& context, const Step& step) {
    const int root = context.slots[step.Slot(0)];
    const int detached = DetachKernelFilesystems(context, context.slots[step.Slot(1)], step.Str(0));
    if (detached != 0) return detached;
    const Fd top(Kernel(SYS_openat, AT_FDCWD, "/", O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (top.Failed()) return Fail(context, top.Error(), "/");
    if (fchdir(root) < 0) return Fail(context, errno, step.Str(0));
    const long moved = AttachTree(root, top.Get());
    if (moved < 0) return FailCall(context, static_cast<int>(-moved), step.Str(0), "move_mount");
    if (chroot(".") < 0) return FailCall(context, errno, step.Str(0), "chroot");
    return chdir("/") < 0 ? errno : 0;
}

}  // namespace ocirun

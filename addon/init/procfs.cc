#include "procfs.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>

#include <initializer_list>

#include "kernel.h"
#include "number.h"

namespace ocirun {

namespace {

constexpr long kProcMagic = 0x9fa0;
constexpr long kSysfsMagic = 0x62656572;
constexpr long kCgroupMagic = 0x27e0eb;
constexpr long kCgroup2Magic = 0x63677270;
// PROC_ROOT_INO of the kernel (linux/proc_fs.h).
constexpr ino_t kProcRootInode = 1;

}  // namespace

long IsInProcfs(int fd) {
    struct statfs filesystem = {};
    if (fstatfs(fd, &filesystem) < 0) return -errno;
    return filesystem.f_type == kProcMagic ? 1 : 0;
}

bool IsOfTheKernel(int fd) {
    struct statfs filesystem = {};
    if (fstatfs(fd, &filesystem) != 0) return true;
    for (const long magic : {kProcMagic, kSysfsMagic, kCgroupMagic, kCgroup2Magic})
        if (static_cast<long>(filesystem.f_type) == magic) return true;
    return false;
}

long IsProcRoot(int fd) {
    const long inside = IsInProcfs(fd);
    if (inside <= 0) return inside;
    struct stat status = {};
    if (fstat(fd, &status) < 0) return -errno;
    return status.st_ino == kProcRootInode ? 1 : 0;
}

long Reopen(const Context& context, int fd) {
    char path[24] = "self/fd/";
    FormatDecimal(static_cast<uint32_t>(fd), path + 8);
    return Kernel(SYS_openat, context.proc, path, O_RDONLY | O_NOCTTY | O_CLOEXEC);
}

long OpenOwn(Context& context, const char* name) {
    const Fd proc(Kernel(SYS_openat, AT_FDCWD, "/proc", O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (proc.Failed()) return -Fail(context, proc.Error(), "/proc");
    const long root = IsProcRoot(proc.Get());
    if (root < 0) return -Fail(context, static_cast<int>(-root), "/proc");
    if (root == 0) return -Fail(context, ENOTSUP, "/proc is not a procfs");
    char path[64] = "/proc/self/";
    strcat(path, name);
    // `self` is a plain link. What is mounted over a process's files is none of them.
    open_how how = {O_WRONLY | O_CLOEXEC, 0,
                    RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS};
    const long fd = Kernel(SYS_openat2, proc.Get(), path + strlen("/proc/"), &how, sizeof how);
    return fd < 0 ? -Fail(context, static_cast<int>(-fd), path) : fd;
}

}  // namespace ocirun

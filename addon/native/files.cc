#include "files.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <termios.h>
#include <unistd.h>

#include <climits>
#include <cmath>
#include <cstdio>

#include "host_conditions.h"
#include "text.h"

namespace ocirun {

namespace {

// openat2(2) gives EAGAIN when a rename or a mount anywhere in the system ran beside a scoped
// lookup.
constexpr int kAttempts = 128;

// A number that a double cannot hold is NaN, which equals nothing, rather than a neighbour that is
// somebody else's: inode numbers of overlayfs have the layer in their highest bits.
double exact(uint64_t number) {
    constexpr uint64_t kSafe = (uint64_t{1} << 53) - 1;
    return number <= kSafe ? static_cast<double>(number) : std::nan("");
}

}  // namespace

// Not open(3): musl's has a second system call, for kernels that do not know O_CLOEXEC.
Result<int> open(const char* path, int flags, uint32_t mode) {
    int fd = uninterrupted([&] { return ::openat(AT_FDCWD, path, flags | O_CLOEXEC, mode); });
    return numberOr("open", fd);
}

Result<int> openAt(int dir, const char* path, int flags, uint32_t mode) {
    int fd = uninterrupted([&] { return ::openat(dir, path, flags | O_CLOEXEC, mode); });
    return numberOr("openat", fd);
}

Result<int> openAt2(int dir, const char* path, uint64_t flags, uint32_t mode, uint64_t resolve) {
    open_how how{.flags = flags | O_CLOEXEC, .mode = mode, .resolve = resolve};
    bool scoped = (resolve & (RESOLVE_IN_ROOT | RESOLVE_BENEATH)) != 0;
    int attempts = scoped ? kAttempts : 1;
    long fd;
    do {
        fd = uninterrupted([&] { return syscall(SYS_openat2, dir, path, &how, sizeof how); });
    } while (fd == -1 && errno == EAGAIN && --attempts > 0);
    return numberOr("openat2", fd);
}

// Linux has closed the descriptor also where it says EINTR; closing it again could hit somebody
// else's.
Result<void> close(int fd) {
    if (::close(fd) == -1 && errno != EINTR) return failed("close");
    return {};
}

Result<void> makeDirectory(int dir, const char* path, uint32_t mode) {
    return doneOr("mkdirat", mkdirat(dir, path, mode));
}

Result<void> makeNode(int dir, const char* path, uint32_t mode, uint32_t major, uint32_t minor) {
    return doneOr("mknodat", mknodat(dir, path, mode, makedev(major, minor)));
}

Result<bool> isInherited(int fd) { return hostConditions::isInherited(fd); }

Result<bool> exists(int dir, const char* path) {
    if (faccessat(dir, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0) return true;
    if (errno == ENOENT || errno == ENOTDIR) return false;
    return failed("faccessat");
}

Result<void> makeLink(const char* content, int dir, const char* path) {
    return doneOr("symlinkat", symlinkat(content, dir, path));
}

Result<void> unlink(int dir, const char* path, int flags) {
    return doneOr("unlinkat", unlinkat(dir, path, flags));
}

Result<void> rename(int oldDir, const char* oldPath, int newDir, const char* newPath) {
    return doneOr("renameat", renameat(oldDir, oldPath, newDir, newPath));
}

Result<Text> readLink(int dir, const char* path) {
    Buffer target(PATH_MAX + 1);
    ssize_t length = readlinkat(dir, path, target.data(), target.room());
    if (length == -1) return failed("readlinkat");
    if (length > PATH_MAX) return Failure{ENAMETOOLONG, "readlinkat"};
    target.grewBy(static_cast<size_t>(length));
    return asText(std::move(target), "readlinkat");
}

Result<Numbers> status(int dir, const char* path, int flags) {
    struct stat found;
    if (fstatat(dir, path, &found, flags) == -1) return failed("fstatat");
    return Numbers{static_cast<double>(found.st_mode),
                   static_cast<double>(found.st_uid),
                   static_cast<double>(found.st_gid),
                   exact(static_cast<uint64_t>(found.st_size)),
                   static_cast<double>(major(found.st_dev)),
                   static_cast<double>(minor(found.st_dev)),
                   static_cast<double>(major(found.st_rdev)),
                   static_cast<double>(minor(found.st_rdev)),
                   exact(found.st_ino)};
}

Result<double> filesystemType(int fd) {
    struct statfs found;
    if (uninterrupted([&] { return fstatfs(fd, &found); }) == -1) return failed("fstatfs");
    // Magic numbers have 32 bits; f_type is signed on some architectures and longer on others.
    return static_cast<double>(static_cast<uint32_t>(found.f_type));
}

Result<void> changeOwner(int dir, const char* path, uint32_t uid, uint32_t gid, int flags) {
    return doneOr("fchownat", fchownat(dir, path, uid, gid, flags));
}

Result<void> lock(int fd, int operation) {
    return doneOr("flock", uninterrupted([&] { return flock(fd, operation); }));
}

Result<void> closeOnExec(int fd, bool on) {
    return doneOr("fcntl", fcntl(fd, F_SETFD, on ? FD_CLOEXEC : 0));
}

}  // namespace ocirun

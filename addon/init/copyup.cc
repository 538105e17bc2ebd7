// Copying what a directory of an image holds into the tmpfs that covers it. Only descriptors are
// used: the image may be changed meanwhile; the tmpfs is seen by nobody but us before it is
// attached.
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "filesystem.h"
#include "kernel.h"
#include "procfs.h"

namespace ocirun {

namespace {

constexpr int kDeepest = 128;
constexpr size_t kEntries = 2048;
// XATTR_LIST_MAX, XATTR_SIZE_MAX
constexpr size_t kMostAttributes = 65536;

// Not on the stack, which is as large as the caller's limit; pages that are not needed cost
// nothing.
alignas(8) char g_entries[kDeepest][kEntries];
char g_names[kMostAttributes];
char g_value[kMostAttributes];

struct Copy {
    Context& context;
    int depth;
    // What is being copied, for messages; what does not fit is left out.
    char path[PATH_MAX];
    size_t length;
};

int FailCopy(Copy& copy, int error) {
    return Fail(copy.context, error, copy.path, "while copying what is below the mount");
}

// One entry, opened, and the directory it goes to.
struct Entry {
    int fd;
    int to;
    const char* name;
    struct stat status;
};

// Attributes that mean something on a tmpfs, and to whoever looks at it there.
bool IsCopied(const char* name) {
    constexpr const char* kPrefixes[] = {"user.", "security.capability", "system.posix_acl_"};
    for (const char* prefix : kPrefixes)
        if (strncmp(name, prefix, strlen(prefix)) == 0) return true;
    return false;
}

int CopyAttributes(int from, int to) {
    const ssize_t length = flistxattr(from, g_names, sizeof g_names);
    if (length < 0) return errno == ENOTSUP ? 0 : errno;
    for (const char* name = g_names; name < g_names + length; name += strlen(name) + 1) {
        if (!IsCopied(name)) continue;
        const ssize_t size = fgetxattr(from, name, g_value, sizeof g_value);
        // Gone since.
        if (size < 0 && errno == ENODATA) continue;
        if (size < 0) return errno;
        // A kernel whose tmpfs has no attributes of that kind has no use for them either.
        if (fsetxattr(to, name, g_value, size, 0) < 0 && errno != ENOTSUP) return errno;
    }
    return 0;
}

// Owner first: a change of it takes set-user-ID bits and capabilities away.
int CopyStatus(const struct stat& status, int from, int to) {
    if (fchown(to, status.st_uid, status.st_gid) < 0) return errno;
    if (fchmod(to, status.st_mode & 07777) < 0) return errno;
    const int copied = CopyAttributes(from, to);
    if (copied != 0) return copied;
    const timespec times[] = {status.st_atim, status.st_mtim};
    return futimens(to, times) < 0 ? errno : 0;
}

// The same for what cannot be opened.
int CopyStatusByName(const Entry& entry) {
    const struct stat& status = entry.status;
    if (fchownat(entry.to, entry.name, status.st_uid, status.st_gid, AT_SYMLINK_NOFOLLOW) < 0)
        return errno;
    if (!S_ISLNK(status.st_mode) && fchmodat(entry.to, entry.name, status.st_mode & 07777, 0) < 0)
        return errno;
    const timespec times[] = {status.st_atim, status.st_mtim};
    return utimensat(entry.to, entry.name, times, AT_SYMLINK_NOFOLLOW) < 0 ? errno : 0;
}

// What was there when it was opened, holes left out: no file is larger than its filesystem.
int CopyData(int from, int to, off_t size) {
    off_t at = 0;
    while (at < size) {
        const off_t data = lseek(from, at, SEEK_DATA);
        // Nothing but a hole is left, or nothing at all.
        if (data < 0 && errno == ENXIO) break;
        if (data < 0) return errno;
        off_t end = lseek(from, data, SEEK_HOLE);
        if (end < 0 || end > size) end = size;
        if (data >= end) break;
        if (lseek(to, data, SEEK_SET) < 0) return errno;
        for (at = data; at < end;) {
            const ssize_t sent = sendfile(to, from, &at, static_cast<size_t>(end - at));
            if (sent < 0) return errno;
            // Cut off since.
            if (sent == 0) return 0;
        }
    }
    return ftruncate(to, size) < 0 ? errno : 0;
}

int CopyFile(Copy& copy, const Entry& entry) {
    const Fd from(Reopen(copy.context, entry.fd));
    if (from.Failed()) return from.Error();
    const Fd to(Kernel(SYS_openat, entry.to, entry.name,
                       O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (to.Failed()) return to.Error();
    const int copied = CopyData(from.Get(), to.Get(), entry.status.st_size);
    return copied != 0 ? copied : CopyStatus(entry.status, from.Get(), to.Get());
}

int CopyLink(const Entry& entry) {
    char content[PATH_MAX];
    const ssize_t length = readlinkat(entry.fd, "", content, sizeof content - 1);
    if (length < 0) return errno;
    content[length] = 0;
    if (symlinkat(content, entry.to, entry.name) < 0) return errno;
    return CopyStatusByName(entry);
}

int CopyNode(const Entry& entry) {
    if (mknodat(entry.to, entry.name, entry.status.st_mode, entry.status.st_rdev) < 0) return errno;
    return CopyStatusByName(entry);
}

int CopyEntries(Copy& copy, int from, int to);

int CopyDirectory(Copy& copy, const Entry& entry) {
    if (copy.depth + 1 == kDeepest) return FailCopy(copy, ELOOP);
    const Fd from(Kernel(SYS_openat, entry.fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (from.Failed()) return FailCopy(copy, from.Error());
    if (mkdirat(entry.to, entry.name, 0700) < 0) return FailCopy(copy, errno);
    const Fd to(
        Kernel(SYS_openat, entry.to, entry.name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (to.Failed()) return FailCopy(copy, to.Error());
    copy.depth++;
    const int copied = CopyEntries(copy, from.Get(), to.Get());
    copy.depth--;
    if (copied != 0) return copied;
    const int status = CopyStatus(entry.status, from.Get(), to.Get());
    return status != 0 ? FailCopy(copy, status) : 0;
}

int CopyEntry(Copy& copy, int from, int to, const char* name) {
    open_how how = {O_PATH | O_NOFOLLOW | O_CLOEXEC, 0, RESOLVE_BENEATH | RESOLVE_NO_XDEV};
    const Fd fd(Kernel(SYS_openat2, from, name, &how, sizeof how));
    // Another mount, or gone since.
    if (fd.Error() == EXDEV || fd.Error() == ENOENT) return 0;
    if (fd.Failed()) return FailCopy(copy, fd.Error());
    Entry entry = {fd.Get(), to, name, {}};
    if (fstat(fd.Get(), &entry.status) < 0) return FailCopy(copy, errno);
    int copied = 0;
    switch (entry.status.st_mode & S_IFMT) {
        case S_IFDIR:
            return CopyDirectory(copy, entry);
        case S_IFREG:
            copied = CopyFile(copy, entry);
            break;
        case S_IFLNK:
            copied = CopyLink(entry);
            break;
        default:
            copied = CopyNode(entry);
    }
    return copied != 0 ? FailCopy(copy, copied) : 0;
}

// The same with the name at the end of the path for messages.
int CopyNamed(Copy& copy, int from, int to, const char* name) {
    const size_t length = copy.length;
    const size_t added = strlen(name);
    if (length + added + 2 <= sizeof copy.path) {
        copy.path[length] = '/';
        memcpy(copy.path + length + 1, name, added + 1);
        copy.length += added + 1;
    }
    const int copied = CopyEntry(copy, from, to, name);
    copy.length = length;
    copy.path[length] = 0;
    return copied;
}

int CopyEntries(Copy& copy, int from, int to) {
    char* const entries = g_entries[copy.depth];
    for (;;) {
        const long filled = Kernel(SYS_getdents64, from, entries, kEntries);
        if (filled < 0) return FailCopy(copy, static_cast<int>(-filled));
        if (filled == 0) return 0;
        const dirent64* entry = nullptr;
        for (const char* at = entries; at < entries + filled; at += entry->d_reclen) {
            entry = reinterpret_cast<const dirent64*>(at);
            if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
            const int copied = CopyNamed(copy, from, to, entry->d_name);
            if (copied != 0) return copied;
        }
    }
}

}  // namespace

int CopyUp(Context& context, int from, int to, const char* path) {
    Copy copy = {context, 0, {}, 0};
    copy.length = strnlen(path, sizeof copy.path - 1);
    memcpy(copy.path, path, copy.length);
    const Fd source(Kernel(SYS_openat, from, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (source.Failed()) return FailCopy(copy, source.Error());
    return CopyEntries(copy, source.Get(), to);
}

}  // namespace ocirun

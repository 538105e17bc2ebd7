#include "rootpath.h"

#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "kernel.h"

namespace ocirun {

namespace {

// RESOLVE_IN_ROOT answers EAGAIN while somebody renames directories on the way (openat2(2)).
constexpr int kTries = 10000;

int CopyPath(char (&to)[PATH_MAX], const char *path, size_t length) {
    if (length >= sizeof to) return -ENAMETOOLONG;
    memcpy(to, path, length);
    to[length] = 0;
    return 0;
}

}  // namespace

long OpenInRoot(int root, const char *path, uint64_t flags, uint64_t extra) {
    open_how how = {};
    how.flags = flags | O_CLOEXEC;
    how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | extra;
    long fd = -EAGAIN;
    for (int tries = 0; fd == -EAGAIN && tries < kTries; tries++)
        fd = Kernel(SYS_openat2, root, path, &how, sizeof how);
    return fd;
}

long OpenDirectoryMaking(int root, const char *path, uint64_t extra) {
    const uint64_t flags = O_PATH | O_DIRECTORY;
    long fd = OpenInRoot(root, path, flags, extra);
    if (fd != -ENOENT) return fd;
    // Grow the prefix by one element at a time. Each prefix is resolved from the root again, so links in it are
    // followed inside the root; the element itself is made through the descriptor of the prefix before it.
    char prefix[PATH_MAX];
    Fd parent(OpenInRoot(root, "/", flags));
    const char *end = path;
    while (!parent.Failed()) {
        const char *name = end;
        while (*name == '/') name++;
        if (*name == 0) return parent.Release();
        end = strchrnul(name, '/');
        if (CopyPath(prefix, path, end - path) < 0) return -ENAMETOOLONG;
        fd = OpenInRoot(root, prefix, flags, extra);
        if (fd == -ENOENT) {
            char element[PATH_MAX];
            CopyPath(element, name, end - name);
            const long made = Kernel(SYS_mkdirat, parent.Get(), element, 0755);
            if (made < 0 && made != -EEXIST) return made;
            fd = OpenInRoot(root, prefix, flags, extra);
        }
        parent.Reset(fd);
    }
    return parent.Get();
}

long OpenParentMaking(int root, const char *path, const char **name) {
    const char *slash = strrchr(path, '/');
    *name = slash == nullptr ? path : slash + 1;
    if (**name == 0 || strcmp(*name, ".") == 0 || strcmp(*name, "..") == 0) return -EINVAL;
    if (slash == nullptr || slash == path) return OpenInRoot(root, "/", O_PATH | O_DIRECTORY);
    char directory[PATH_MAX];
    if (CopyPath(directory, path, slash - path) < 0) return -ENAMETOOLONG;
    return OpenDirectoryMaking(root, directory);
}

long OpenFileMaking(int root, const char *path) {
    const long fd = OpenInRoot(root, path, O_PATH);
    if (fd != -ENOENT) return fd;
    const char *name = nullptr;
    const Fd parent(OpenParentMaking(root, path, &name));
    if (parent.Failed()) return parent.Get();
    const Fd made(Kernel(SYS_openat, parent.Get(), name, O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644));
    if (made.Failed() && made.Error() != EEXIST) return made.Get();
    return OpenInRoot(root, path, O_PATH);
}

}  // namespace ocirun

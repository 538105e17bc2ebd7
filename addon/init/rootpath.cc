#include "rootpath.h"

#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "kernel.h"

namespace ocirun {

namespace {

// As many links as the kernel itself follows on one path.
constexpr int kMostLinks = 40;

// RESOLVE_IN_ROOT answers EAGAIN while somebody renames directories on the way (openat2(2)).
constexpr int kTries = 10000;

int CopyPath(char (&to)[PATH_MAX], const char* path, size_t length) {
    if (length >= sizeof to) return -ENAMETOOLONG;
    memcpy(to, path, length);
    to[length] = 0;
    return 0;
}

// Where `name` in `parent` is a link that leads nowhere yet, `path` becomes what it stands for: the
// link's content (after `before`, the path of `parent`, where it is relative) and `behind`. It is
// resolved inside the root like any other.
int Substitute(char (&path)[PATH_MAX], int parent, const char* name, size_t before,
               const char* behind) {
    char content[PATH_MAX];
    const long length = Kernel(SYS_readlinkat, parent, name, content, sizeof content - 1);
    if (length < 0) return -ENOENT;
    const size_t kept = content[0] == '/' ? 0 : before;
    const size_t rest = strlen(behind);
    if (kept + 1 + length + rest >= sizeof path) return -ENAMETOOLONG;
    memmove(path + kept + length, behind, rest + 1);
    memcpy(path + kept, content, length);
    return 0;
}

// 1 for a symbolic link, else 0; or a negative errno.
long IsLink(int fd) {
    struct stat status = {};
    if (fstat(fd, &status) < 0) return -errno;
    return S_ISLNK(status.st_mode) ? 1 : 0;
}

}  // namespace

long OpenInRoot(int root, const char* path, uint64_t flags, uint64_t extra) {
    open_how how = {};
    how.flags = flags | O_CLOEXEC;
    how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | extra;
    long fd = -EAGAIN;
    for (int tries = 0; fd == -EAGAIN && tries < kTries; tries++)
        fd = Kernel(SYS_openat2, root, path, &how, sizeof how);
    return fd;
}

namespace {

// Open the longest beginning of `path` that is there; `*rest` is where the first missing element
// begins.
long OpenBeginning(int root, char (&path)[PATH_MAX], uint64_t extra, size_t* rest) {
    size_t end = strlen(path);
    while (end > 0) {
        while (end > 0 && path[end - 1] == '/') end--;
        while (end > 0 && path[end - 1] != '/') end--;
        *rest = end;
        if (end == 0) break;
        char prefix[PATH_MAX];
        CopyPath(prefix, path, end);
        const long fd = OpenInRoot(root, prefix, O_PATH | O_DIRECTORY, extra);
        if (fd != -ENOENT) return fd;
    }
    return OpenInRoot(root, "/", O_PATH | O_DIRECTORY, extra);
}

// Make the elements of `rest` below `parent` (taken over), each through the descriptor of the one
// before it. Returns a descriptor, or -ELOOP where the first element is a link.
long MakeBelow(long parent, const char* rest) {
    Fd at(parent);
    if (at.Failed()) return at.Get();
    for (;;) {
        while (*rest == '/') rest++;
        if (*rest == 0) return at.Release();
        const char* end = strchrnul(rest, '/');
        char element[PATH_MAX];
        CopyPath(element, rest, end - rest);
        rest = end;
        if (strcmp(element, ".") == 0) continue;
        if (strcmp(element, "..") == 0) return -ENOENT;
        const long made = Kernel(SYS_mkdirat, at.Get(), element, 0755);
        if (made < 0 && made != -EEXIST) return made;
        open_how how = {O_PATH | O_DIRECTORY | O_CLOEXEC, 0, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS};
        const long fd = Kernel(SYS_openat2, at.Get(), element, &how, sizeof how);
        if (fd < 0) return fd;
        at.Reset(fd);
    }
}

}  // namespace

long OpenDirectoryMaking(int root, const char* wanted, uint64_t extra, bool* made_one) {
    const long there = OpenInRoot(root, wanted, O_PATH | O_DIRECTORY, extra);
    if (there != -ENOENT) return there;
    if (made_one != nullptr) *made_one = true;
    char path[PATH_MAX];
    if (CopyPath(path, wanted, strlen(wanted)) < 0) return -ENAMETOOLONG;
    for (int links = 0; links < kMostLinks; links++) {
        size_t rest = 0;
        const Fd parent(OpenBeginning(root, path, extra, &rest));
        if (parent.Failed()) return parent.Get();
        const long made =
            MakeBelow(Kernel(SYS_fcntl, parent.Get(), F_DUPFD_CLOEXEC, 3), path + rest);
        if (made != -ELOOP || (extra & RESOLVE_NO_SYMLINKS) != 0) return made;
        char name[PATH_MAX];
        char behind[PATH_MAX];
        const char* end = strchrnul(path + rest, '/');
        CopyPath(name, path + rest, end - path - rest);
        CopyPath(behind, end, strlen(end));
        const int substituted = Substitute(path, parent.Get(), name, rest, behind);
        if (substituted < 0) return substituted;
    }
    return -ELOOP;
}

long OpenParentMaking(int root, const char* path, const char** name) {
    const char* slash = strrchr(path, '/');
    *name = slash == nullptr ? path : slash + 1;
    if (**name == 0 || strcmp(*name, ".") == 0 || strcmp(*name, "..") == 0) return -EINVAL;
    if (slash == nullptr || slash == path) return OpenInRoot(root, "/", O_PATH | O_DIRECTORY);
    char directory[PATH_MAX];
    if (CopyPath(directory, path, slash - path) < 0) return -ENAMETOOLONG;
    return OpenDirectoryMaking(root, directory);
}

long OpenFileMaking(int root, const char* wanted) {
    const long there = OpenInRoot(root, wanted, O_PATH);
    if (there != -ENOENT) return there;
    char path[PATH_MAX];
    if (CopyPath(path, wanted, strlen(wanted)) < 0) return -ENAMETOOLONG;
    // Images have an /etc/resolv.conf that leads to a file which comes at run time.
    for (int links = 0; links < kMostLinks; links++) {
        const char* name = nullptr;
        const Fd parent(OpenParentMaking(root, path, &name));
        if (parent.Failed()) return parent.Get();
        const Fd made(Kernel(SYS_openat, parent.Get(), name,
                             O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644));
        if (made.Failed() && made.Error() != EEXIST) return made.Get();
        Fd fd(OpenInRoot(parent.Get(), name, O_PATH | O_NOFOLLOW));
        if (fd.Failed()) return fd.Get();
        const long link = IsLink(fd.Get());
        if (link <= 0) return link < 0 ? link : fd.Release();
        const int substituted = Substitute(path, parent.Get(), name, name - path, "");
        if (substituted < 0) return substituted;
    }
    return -ELOOP;
}

}  // namespace ocirun

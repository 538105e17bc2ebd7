#include "walk.h"

#include <errno.h>
#include <string.h>
#include <sys/statvfs.h>

#include "credentials.h"
#include "kernel.h"
#include "rootpath.h"

namespace ocirun {

namespace {

// As many links as the kernel itself follows on one path.
constexpr int kMostLinks = 40;
// Those of a loop are not worth telling all.
constexpr int kLinksTold = 8;

char g_path[PATH_MAX];
char g_target[PATH_MAX];

long Open(int root, const char* path, uint64_t flags) {
    return root == kNoRoot ? Kernel(SYS_openat, AT_FDCWD, path, flags | O_CLOEXEC)
                           : OpenInRoot(root, path, flags);
}

// What is at `path` itself, be it a link. Returns 0 or an errno.
int StatusOf(int root, const char* path, struct stat* status) {
    const Fd fd(Open(root, path, O_PATH | O_NOFOLLOW));
    if (fd.Failed()) return fd.Error();
    return fstat(fd.Get(), status) < 0 ? errno : 0;
}

// What the link at `path` says, and how long that is, or a negative errno.
long TargetOf(int root, const char* path) {
    const Fd fd(Open(root, path, O_PATH | O_NOFOLLOW));
    if (fd.Failed()) return fd.Get();
    return Kernel(SYS_readlinkat, fd.Get(), "", g_target, sizeof g_target);
}

// What is at `path`, which ends in no link.
void TellFile(Facts& facts, int root, const char* word, const char* path) {
    const Fd fd(Open(root, path, O_PATH));
    struct stat status = {};
    if (fd.Failed() || fstat(fd.Get(), &status) < 0) return;
    facts.Add(word,
              {status.st_mode, status.st_uid, status.st_gid, IsMember(status.st_gid) ? 1u : 0u},
              path);
    struct statvfs mount = {};
    if (fstatvfs(fd.Get(), &mount) == 0) facts.Add("statvfs", {mount.f_flag});
}

// The way ends at the element that begins at `element`: why, and what can be said of its directory.
bool Stop(Facts& facts, int root, size_t element, int error) {
    facts.Add("stop", {static_cast<uint64_t>(error)}, g_path);
    g_path[element] = 0;
    TellFile(facts, root, "within", element == 0 ? "." : g_path);
    return false;
}

// Put what the link says in the place of the element, and tell of it. Returns where to go on, or a
// negative errno.
long Substitute(Facts& facts, int root, size_t element, const char* behind, bool told) {
    const long length = TargetOf(root, g_path);
    if (length < 0) return length;
    if (told) {
        facts.Add("link", {}, g_path);
        facts.Add("to", {}, g_target, static_cast<size_t>(length));
    }
    const size_t kept = length > 0 && g_target[0] == '/' ? 0 : element;
    const size_t rest = strlen(behind);
    if (kept + static_cast<size_t>(length) + rest >= sizeof g_path) return -ENAMETOOLONG;
    memmove(g_path + kept + length, behind, rest + 1);
    memcpy(g_path + kept, g_target, static_cast<size_t>(length));
    return static_cast<long>(kept);
}

}  // namespace

bool Walk(Facts& facts, int root, const char* path, struct stat* status) {
    if (strlen(path) >= sizeof g_path) {
        facts.Add("stop", {ENAMETOOLONG}, path);
        return false;
    }
    strcpy(g_path, path);
    size_t element = 0;
    for (int links = 0; facts.MayLook();) {
        while (g_path[element] == '/') element++;
        char* end = strchrnul(g_path + element, '/');
        const char slash = *end;
        *end = 0;
        const int error = StatusOf(root, g_path, status);
        if (error != 0) return Stop(facts, root, element, error);
        if (S_ISLNK(status->st_mode)) {
            if (++links > kMostLinks) return Stop(facts, root, element, ELOOP);
            char behind[PATH_MAX];
            behind[0] = slash;
            if (slash != 0) strcpy(behind + 1, end + 1);
            const long next = Substitute(facts, root, element, behind, links <= kLinksTold);
            if (next < 0) return Stop(facts, root, element, static_cast<int>(-next));
            element = static_cast<size_t>(next);
            continue;
        }
        if (slash == 0 || !S_ISDIR(status->st_mode)) {
            if (slash != 0) facts.Add("stop", {ENOTDIR}, g_path);
            TellFile(facts, root, "file", g_path);
            return slash == 0;
        }
        *end = slash;
        element = end + 1 - g_path;
        while (g_path[element] == '/') element++;
        if (g_path[element] == 0) {
            TellFile(facts, root, "file", g_path);
            return true;
        }
    }
    return false;
}

}  // namespace ocirun

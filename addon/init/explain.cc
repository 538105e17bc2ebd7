#include "explain.h"

#include <errno.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/xattr.h>

#include "credentials.h"
#include "facts.h"
#include "format.h"
#include "kernel.h"
#include "walk.h"

namespace ocirun {

namespace {

// The kernel follows five (exec_binprm() in fs/exec.c).
constexpr int kMostInterpreters = 6;

uint64_t SoftLimit(int resource) {
    rlimit limit = {};
    return getrlimit(resource, &limit) == 0 ? limit.rlim_cur : 0;
}

uint64_t BoundingSet() {
    uint64_t mask = 0;
    for (uint64_t capability = 0; capability < 64; capability++)
        if (prctl(PR_CAPBSET_READ, capability, 0, 0, 0) == 1) mask |= 1ull << capability;
    return mask;
}

//   self UID GID EFFECTIVE BOUNDING     who we are, and with which capabilities
//   system MACHINE SECCOMP PAGE         what we are made for, PR_GET_SECCOMP, the size of a page
//   limits STACK PROCESSES              soft ones
void TellSelf(Facts& facts) {
    facts.Add("self", {geteuid(), getegid(), EffectiveCapabilities(), BoundingSet()});
    const int seccomp = prctl(PR_GET_SECCOMP, 0, 0, 0, 0);
    facts.Add("system", {OwnMachine(), static_cast<uint64_t>(seccomp > 0 ? seccomp : 0),
                         static_cast<uint64_t>(sysconf(_SC_PAGESIZE))});
    facts.Add("limits", {SoftLimit(RLIMIT_STACK), SoftLimit(RLIMIT_NPROC)});
}

// filecaps EFFECTIVE PERMITTED INHERITABLE: those of the file (capabilities(7)).
void TellCapabilities(Facts& facts, const char* path) {
    vfs_ns_cap_data data = {};
    const ssize_t length = getxattr(path, "security.capability", &data, sizeof data);
    if (length < static_cast<ssize_t>(XATTR_CAPS_SZ_2)) return;
    const auto mask = [](uint32_t low, uint32_t high) {
        return low | static_cast<uint64_t>(high) << 32;
    };
    facts.Add("filecaps", {data.magic_etc & VFS_CAP_FLAGS_EFFECTIVE,
                           mask(data.data[0].permitted, data.data[1].permitted),
                           mask(data.data[0].inheritable, data.data[1].inheritable)});
}

// execute ERRNO: what the kernel says to whether we may execute it; a mount may forbid it, or an
// access control list. Returns whether we may.
bool TellAccess(Facts& facts, const char* path) {
    const int error = faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) < 0 ? errno : 0;
    facts.Add("execute", {static_cast<uint64_t>(error)});
    return error == 0;
}

// program PATH, then interpreter PATH or loader PATH for each further file that the kernel opens.
void TellPrograms(Facts& facts, const char* path) {
    static char current[PATH_MAX];
    static char next[PATH_MAX];
    const char* word = "program";
    for (int index = 0; index <= kMostInterpreters; index++) {
        struct stat status = {};
        facts.Add(word, {}, path);
        if (!Walk(facts, kNoRoot, path, &status) || !S_ISREG(status.st_mode)) return;
        TellCapabilities(facts, path);
        // The kernel does not read such a file, and nor do we: to read some changes something
        // (/proc/kmsg).
        if (!TellAccess(facts, path)) return;
        const Next follows = TellFormat(facts, path, next);
        if (follows == Next::kNothing || strcmp(word, "loader") == 0) return;
        word = follows == Next::kLoader ? "loader" : "interpreter";
        strcpy(current, next);
        path = current;
    }
}

}  // namespace

int FailToExecute(Context& context, int error, const char* path) {
    Facts facts(context, error, path);
    TellSelf(facts);
    TellPrograms(facts, path);
    return error;
}

int FailToFind(Context& context, int error, const char* name, const char* directories) {
    Facts facts(context, error, name);
    TellSelf(facts);
    char path[PATH_MAX];
    for (const char* element = directories; facts.MayLook(); element++) {
        const char* end = strchrnul(element, ':');
        struct stat status = {};
        // A directory where it is not is not worth telling.
        if (Candidate(path, element, end - element, name) &&
            (fstatat(AT_FDCWD, path, &status, AT_SYMLINK_NOFOLLOW) == 0 ||
             (errno != ENOENT && errno != ENOTDIR))) {
            facts.Add("candidate", {}, path);
            if (Walk(facts, kNoRoot, path, &status)) TellAccess(facts, path);
        }
        element = end;
        if (*element == 0) break;
    }
    return error;
}

int FailToEnter(Context& context, int error, int root, const char* path) {
    Facts facts(context, error, path);
    TellSelf(facts);
    facts.Add("directory", {}, path);
    struct stat status = {};
    Walk(facts, root, path, &status);
    return error;
}

bool Candidate(char (&path)[PATH_MAX], const char* element, size_t length, const char* name) {
    if (length + strlen(name) + 2 > sizeof path) return false;
    memcpy(path, element, length);
    path[length] = 0;
    if (length != 0) strcat(path, "/");
    strcat(path, name);
    return true;
}

}  // namespace ocirun

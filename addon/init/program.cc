// The program of the container: where it is, where it begins, and the step that becomes it.
#include <dirent.h>
#include <errno.h>
#include <linux/close_range.h>
#include <string.h>
#include <sys/stat.h>

#include "arguments.h"
#include "context.h"
#include "explain.h"
#include "kernel.h"
#include "message.h"
#include "number.h"
#include "procfs.h"
#include "rootpath.h"

namespace ocirun {

namespace {

// Whether a filter of system calls, which may be older than this call, has refused it.
bool IsUnknownToFilter(long result) { return result == -ENOSYS || result == -EPERM; }

// Whether execve(2) could take this file: 0, or why not.
int CanExecute(const char* path) {
    struct stat status = {};
    if (stat(path, &status) < 0) return errno;
    if (S_ISDIR(status.st_mode)) return EISDIR;
    if (!S_ISREG(status.st_mode)) return EACCES;
    const long allowed = Kernel(SYS_faccessat2, AT_FDCWD, path, X_OK, AT_EACCESS);
    if (!IsUnknownToFilter(allowed)) return static_cast<int>(-allowed);
    // execve(2) has the last word.
    return (status.st_mode & 0111) != 0 ? 0 : EACCES;
}

// Nothing is there that could be a program.
bool IsAbsence(int error) {
    return error == ENOENT || error == ENOTDIR || error == EISDIR || error == ELOOP ||
           error == ENAMETOOLONG;
}

// More than any passwd(5) has.
constexpr size_t kMostPasswd = 64 << 20;

struct PasswdLine {
    uint32_t uid;
    const char* home;
    size_t home_length;
};

// Fields 3 and 6 of a line of passwd(5); false where it has no six fields or no number.
bool ParsePasswd(const char* line, const char* end, PasswdLine* parsed) {
    const char* fields[7] = {line};
    int count = 1;
    for (const char* at = line; at < end && count < 7; at++)
        if (*at == ':') fields[count++] = at + 1;
    // A line without a shell is one all the same.
    if (count < 6) return false;
    const char* after = nullptr;
    if (!ParseDecimal(fields[2], &after, &parsed->uid)) return false;
    parsed->home = fields[5];
    parsed->home_length = (count == 7 ? fields[6] - 1 : end) - fields[5];
    return *after == ':' && parsed->home_length < PATH_MAX;
}

void RememberHome(Context& context, const char* home, size_t length) {
    memcpy(context.home, "HOME=", 5);
    memcpy(context.home + 5, home, length);
    context.home[5 + length] = 0;
}

bool RememberIfOf(Context& context, const char* line, const char* end, unsigned long uid) {
    PasswdLine parsed = {};
    if (!ParsePasswd(line, end, &parsed) || parsed.uid != uid || parsed.home_length == 0)
        return false;
    RememberHome(context, parsed.home, parsed.home_length);
    return true;
}

// Read the file line by line through a fixed buffer; a line that does not fit is no user's. A file
// without end, which takes no room where it is a hole, is not read to it.
void SearchPasswd(Context& context, int fd, unsigned long uid) {
    static char buffer[16384];
    size_t filled = 0;
    bool skipping = false;
    for (size_t total = 0; total < kMostPasswd;) {
        const ssize_t length = read(fd, buffer + filled, sizeof buffer - 1 - filled);
        if (length <= 0) {
            // The last line may end without a newline.
            buffer[filled] = 0;
            if (!skipping) RememberIfOf(context, buffer, buffer + filled, uid);
            return;
        }
        total += static_cast<size_t>(length);
        filled += static_cast<size_t>(length);
        buffer[filled] = 0;
        char* line = buffer;
        for (char* end; (end = static_cast<char*>(memchr(line, '\n', buffer + filled - line)));
             line = end + 1) {
            if (!skipping && RememberIfOf(context, line, end, uid)) return;
            skipping = false;
        }
        filled = buffer + filled - line;
        memmove(buffer, line, filled);
        if (filled == sizeof buffer - 1) {
            skipping = true;
            filled = 0;
        }
    }
}

// Close every descriptor from `first` on but `kept`, without close_range(2).
int CloseOneByOne(const Context& context, uint32_t first, int kept) {
    const Fd directory(
        Kernel(SYS_openat, context.proc, "self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (directory.Failed()) return directory.Error();
    alignas(dirent) static char entries[4096];
    for (;;) {
        // The place in the list is the number of the descriptor: what is closed moves no other.
        const long filled = Kernel(SYS_getdents64, directory.Get(), entries, sizeof entries);
        if (filled <= 0) return static_cast<int>(-filled);
        for (long at = 0; at < filled;) {
            const auto* entry = reinterpret_cast<const dirent*>(entries + at);
            at += entry->d_reclen;
            const char* end = nullptr;
            uint32_t number = 0;
            if (!ParseDecimal(entry->d_name, &end, &number) || number < first) continue;
            const int fd = static_cast<int>(number);
            if (fd != kept && fd != directory.Get()) close(fd);
        }
    }
}

}  // namespace

int MakeDirectory(Context& context, const Step& step) {
    const Fd directory(OpenDirectoryMaking(context.slots[step.Slot(0)], step.Str(0)));
    return directory.Failed()
               ? FailToEnter(context, directory.Error(), context.slots[step.Slot(0)], step.Str(0))
               : 0;
}

int ChangeDirectory(Context& context, const Step& step) {
    const char* path = step.Str(0);
    // A hook may have been given a directory of its own before.
    if (step.Num(0) == 0) context.in_directory = false;
    if (context.in_directory) return 0;
    const Fd directory(OpenInRoot(context.slots[step.Slot(0)], path, O_PATH | O_DIRECTORY));
    const int error = directory.Failed()            ? directory.Error()
                      : fchdir(directory.Get()) < 0 ? errno
                                                    : 0;
    // A directory that only root or only the user may enter: the other try decides.
    if (step.Num(0) == 0 && (error == EACCES || error == EPERM)) return 0;
    if (error != 0) return FailToEnter(context, error, context.slots[step.Slot(0)], path);
    context.in_directory = true;
    // The kernel says "(unreachable)" for a directory outside our root (CVE-2024-21626).
    char where[PATH_MAX];
    const long length = Kernel(SYS_getcwd, where, sizeof where);
    if (length < 0) return Fail(context, static_cast<int>(-length), path);
    return where[0] == '/' ? 0 : Fail(context, EXDEV, path);
}

int FindHome(Context& context, const Step& step) {
    RememberHome(context, "/", 1);
    // Looked at before it is opened: an image may have a fifo there, or a device that does
    // something when it is opened. Whatever is wrong with the file, the container gets `/`.
    const Fd found(OpenInRoot(context.slots[step.Slot(0)], "/etc/passwd", O_PATH));
    struct stat status = {};
    if (found.Failed() || fstat(found.Get(), &status) < 0 || !S_ISREG(status.st_mode)) return 0;
    const Fd passwd(Reopen(context, found.Get()));
    if (!passwd.Failed()) SearchPasswd(context, passwd.Get(), step.Num(0));
    return 0;
}

int FindProgram(Context& context, const Step& step) {
    const char* name = step.Str(0);
    if (*name == 0) return Fail(context, ENOENT, name);
    if (strchr(name, '/') != nullptr) {
        if (strlen(name) >= sizeof context.program) return Fail(context, ENAMETOOLONG, name);
        strcpy(context.program, name);
        const int error = CanExecute(name);
        return error != 0 ? FailToExecute(context, error, name) : 0;
    }
    int refused = ENOENT;
    for (const char* element = step.Str(1);; element++) {
        const char* end = strchrnul(element, ':');
        if (Candidate(context.program, element, end - element, name)) {
            const int error = CanExecute(context.program);
            if (error == 0) return 0;
            // One that is there is worth naming if no other is found (execvp(3)).
            if (!IsAbsence(error)) refused = error;
        }
        element = end;
        if (*element == 0) return FailToFind(context, refused, name, step.Str(1));
    }
}

// Opening a fifo for writing waits for a reader. A `start` that dies between its open and our write
// has started nothing: we wait for the next one.
int AwaitStart(Context& context, const Step& step) {
    char link[32] = "self/fd/";
    FormatDecimal(static_cast<uint32_t>(context.slots[step.Slot(0)]), link + strlen(link));
    for (;;) {
        Fd fifo(Kernel(SYS_openat, context.slots[step.Slot(1)], link, O_WRONLY | O_CLOEXEC));
        if (fifo.Error() == EINTR) continue;
        if (fifo.Failed()) return Fail(context, fifo.Error(), "the exec fifo");
        const int written = WriteQuietly(fifo.Get(), "0", 1);
        if (written == EPIPE || written == EINTR) continue;
        // From here on `start` listens, even to why it has not been told "0".
        context.fifo = fifo.Release();
        return written != 0 ? Fail(context, written, "the exec fifo") : 0;
    }
}

int CloseDescriptors(Context& context, const Step& step) {
    // Those that a failure is reported through stay, and close at execve(2).
    const auto first = static_cast<unsigned>(step.Num(0));
    const long flagged = Kernel(SYS_close_range, first, ~0u, CLOSE_RANGE_CLOEXEC);
    if (flagged < 0 && !IsUnknownToFilter(flagged)) return static_cast<int>(-flagged);
    const int reporter = context.fifo >= 0 ? context.fifo : context.socket;
    if (context.fifo >= 0 && context.socket >= 0) {
        close(context.socket);
        context.socket = -1;
    }
    if (flagged < 0) return CloseOneByOne(context, first, reporter);
    const auto kept = static_cast<unsigned>(reporter);
    if (kept < first) return static_cast<int>(-Kernel(SYS_close_range, first, ~0u, 0));
    if (kept > first) Kernel(SYS_close_range, first, kept - 1, 0);
    return static_cast<int>(-Kernel(SYS_close_range, kept + 1, ~0u, 0));
}

char** PointAtStrings(Context& context, const Step& step, uint32_t first, uint32_t arguments,
                      char*** environment) {
    char** next = context.pointers;
    char* text = const_cast<char*>(step.Str(first));
    for (uint32_t index = first; index < step.str_count; index++) {
        if (index == first + arguments) *next++ = nullptr;
        *next++ = text;
        text += step.lengths[index] + 1;
    }
    if (first + arguments == step.str_count) *next++ = nullptr;
    *next = nullptr;
    *environment = context.pointers + arguments + 1;
    return next;
}

int Execute(Context& context, const Step& step) {
    char** environment = nullptr;
    char** end = PointAtStrings(context, step, 0, static_cast<uint32_t>(step.Num(0)), &environment);
    if (step.Num(1) != 0) {
        *end++ = context.home;
        *end = nullptr;
    }
    SetUmask(context);
    execve(context.program, context.pointers, environment);
    return FailToExecute(context, errno, context.program);
}

}  // namespace ocirun

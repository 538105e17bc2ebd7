// Kernel parameters of the container's namespaces.
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "context.h"
#include "kernel.h"

namespace ocirun {

int Sysctl(Context& context, const Step& step) {
    constexpr size_t kMount = sizeof "/proc/" - 1;
    char path[PATH_MAX] = "/proc/sys/";
    if (strlen(path) + strlen(step.Str(0)) >= sizeof path)
        return Fail(context, ENAMETOOLONG, step.Str(0));
    strcat(path, step.Str(0));
    // Nowhere but in the directory of that name: `net/../kernel` is not `net`, nor is anything
    // mounted there.
    if (strstr(path, "/..") != nullptr) return Fail(context, EINVAL, path);
    open_how how = {
        O_WRONLY | O_CLOEXEC, 0,
        RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV};
    const Fd file(
        Kernel(SYS_openat2, context.slots[step.Slot(0)], path + kMount, &how, sizeof how));
    if (file.Failed()) return Fail(context, file.Error(), path);
    const char* value = step.Str(1);
    return write(file.Get(), value, strlen(value)) < 0 ? Fail(context, errno, path) : 0;
}

}  // namespace ocirun

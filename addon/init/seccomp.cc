// The filter of system calls (seccomp(2)). What comes after it is decided by it.
#include <errno.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>

#include "context.h"
#include "credentials.h"
#include "kernel.h"
#include "message.h"

namespace ocirun {

namespace {

// Where the instructions begin.
constexpr uint32_t kFirstInstruction = 2;

static_assert(sizeof(sock_filter) == sizeof(uint64_t));

}  // namespace

int Seccomp(Context& context, const Step& step) {
    const uint64_t flags = step.Num(0);
    if (step.Num(1) != 0) RaiseCapability(CAP_SYS_ADMIN);
    const bool listens = (flags & SECCOMP_FILTER_FLAG_NEW_LISTENER) != 0;
    if (listens) AwaitAnnouncement(context);
    // Before the filter can forbid it.
    SetUmask(context);
    const uint8_t* first = step.nums + kFirstInstruction * sizeof(uint64_t);
    const sock_fprog program = {
        static_cast<unsigned short>(step.num_count - kFirstInstruction),
        const_cast<sock_filter*>(reinterpret_cast<const sock_filter*>(first))};
    const long loaded = Kernel(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
    if (loaded < 0) return static_cast<int>(-loaded);
    context.filtered = true;
    if (!listens) return 0;
    // It is close-on-exec from the start.
    const Fd listener(loaded);
    return HandOverListener(context, step, listener.Get());
}

}  // namespace ocirun

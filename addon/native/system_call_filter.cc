#include "system_call_filter.h"

#include <linux/audit.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace ocirun {

double auditArchitecture() {
#if defined(__x86_64__)
    return AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
    return AUDIT_ARCH_AARCH64;
#elif defined(__riscv)
    return AUDIT_ARCH_RISCV64;
#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)
    return AUDIT_ARCH_PPC64LE;
#elif defined(__loongarch__)
    return AUDIT_ARCH_LOONGARCH64;
#else
// Of big-endian machines, too: the words of a program are not struct sock_filter there.
#error "which system calls does this machine make?"
#endif
}

// Flags are looked at before the program, which is nowhere (seccomp(2), EFAULT).
bool knowsFilterFlags(uint32_t flags) {
    return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, nullptr) == -1 && errno == EFAULT;
}

bool knowsFilterAction(uint32_t action) {
    return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

}  // namespace ocirun

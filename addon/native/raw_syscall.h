// System calls that touch neither errno nor anything else of libc: for a child that shares our
// memory.
#pragma once

#include <cerrno>

#if !defined(__x86_64__)
#include <unistd.h>
#endif

namespace ocirun {

// The result, or the negative error number.
template <class... Arguments>
inline long rawSyscall(long number, Arguments... arguments) {
#if defined(__x86_64__)
    static_assert(sizeof...(arguments) <= 5);
    long values[5] = {(long)arguments...};
    register long fourth asm("r10") = values[3];
    register long fifth asm("r8") = values[4];
    long result;
    asm volatile("syscall"
                 : "=a"(result)
                 : "0"(number), "D"(values[0]), "S"(values[1]), "d"(values[2]), "r"(fourth),
                   "r"(fifth)
                 : "rcx", "r11", "memory");
    return result;
#else
    long result = syscall(number, arguments...);
    return result == -1 ? -errno : result;
#endif
}

}  // namespace ocirun

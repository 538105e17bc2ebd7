// A kernel that only pretends: what a step asks of it is answered by chance, and nothing happens.
#pragma once

#include <stdint.h>

namespace ocirun {

// Whether this machine has what that takes (syscall user dispatch, on x86-64).
bool canPretend();

// Run `action` with every system call of this thread pretended; the answers follow from `seed`.
// Comes back when the action does, when it would end the process or become another program, or when
// it has asked very often.
void pretending(uint64_t seed, void (*action)());

}  // namespace ocirun

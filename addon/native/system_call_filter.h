// What this kernel knows of filters of system calls (seccomp(2)), and whose calls these are.
#pragma once

#include <cstdint>

#include "result.h"

namespace ocirun {

// AUDIT_ARCH_* of the calls that this program makes.
double auditArchitecture();
bool knowsFilterFlags(uint32_t flags);
bool knowsFilterAction(uint32_t action);

}  // namespace ocirun

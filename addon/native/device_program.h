// Programs of type BPF_PROG_TYPE_CGROUP_DEVICE: loaded, and attached to cgroups (bpf(2)).
#pragma once

#include <cstdint>

#include "buffer.h"
#include "result.h"

namespace ocirun {

Result<int> loadDeviceProgram(Bytes program);
Result<void> attachDeviceProgram(int cgroup, int program, uint32_t flags, int replaced);
Result<void> detachDeviceProgram(int cgroup, int program);
Result<Numbers> devicePrograms(int cgroup);
Result<int> openProgram(uint32_t id);

}  // namespace ocirun

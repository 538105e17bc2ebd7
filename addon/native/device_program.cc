#include "device_program.h"

#include <linux/bpf.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace ocirun {

namespace {

// struct bpf_insn
constexpr size_t kInstruction = 8;

// The most programs of one kind that a cgroup has (BPF_CGROUP_MAX_PROGS).
constexpr uint32_t kMostPrograms = 64;

// The verifier gives up with EAGAIN for a signal, which has been dealt with by then.
constexpr int kAttempts = 5;

long bpf(bpf_cmd command, bpf_attr& attributes) {
    long result = -1;
    for (int attempt = 0; attempt < kAttempts; attempt++) {
        result = syscall(SYS_bpf, command, &attributes, sizeof attributes);
        if (result != -1 || errno != EAGAIN) break;
    }
    return result;
}

uint64_t address(const void* pointer) { return reinterpret_cast<uint64_t>(pointer); }

}  // namespace

// The descriptor is O_CLOEXEC by itself. What a program costs is charged to our memory cgroup;
// RLIMIT_MEMLOCK has had nothing to do with it since Linux 5.11.
Result<int> loadDeviceProgram(Bytes program) {
    bpf_attr attributes{};
    attributes.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
    attributes.insns = address(program.data);
    attributes.insn_cnt = static_cast<uint32_t>(program.size / kInstruction);
    attributes.license = address("Apache-2.0");
    memcpy(attributes.prog_name, "ocirun_devices", sizeof "ocirun_devices");
    return numberOr("bpf", bpf(BPF_PROG_LOAD, attributes));
}

Result<void> attachDeviceProgram(int cgroup, int program, uint32_t flags, int replaced) {
    bpf_attr attributes{};
    attributes.target_fd = static_cast<uint32_t>(cgroup);
    attributes.attach_bpf_fd = static_cast<uint32_t>(program);
    attributes.attach_type = BPF_CGROUP_DEVICE;
    attributes.attach_flags = flags;
    attributes.replace_bpf_fd = static_cast<uint32_t>(replaced);
    return doneOr("bpf", bpf(BPF_PROG_ATTACH, attributes));
}

Result<void> detachDeviceProgram(int cgroup, int program) {
    bpf_attr attributes{};
    attributes.target_fd = static_cast<uint32_t>(cgroup);
    attributes.attach_bpf_fd = static_cast<uint32_t>(program);
    attributes.attach_type = BPF_CGROUP_DEVICE;
    return doneOr("bpf", bpf(BPF_PROG_DETACH, attributes));
}

Result<Numbers> devicePrograms(int cgroup) {
    uint32_t ids[kMostPrograms];
    bpf_attr attributes{};
    attributes.query.target_fd = static_cast<uint32_t>(cgroup);
    attributes.query.attach_type = BPF_CGROUP_DEVICE;
    attributes.query.prog_ids = address(ids);
    attributes.query.prog_cnt = kMostPrograms;
    if (bpf(BPF_PROG_QUERY, attributes) == -1) return failed("bpf");
    return Numbers(ids, ids + attributes.query.prog_cnt);
}

Result<int> openProgram(uint32_t id) {
    bpf_attr attributes{};
    attributes.prog_id = id;
    return numberOr("bpf", bpf(BPF_PROG_GET_FD_BY_ID, attributes));
}

}  // namespace ocirun

// How the kernel is to treat the process: memory pressure, scheduling, input and output, memory
// policy.
#include <errno.h>
#include <string.h>
#include <sys/personality.h>

#include "context.h"
#include "kernel.h"
#include "procfs.h"

namespace ocirun {

namespace {

// struct sched_attr of the kernel (linux/sched/types.h), which C libraries define as they please.
struct SchedulerAttributes {
    uint32_t size;
    uint32_t policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime;
    uint64_t deadline;
    uint64_t period;
    // Only looked at with SCHED_FLAG_UTIL_CLAMP_*, which wants this size.
    uint32_t least_utilization;
    uint32_t most_utilization;
};

constexpr int kIoPriorityOfProcess = 1;

int Result(long result) { return result < 0 ? static_cast<int>(-result) : 0; }

}  // namespace

int OomScoreAdj(Context& context, const Step& step) {
    const Fd file(OpenOwn(context, "oom_score_adj"));
    if (file.Failed()) return file.Error();
    const char* value = step.Str(0);
    return write(file.Get(), value, strlen(value)) < 0 ? Fail(context, errno, value) : 0;
}

int Scheduler(Context&, const Step& step) {
    SchedulerAttributes wanted = {};
    wanted.size = sizeof wanted;
    wanted.policy = static_cast<uint32_t>(step.Num(0));
    wanted.flags = step.Num(1);
    wanted.nice = static_cast<int32_t>(step.Num(2));
    wanted.priority = static_cast<uint32_t>(step.Num(3));
    wanted.runtime = step.Num(4);
    wanted.deadline = step.Num(5);
    wanted.period = step.Num(6);
    return Result(Kernel(SYS_sched_setattr, 0, &wanted, 0));
}

int IoPriority(Context&, const Step& step) {
    return Result(Kernel(SYS_ioprio_set, kIoPriorityOfProcess, 0, step.Num(0)));
}

int Personality(Context&, const Step& step) { return personality(step.Num(0)) < 0 ? errno : 0; }

int MemoryPolicy(Context&, const Step& step) {
    // The kernel takes one more than the number of bits (set_mempolicy(2), "BUGS"). Numbers lie in
    // the plan as the kernel's longs do.
    const unsigned long words = step.num_count - 1u;
    const uint8_t* mask = words == 0 ? nullptr : step.nums + sizeof(uint64_t);
    return Result(Kernel(SYS_set_mempolicy, static_cast<int>(step.Num(0)), mask,
                         words == 0 ? 0 : words * 64 + 1));
}

}  // namespace ocirun

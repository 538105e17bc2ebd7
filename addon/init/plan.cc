#include "plan.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

namespace ocirun {

namespace {

uint32_t Word(const uint8_t* at) {
    uint32_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

uint16_t Half(const uint8_t* at) {
    uint16_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

// How many operands an op has at the least: a plan with fewer is refused before anything is done.
struct Operands {
    uint16_t slots;
    uint16_t nums;
    uint32_t strs;
};

constexpr Operands kOperands[kLastOp + 1] = {
    /* none */ {0, 0, 0},
    /* await */ {0, 2, 0},
    /* clone */ {0, 1, 0},
    /* tieToRuntime */ {0, 0, 0},
    /* untieFromRuntime */ {0, 0, 0},
    /* resetAffinity */ {0, 0, 0},
    /* newSession */ {0, 0, 0},
    /* sessionKeyring */ {0, 0, 1},
    /* loopbackUp */ {0, 0, 0},
    /* propagation */ {0, 1, 0},
    /* openProc */ {1, 0, 0},
    /* openRoot */ {1, 0, 1},
    /* mount */ {1, 6, 3},
    /* attach */ {2, 7, 1},
    /* device */ {1, 5, 1},
    /* symlink */ {1, 0, 2},
    /* pivot */ {1, 0, 0},
    /* moveRoot */ {2, 0, 1},
    /* rootReadonly */ {1, 0, 0},
    /* mask */ {1, 0, 1},
    /* readonlyPath */ {1, 0, 1},
    /* hostname */ {0, 0, 1},
    /* domainname */ {0, 0, 1},
    /* umask */ {0, 1, 0},
    /* makeDirectory */ {1, 0, 1},
    /* changeDirectory */ {1, 1, 1},
    /* noNewPrivileges */ {0, 0, 0},
    /* boundingSet */ {0, 2, 0},
    /* user */ {0, 2, 0},
    /* capabilities */ {0, 4, 0},
    /* findHome */ {1, 1, 0},
    /* findProgram */ {0, 0, 2},
    /* awaitStart */ {2, 0, 0},
    /* dumpable */ {0, 1, 0},
    /* closeDescriptors */ {0, 1, 0},
    /* execute */ {0, 2, 1},
    /* limits */ {0, 3, 0},
    /* remount */ {1, 6, 1},
    /* attachDevice */ {2, 3, 1},
    /* join */ {1, 2, 1},
    /* timeOffsets */ {0, 0, 1},
    /* openDirectory */ {1, 0, 1},
    /* chroot */ {1, 0, 0},
    /* oomScoreAdj */ {0, 0, 1},
    /* sysctl */ {1, 0, 2},
    /* scheduler */ {0, 7, 0},
    /* ioPriority */ {0, 1, 0},
    /* personality */ {0, 1, 0},
    /* memoryPolicy */ {0, 1, 0},
    /* runProgram */ {0, 2, 3},
    /* unshare */ {0, 1, 0},
    /* seccomp */ {0, 3, 0},
};

// Every string has its NUL, no other, and all of them fit into the step.
bool StringsFit(const Step& step, uint64_t room) {
    const char* at = step.text;
    for (uint64_t index = 0; index <= step.str_count; index++) {
        const uint64_t length = step.lengths[index];
        if (length >= room || memchr(at, 0, length + 1) != at + length) return false;
        at += length + 1;
        room -= length + 1;
    }
    return true;
}

bool OperandsFit(const Step& step) {
    const auto number = static_cast<uint16_t>(step.op);
    if (number == 0 || number > kLastOp) return false;
    const Operands& least = kOperands[number];
    if (step.slot_count < least.slots || step.num_count < least.nums) return false;
    if (step.str_count < least.strs) return false;
    for (uint16_t index = 0; index < step.slot_count; index++)
        if (step.slots[index] >= kSlotLimit) return false;
    if (step.op == Op::kExecute) return step.Num(0) >= 1 && step.Num(0) <= step.str_count;
    return step.op != Op::kRunProgram || step.Num(0) <= step.str_count - least.strs;
}

bool StepFits(const Plan& plan, uint32_t offset) {
    const uint8_t* at = plan.bytes + offset;
    if (plan.length - offset < kStepHeader) return false;
    const uint64_t size = Word(at);
    const uint64_t numbers = 8ull * Half(at + 8) + 4ull * Half(at + 6) + 4ull * Word(at + 12) + 4;
    if (size % 8 != 0 || size > plan.length - offset || size < kStepHeader + numbers) return false;
    Step step;
    StepAt(plan, offset, &step);
    return StringsFit(step, size - kStepHeader - numbers) && OperandsFit(step);
}

int CheckSteps(Plan* plan) {
    uint32_t offset = kPlanHeader;
    for (uint32_t index = 0; index < plan->steps; index++) {
        if (!StepFits(*plan, offset)) return EBADMSG;
        Step step;
        offset = StepAt(*plan, offset, &step);
        if (step.str_count > plan->most_strings) plan->most_strings = step.str_count;
    }
    return offset == plan->length ? 0 : EBADMSG;
}

}  // namespace

uint64_t Step::Num(uint32_t index) const {
    uint64_t value;
    memcpy(&value, nums + 8ul * index, sizeof value);
    return value;
}

const char* Step::Str(uint32_t index) const {
    const char* at = text;
    for (uint32_t before = 0; before < index; before++) at += lengths[before] + 1;
    return at;
}

uint32_t StepAt(const Plan& plan, uint32_t offset, Step* step) {
    const uint8_t* at = plan.bytes + offset;
    step->op = static_cast<Op>(Half(at + 4));
    step->slot_count = Half(at + 6);
    step->num_count = Half(at + 8);
    step->str_count = Word(at + 12);
    step->nums = at + kStepHeader;
    // Sizes are multiples of 8, so every word is aligned.
    step->slots = reinterpret_cast<const uint32_t*>(step->nums + 8ul * step->num_count);
    step->lengths = step->slots + step->slot_count;
    step->text = reinterpret_cast<const char*>(step->lengths + step->str_count + 1);
    return offset + Word(at);
}

int ReadPlan(int fd, Plan* plan) {
    // Only a file that nobody can cut off or change may be mapped: a page that is gone is a SIGBUS.
    constexpr int kSeals = F_SEAL_SHRINK | F_SEAL_WRITE;
    const int seals = fcntl(fd, F_GET_SEALS);
    if (seals < 0) return errno;
    if ((seals & kSeals) != kSeals) return EBADMSG;
    struct stat status;
    if (fstat(fd, &status) < 0) return errno;
    if (status.st_size == 0 || status.st_size > (64 << 20)) return EBADMSG;
    plan->length = static_cast<uint32_t>(status.st_size);
    void* map = mmap(nullptr, plan->length, PROT_READ, MAP_PRIVATE, fd, 0);
    if (map == MAP_FAILED) return errno;
    plan->bytes = static_cast<const uint8_t*>(map);
    return CheckPlan(plan);
}

int CheckPlan(Plan* plan) {
    if (plan->length < kPlanHeader) return EBADMSG;
    if (Word(plan->bytes) != kPlanMagic || Word(plan->bytes + 4) != kPlanVersion) return EBADMSG;
    plan->stage1_steps = Word(plan->bytes + 8);
    const uint32_t stage2_steps = Word(plan->bytes + 12);
    if (Word(plan->bytes + 16) != plan->length) return EBADMSG;
    if (plan->stage1_steps > 100000 || stage2_steps > 100000) return EBADMSG;
    plan->steps = plan->stage1_steps + stage2_steps;
    return CheckSteps(plan);
}

}  // namespace ocirun

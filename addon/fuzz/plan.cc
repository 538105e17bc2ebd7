// The plan as init reads it: bytes of any kind are either refused, or every step of them can be
// done without leaving their bounds. The steps are init's own; the kernel only pretends.
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "init/arguments.h"
#include "init/sha256.h"
#include "plan_mutator.h"
#include "pretend.h"

// The table of steps is its own; this is how we come by it.
#define main initMain
#include "init/main.cc"
#undef main

namespace {

void require(bool holds, const char* what) {
    if (holds) return;
    fprintf(stderr, "a plan that was accepted: %s\n", what);
    abort();
}

// Every operand, as the steps read them.
void walk(const ocirun::Plan& plan) {
    uint32_t offset = ocirun::kPlanHeader;
    uint64_t sum = 0;
    for (uint32_t index = 0; index < plan.steps; index++) {
        ocirun::Step step;
        offset = ocirun::StepAt(plan, offset, &step);
        for (uint32_t each = 0; each < step.num_count; each++) sum += step.Num(each);
        for (uint32_t each = 0; each < step.slot_count; each++)
            require(step.Slot(each) < ocirun::kSlotLimit, "a slot out of bounds");
        const char* text = step.text;
        // The last one is the pointer into the document.
        for (uint32_t each = 0; each <= step.str_count; each++) {
            require(strlen(text) == step.lengths[each], "a string of another length");
            text += step.lengths[each] + 1;
        }
        if (step.str_count > 0) require(step.Str(step.str_count - 1) < text, "the last string");
        require(step.str_count <= plan.most_strings, "more strings than there is room for");
    }
    require(offset == plan.length, "an end elsewhere");
    volatile uint64_t used = sum;
    (void)used;
}

ocirun::Step current;

// Each step from the same beginning: one that would end the process must not keep the next from
// being tried.
void doSteps(const ocirun::Plan& plan, uint64_t seed) {
    using namespace ocirun;
    std::vector<char*> pointers(plan.most_strings + 3ul);
    uint32_t offset = kPlanHeader;
    for (uint32_t index = 0; index < plan.steps && index < 64; index++) {
        offset = StepAt(plan, offset, &current);
        g_context = {};
        g_context.plan = plan;
        g_context.pointers = pointers.data();
        g_context.fifo = g_context.announced = -1;
        g_context.proc = g_context.empty_tree = g_context.null_device = 499;
        g_context.socket = 498;
        pretending(seed * 31 + index, [] {
            const int error = kSteps[static_cast<uint16_t>(current.op)](g_context, current);
            if (error != 0) ReportFailure(g_context, 1, error);
        });
    }
}

uint64_t seedOf(const uint8_t* data, size_t size) {
    uint64_t hash = 1469598103934665603u;
    for (size_t index = 0; index < size; index++) hash = (hash ^ data[index]) * 1099511628211u;
    return hash;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);
extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t most);
extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t most, unsigned seed);

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    // Of exactly that size, so that reading beyond it is seen.
    const std::vector<uint8_t> bytes(data, data + size);
    ocirun::Plan plan = {};
    plan.bytes = bytes.data();
    plan.length = static_cast<uint32_t>(size);
    if (size == 0 || ocirun::CheckPlan(&plan) != 0) return 0;
    walk(plan);
    uint8_t digest[ocirun::kSha256Length];
    ocirun::Sha256(plan.bytes, plan.length, digest);
    if (ocirun::canPretend()) doSteps(plan, seedOf(data, size));
    return 0;
}

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t most, unsigned seed) {
    const size_t length = ocirun::mutatePlan(data, size, most, seed);
    return length != 0 ? length : LLVMFuzzerMutate(data, size, most);
}

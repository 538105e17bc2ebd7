// The plan as init reads it: src/plan/protocol.ts describes the layout, src/plan/steps.ts the
// operands.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "generated/plan.h"

namespace ocirun {

// One step, in the mapped plan. Every length has been checked when the plan was read.
struct Step {
    Op op;
    uint16_t slot_count;
    uint16_t num_count;
    uint32_t str_count;
    const uint8_t* nums;
    const uint32_t* slots;
    const uint32_t* lengths;
    const char* text;

    uint64_t Num(uint32_t index) const;
    uint32_t Slot(uint32_t index) const { return slots[index]; }
    // The string with that index; it ends with a NUL.
    const char* Str(uint32_t index) const;
};

// A mapped plan whose every step is within bounds.
struct Plan {
    const uint8_t* bytes;
    uint32_t length;
    uint32_t stage1_steps;
    uint32_t steps;
    // The greatest number of strings of a step: what execve(2) needs room for.
    uint32_t most_strings;
};

// Map the plan in `fd` and check all of it. Returns 0 or an errno.
int ReadPlan(int fd, Plan* plan);

// Check the `length` bytes of a plan, and find out what it consists of. Returns 0 or an errno.
int CheckPlan(Plan* plan);

// The step at `offset`, and the offset of the one behind it.
uint32_t StepAt(const Plan& plan, uint32_t offset, Step* step);

}  // namespace ocirun

#include "plan_mutator.h"

#include <string.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "init/plan.h"

namespace ocirun {

namespace {

struct LooseStep {
    uint16_t op;
    std::vector<uint64_t> nums;
    std::vector<uint32_t> slots;
    std::vector<std::string> strs;
    std::string pointer;
};

using Chance = std::minstd_rand;

size_t below(Chance& chance, size_t limit) { return limit == 0 ? 0 : chance() % limit; }

std::vector<LooseStep> stepsOf(const Plan& plan) {
    std::vector<LooseStep> steps;
    uint32_t offset = kPlanHeader;
    for (uint32_t index = 0; index < plan.steps; index++) {
        Step step;
        offset = StepAt(plan, offset, &step);
        LooseStep loose = {static_cast<uint16_t>(step.op), {}, {}, {}, {}};
        for (uint32_t each = 0; each < step.num_count; each++) loose.nums.push_back(step.Num(each));
        loose.slots.assign(step.slots, step.slots + step.slot_count);
        for (uint32_t each = 0; each < step.str_count; each++)
            loose.strs.emplace_back(step.Str(each));
        steps.push_back(loose);
    }
    return steps;
}

template <typename T>
void put(std::string& to, T value) {
    to.append(reinterpret_cast<const char*>(&value), sizeof value);
}

std::string encoded(const LooseStep& step) {
    std::string body;
    for (const uint64_t num : step.nums) put(body, num);
    for (const uint32_t slot : step.slots) put(body, slot);
    for (const std::string& str : step.strs) put(body, static_cast<uint32_t>(str.size()));
    put(body, static_cast<uint32_t>(step.pointer.size()));
    for (const std::string& str : step.strs) body.append(str.c_str(), str.size() + 1);
    body.append(step.pointer.c_str(), step.pointer.size() + 1);
    body.resize((body.size() + 7) / 8 * 8);
    std::string header;
    put(header, static_cast<uint32_t>(kStepHeader + body.size()));
    put(header, step.op);
    put(header, static_cast<uint16_t>(step.slots.size()));
    put(header, static_cast<uint16_t>(step.nums.size()));
    put(header, uint16_t{0});
    put(header, static_cast<uint32_t>(step.strs.size()));
    return header + body;
}

std::string encodedPlan(const std::vector<LooseStep>& steps, size_t first_stage) {
    std::string body;
    for (const LooseStep& step : steps) body += encoded(step);
    std::string header;
    first_stage = std::min(first_stage, steps.size());
    put(header, uint32_t{kPlanMagic});
    put(header, uint32_t{kPlanVersion});
    put(header, static_cast<uint32_t>(first_stage));
    put(header, static_cast<uint32_t>(steps.size() - first_stage));
    put(header, static_cast<uint32_t>(kPlanHeader + body.size()));
    header.resize(kPlanHeader);
    return header + body;
}

uint64_t number(Chance& chance) {
    static const uint64_t kEdges[] = {
        0,          1,          2,          3,       7,       8,         63,   64,
        65,         255,        4096,       65535,   65536,   1023,      1024, UINT32_MAX,
        UINT64_MAX, 1ull << 63, 1ull << 32, 0x20000, 0x40000, 0x10000000};
    return below(chance, 4) == 0 ? chance() : kEdges[below(chance, std::size(kEdges))];
}

std::string text(Chance& chance) {
    static const char* const kTexts[] = {
        "",          "/",  ".",      "..",   "/proc",    "/etc/passwd", "../..",
        "a=b",       "=",  "tmpfs",  "proc", "mode=755", "size=64k",    "net/a",
        "/dev/null", "//", "a/../b", ":",    "1 2 3"};
    const size_t length = below(chance, 8) == 0 ? below(chance, 9000) : 0;
    if (length != 0) return std::string(length, "a/:=\xff"[below(chance, 5)]);
    return kTexts[below(chance, std::size(kTexts))];
}

void changeNums(LooseStep& step, Chance& chance) {
    const size_t at = below(chance, step.nums.size() + 1);
    if (at == step.nums.size() && at < 70) return step.nums.push_back(number(chance));
    if (below(chance, 6) == 0)
        return void(step.nums.erase(step.nums.begin() + static_cast<long>(at)));
    step.nums[at] =
        below(chance, 3) == 0 ? step.nums[at] ^ (1ull << below(chance, 64)) : number(chance);
}

void changeSlots(LooseStep& step, Chance& chance) {
    const size_t at = below(chance, step.slots.size() + 1);
    const auto slot =
        static_cast<uint32_t>(below(chance, 5) == 0 ? number(chance) : below(chance, 20));
    if (at == step.slots.size()) return step.slots.push_back(slot);
    if (below(chance, 6) == 0)
        return void(step.slots.erase(step.slots.begin() + static_cast<long>(at)));
    step.slots[at] = slot;
}

void changeStrs(LooseStep& step, Chance& chance) {
    const size_t at = below(chance, step.strs.size() + 1);
    if (at == step.strs.size()) return step.strs.push_back(text(chance));
    std::string& str = step.strs[at];
    if (below(chance, 6) == 0)
        return void(step.strs.erase(step.strs.begin() + static_cast<long>(at)));
    if (str.empty() || below(chance, 2) == 0) {
        str = below(chance, 2) == 0 ? text(chance) : str + text(chance);
        return;
    }
    str[below(chance, str.size())] = static_cast<char>(1 + below(chance, 255));
}

void change(std::vector<LooseStep>& steps, Chance& chance) {
    if (steps.empty())
        return steps.push_back({static_cast<uint16_t>(1 + below(chance, kLastOp)), {}, {}, {}, {}});
    LooseStep& step = steps[below(chance, steps.size())];
    switch (below(chance, 8)) {
        case 0:
            step.op = static_cast<uint16_t>(below(chance, kLastOp + 2));
            return;
        case 1:
            return void(steps.erase(steps.begin() + (&step - steps.data())));
        case 2:
            return steps.push_back(LooseStep(step));
        case 3:
            return std::swap(step, steps.front());
        case 4:
            return changeSlots(step, chance);
        case 5:
            return changeStrs(step, chance);
        default:
            return changeNums(step, chance);
    }
}

// One of the words that say how much there is, of the plan or of a step, says something else.
void lie(std::string& bytes, const std::vector<LooseStep>& steps, Chance& chance) {
    size_t at = 8 + 4 * below(chance, 3);
    if (!steps.empty() && below(chance, 4) != 0) {
        at = kPlanHeader;
        size_t index = 0;
        const size_t wanted = below(chance, steps.size());
        for (; index < wanted; index++) at += encoded(steps[index]).size();
        const LooseStep& step = steps[index];
        const size_t lengths = kStepHeader + 8 * step.nums.size() + 4 * step.slots.size();
        const size_t places[] = {0,  6,       8,
                                 12, lengths, lengths + 4 * below(chance, step.strs.size() + 1)};
        at += places[below(chance, std::size(places))];
    }
    if (at + 4 > bytes.size()) return;
    uint32_t word;
    memcpy(&word, &bytes[at], sizeof word);
    static const int32_t kShifts[] = {-8, -4, -1, 1, 4, 8, 16, 65536, INT32_MIN};
    word = below(chance, 3) == 0
               ? static_cast<uint32_t>(number(chance))
               : word + static_cast<uint32_t>(kShifts[below(chance, std::size(kShifts))]);
    memcpy(&bytes[at], &word, sizeof word);
}

}  // namespace

size_t mutatePlan(uint8_t* data, size_t size, size_t most, unsigned seed) {
    Chance chance(seed);
    std::vector<uint8_t> copy(data, data + size);
    Plan plan = {};
    plan.bytes = copy.data();
    plan.length = static_cast<uint32_t>(size);
    if (below(chance, 16) == 0 || CheckPlan(&plan) != 0) return 0;
    std::vector<LooseStep> steps = stepsOf(plan);
    for (size_t count = 1 + below(chance, 4); count > 0; count--) change(steps, chance);
    std::string bytes = encodedPlan(steps, plan.stage1_steps);
    if (below(chance, 3) == 0) lie(bytes, steps, chance);
    if (bytes.size() > most) return 0;
    memcpy(data, bytes.data(), bytes.size());
    return bytes.size();
}

}  // namespace ocirun

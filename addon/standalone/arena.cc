#include "arena.h"

#include <sys/mman.h>

#include <cstdint>
#include <cstring>

#include "image.h"
#include "report.h"

namespace ocirun {

namespace {

// The engine puts 8 bytes of its own (its count of references) before what it uses: with ours of 8,
// that is aligned to 16.
constexpr size_t kHeader = 8;
constexpr size_t kAlignment = 16;
constexpr size_t kPage = 4096;
// What the loaded scripts need, and a little room: it is part of the program file.
constexpr size_t kCold = size_t{16} << 16;
constexpr size_t kHot = size_t{4} << 16;
// Less than a huge page: one of those would cost more to clear than most commands take.
constexpr size_t kGrowth = size_t{1} << 20;
// Freed blocks up to this size wait in a list for each size.
constexpr size_t kListed = 8192;

struct Block {
    uint64_t size;  // of the user's part
    Block* next;    // only used while the block is free
};

// Where allocations come from.
struct Area {
    unsigned char* position;
    unsigned char* end;
};

alignas(kPage) OCIRUN_IN_IMAGE unsigned char cold_memory[kCold] = {};
alignas(kPage) OCIRUN_IN_IMAGE unsigned char hot_memory[kHot] = {};
OCIRUN_IN_IMAGE Area hot = {hot_memory, hot_memory + kHot};
OCIRUN_IN_IMAGE Block* free_lists[kListed / kAlignment + 1] = {};

// Used by the seed alone.
Area cold = {cold_memory, cold_memory + kCold};
bool seeding = false;

Block* blockOf(void* pointer) {
    return reinterpret_cast<Block*>(static_cast<unsigned char*>(pointer) - kHeader);
}
unsigned char* userPart(Block* block) { return reinterpret_cast<unsigned char*>(block) + kHeader; }
bool isLast(Block* block) { return userPart(block) + block->size == hot.position; }
size_t rounded(size_t size) {
    return ((size + kHeader + kAlignment - 1) & ~(kAlignment - 1)) - kHeader;
}

bool grow(size_t needed) {
    size_t length = needed > kGrowth ? (needed + kPage - 1) & ~(kPage - 1) : kGrowth;
    void* area = mmap(nullptr, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (area == MAP_FAILED) return false;
    hot.position = static_cast<unsigned char*>(area);
    hot.end = hot.position + length;
    return true;
}

bool hasRoom(const Area& area, size_t size) {
    return static_cast<size_t>(area.end - area.position) >= kHeader + size;
}

// The blocks of the image lie together by whether commands write to them (profile.cc); where one
// area is full, as the cold one is while nothing is known of that, in the other.
Block* takeForImage(size_t size) {
    if (allocations->count == kMostAllocations) giveUp("make kMostAllocations larger");
    const uint32_t number = allocations->count++;
    const bool written = allocations->written[number / 8] >> (number % 8) & 1;
    const bool inHot = hasRoom(written ? hot : cold, size) ? written : !written;
    Area& area = inHot ? hot : cold;
    if (!hasRoom(area, size))
        giveUp("the heap image is full: make kHot or kCold in arena.cc larger");
    auto* block = reinterpret_cast<Block*>(area.position);
    area.position += kHeader + size;
    allocations->places[number] = reinterpret_cast<uintptr_t>(block);
    return block;
}

void* allocate(void*, size_t size) {
    if (size > SIZE_MAX / 2) return nullptr;
    size = rounded(size);
    if (size <= kListed) {
        Block*& list = free_lists[size / kAlignment];
        if (Block* block = list) {
            list = block->next;
            return userPart(block);
        }
    }
    Block* block;
    if (seeding) {
        block = takeForImage(size);
    } else {
        if (!hasRoom(hot, size) && !grow(kHeader + size)) return nullptr;
        block = reinterpret_cast<Block*>(hot.position);
        hot.position += kHeader + size;
    }
    block->size = size;
    return userPart(block);
}

void* allocateZeroed(void* opaque, size_t count, size_t size) {
    size_t total;
    if (__builtin_mul_overflow(count, size, &total)) return nullptr;
    void* pointer = allocate(opaque, total);
    return pointer ? memset(pointer, 0, total) : nullptr;
}

void release(void*, void* pointer) {
    if (!pointer) return;
    Block* block = blockOf(pointer);
    if (isLast(block) && !seeding) {
        hot.position = reinterpret_cast<unsigned char*>(block);
    } else if (block->size <= kListed) {
        Block*& list = free_lists[block->size / kAlignment];
        block->next = list;
        list = block;
    }
}

void* reallocate(void* opaque, void* pointer, size_t size) {
    if (!pointer) return allocate(opaque, size);
    if (size > SIZE_MAX / 2) return nullptr;
    Block* block = blockOf(pointer);
    if (size <= block->size) return pointer;
    size_t wanted = rounded(size);
    if (isLast(block) && !seeding && static_cast<size_t>(hot.end - userPart(block)) >= wanted) {
        hot.position = userPart(block) + wanted;
        block->size = wanted;
        return pointer;
    }
    // What grows once grows again: half as much more keeps the number of copies logarithmic.
    void* moved = allocate(opaque, size + size / 2);
    if (!moved) return nullptr;
    memcpy(moved, pointer, block->size);
    release(opaque, pointer);
    return moved;
}

size_t usableSize(const void* pointer) {
    return pointer ? blockOf(const_cast<void*>(pointer))->size : 0;
}

}  // namespace

const JSMallocFunctions kArenaFunctions = {allocateZeroed, allocate, release, reallocate,
                                           usableSize};

Allocations* allocations = nullptr;

void beginSeed() {
    // Shared with the commands that are profiled.
    void* memory = mmap(nullptr, sizeof(Allocations), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) giveUp("out of memory");
    allocations = static_cast<Allocations*>(memory);
    seeding = true;
}

void endSeed() {
    seeding = false;
    // What comes now comes in one piece, not into the holes between what the scripts have left.
    memset(free_lists, 0, sizeof free_lists);
    const size_t used = hot.position - hot_memory;
    hot.end = hot_memory + ((used + kPage - 1) & ~(kPage - 1));
}

}  // namespace ocirun

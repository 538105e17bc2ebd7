#include "arena.h"

#include <sys/mman.h>

#include <cstdint>
#include <cstring>

#include "image.h"

namespace ocirun {

namespace {

constexpr size_t kHeader = 16;
constexpr size_t kPage = 4096;
// What the loaded scripts need, and a little room: it is part of the program file.
constexpr size_t kFirst = size_t{1} << 20;
// Less than a huge page: one of those would cost more to clear than most commands take.
constexpr size_t kGrowth = size_t{1} << 20;
// Freed blocks of up to 8 kB wait in a list per multiple of 16 bytes; the engine's own blocks are
// all just below 4 kB.
constexpr size_t kListed = 8192;

struct Block {
    size_t size;  // of the user's part, a multiple of 16
    Block* next;  // only used while the block is free; keeps the user's part aligned to 16
};

alignas(kPage) OCIRUN_IN_IMAGE unsigned char first_area[kFirst] = {};
OCIRUN_IN_IMAGE unsigned char* position = first_area;
OCIRUN_IN_IMAGE unsigned char* area_end = first_area + kFirst;
OCIRUN_IN_IMAGE Block* free_lists[kListed / 16 + 1] = {};

Block* blockOf(void* pointer) {
    return reinterpret_cast<Block*>(static_cast<unsigned char*>(pointer) - kHeader);
}
unsigned char* userPart(Block* block) { return reinterpret_cast<unsigned char*>(block) + kHeader; }
bool isLast(Block* block) { return userPart(block) + block->size == position; }
size_t rounded(size_t size) { return (size + 15) & ~size_t{15}; }

bool grow(size_t needed) {
    size_t length = needed > kGrowth ? (needed + kPage - 1) & ~(kPage - 1) : kGrowth;
    void* area = mmap(nullptr, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (area == MAP_FAILED) return false;
    position = static_cast<unsigned char*>(area);
    area_end = position + length;
    return true;
}

void* allocate(void*, size_t size) {
    if (size > SIZE_MAX / 2) return nullptr;
    size = rounded(size);
    if (size <= kListed) {
        if (Block* block = free_lists[size / 16]) {
            free_lists[size / 16] = block->next;
            return userPart(block);
        }
    }
    if (static_cast<size_t>(area_end - position) < kHeader + size && !grow(kHeader + size))
        return nullptr;
    auto* block = reinterpret_cast<Block*>(position);
    block->size = size;
    position += kHeader + size;
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
    if (isLast(block)) {
        position = reinterpret_cast<unsigned char*>(block);
    } else if (block->size <= kListed) {
        block->next = free_lists[block->size / 16];
        free_lists[block->size / 16] = block;
    }
}

void* reallocate(void* opaque, void* pointer, size_t size) {
    if (!pointer) return allocate(opaque, size);
    if (size > SIZE_MAX / 2) return nullptr;
    Block* block = blockOf(pointer);
    if (size <= block->size) return pointer;
    size_t wanted = rounded(size);
    if (isLast(block) && static_cast<size_t>(area_end - userPart(block)) >= wanted) {
        position = userPart(block) + wanted;
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

bool isArenaInImage() { return area_end == first_area + kFirst; }

}  // namespace ocirun

// malloc(3) for the native functions: they ask for some buffer and give it back, a hundred times in
// a process of two milliseconds. musl's own would get a page from the kernel for each and give it
// back at once: 27 mappings in a `run`, with two page faults each. One thread; nothing returns to
// the kernel.
#include <errno.h>
#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace {

constexpr size_t kAlignment = 16;
constexpr size_t kHeader = 16;
constexpr size_t kGrowth = 256 << 10;
// Sizes 16, 32, 64 … in the classes 0, 1, 2 …
constexpr int kClasses = 32;

struct Block {
    size_t size_class;
    Block* next;  // only used while the block is free
};

alignas(kAlignment) unsigned char first_area[64 << 10];
unsigned char* position = first_area;
unsigned char* area_end = first_area + sizeof first_area;
Block* free_lists[kClasses];

constexpr size_t sizeOf(size_t size_class) { return kAlignment << size_class; }

size_t classOf(size_t size) {
    return size <= kAlignment ? 0 : 60 - static_cast<size_t>(__builtin_clzl(size - 1));
}

bool grow(size_t needed) {
    const size_t length = needed > kGrowth ? needed : kGrowth;
    void* area = mmap(nullptr, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (area == MAP_FAILED) return false;
    position = static_cast<unsigned char*>(area);
    area_end = position + length;
    return true;
}

Block* blockOf(void* pointer) {
    return reinterpret_cast<Block*>(static_cast<unsigned char*>(pointer) - kHeader);
}

}  // namespace

extern "C" {

void* malloc(size_t size) {
    const size_t size_class = classOf(size);
    if (size_class >= kClasses) {
        errno = ENOMEM;
        return nullptr;
    }
    Block* block = free_lists[size_class];
    if (block) {
        free_lists[size_class] = block->next;
    } else {
        const size_t needed = kHeader + sizeOf(size_class);
        if (static_cast<size_t>(area_end - position) < needed && !grow(needed)) return nullptr;
        block = reinterpret_cast<Block*>(position);
        position += needed;
    }
    block->size_class = size_class;
    return reinterpret_cast<unsigned char*>(block) + kHeader;
}

void free(void* pointer) {
    if (!pointer) return;
    Block* block = blockOf(pointer);
    block->next = free_lists[block->size_class];
    free_lists[block->size_class] = block;
}

void* calloc(size_t count, size_t size) {
    size_t total;
    if (__builtin_mul_overflow(count, size, &total)) {
        errno = ENOMEM;
        return nullptr;
    }
    void* pointer = malloc(total);
    return pointer ? memset(pointer, 0, total) : nullptr;
}

void* realloc(void* pointer, size_t size) {
    if (!pointer) return malloc(size);
    const size_t had = sizeOf(blockOf(pointer)->size_class);
    if (size <= had) return pointer;
    void* moved = malloc(size);
    if (!moved) return nullptr;
    memcpy(moved, pointer, had);
    free(pointer);
    return moved;
}

// Asked for by nothing here; without them the C library would bring its own allocator.
void* aligned_alloc(size_t alignment, size_t size) {
    return alignment <= kAlignment ? malloc(size) : nullptr;
}
void* memalign(size_t alignment, size_t size) { return aligned_alloc(alignment, size); }
int posix_memalign(void** result, size_t alignment, size_t size) {
    *result = aligned_alloc(alignment, size);
    return *result ? 0 : ENOMEM;
}
size_t malloc_usable_size(void* pointer) {
    return pointer ? sizeOf(blockOf(pointer)->size_class) : 0;
}

}  // extern "C"

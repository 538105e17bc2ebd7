// Takes so many pages of memory, prints CLOCK_MONOTONIC in nanoseconds and ends: what comes after
// that, until its parent knows, no program can see of itself.
//
//   moment PAGES
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

int main(int argc, char** argv) {
    const size_t page = 4096;
    const size_t room = argc > 1 ? page * strtoul(argv[1], NULL, 10) : 0;
    if (room != 0) {
        volatile char* memory =
            mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED) return 1;
        for (size_t at = 0; at < room; at += page) memory[at] = 1;
    }
    struct timespec t;
    char text[32];
    clock_gettime(CLOCK_MONOTONIC, &t);
    const int length = snprintf(text, sizeof text, "%lld\n", t.tv_sec * 1000000000LL + t.tv_nsec);
    _exit(write(1, text, length) == length ? 0 : 1);
}

// Prints when it began, as far as it can tell, and when it ends, as CLOCK_MONOTONIC has it, in
// nanoseconds. What comes before and behind no program can see of itself. It has as much memory as
// the one that it is to be compared with: so many pages of its own, and so many of a file.
//
//   moment PAGES FILE PAGES
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static const size_t page = 4096;

static long long now(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static int take(int file, size_t pages) {
    if (pages == 0) return 1;
    const int flags = file < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_PRIVATE;
    volatile char* memory = mmap(NULL, pages * page, PROT_READ | PROT_WRITE, flags, file, 0);
    if (memory == MAP_FAILED) return 0;
    for (size_t at = 0; at < pages * page; at += page) {
        if (file < 0)
            memory[at] = 1;
        else
            (void)memory[at];
    }
    return 1;
}

int main(int argc, char** argv) {
    const long long begin = now(CLOCK_MONOTONIC) - now(CLOCK_THREAD_CPUTIME_ID);
    if (argc != 4) return 2;
    const int file = open(argv[2], O_RDONLY);
    if (file < 0 || !take(-1, strtoul(argv[1], NULL, 10)) ||
        !take(file, strtoul(argv[3], NULL, 10)))
        return 1;
    char text[64];
    const int length = snprintf(text, sizeof text, "%lld %lld\n", begin, now(CLOCK_MONOTONIC));
    _exit(write(1, text, length) == length ? 0 : 1);
}

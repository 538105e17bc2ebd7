// What a system call costs under a filter: prints nanoseconds, the least of many short rounds.
//
//   seccomp-cost FILTER NUMBER ARGUMENT
//
// FILTER is a file of struct sock_filter records, or - for none. The call has to fail, or to be
// harmless.

#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { SET_MODE_FILTER = 1, CALLS = 2000, ROUNDS = 200 };

static char filter[8 * 4096];
static struct {
    unsigned short length;
    void* filter;
} program = {0, filter};

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return 1e9 * t.tv_sec + t.tv_nsec;
}

static int load(const char* path) {
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t size = file < 0 ? -1 : read(file, filter, sizeof filter);
    if (size <= 0) return -1;
    program.length = (unsigned short)(size / 8);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return -1;
    return (int)syscall(SYS_seccomp, SET_MODE_FILTER, 0, &program);
}

int main(int argc, char** argv) {
    if (argc != 4 || (strcmp(argv[1], "-") != 0 && load(argv[1]) != 0)) return 1;
    const long number = strtol(argv[2], NULL, 0);
    const unsigned long argument = strtoul(argv[3], NULL, 0);
    double least = 1e12;
    for (int round = 0; round < ROUNDS; round++) {
        const double begin = now();
        for (int call = 0; call < CALLS; call++) syscall(number, argument, 0, 0, 0, 0, 0);
        const double took = (now() - begin) / CALLS;
        if (took < least) least = took;
    }
    printf("%.1f\n", least);
    return 0;
}

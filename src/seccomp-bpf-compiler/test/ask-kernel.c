/*
 * Asks the kernel about filters: the arguments are files of struct sock_filter records, and from
 * standard input come lines "FILTER NR ARG0 … ARG5", FILTER counted from 0, the others in hex. For
 * each line a child puts the filter on itself and makes the call; prints what became of it:
 * "errno N", "signal N", "done" (the call was made, whatever it returned but ENOSYS), or
 * "refused N" if the kernel does not take the filter. Calls have to be harmless, or fail for good
 * reason.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* What linux/filter.h and linux/seccomp.h have, which musl does not bring. */
struct instruction {
    uint16_t code;
    uint8_t jt, jf;
    uint32_t k;
};
enum { SET_MODE_FILTER = 1 };

static struct instruction filter[4096];
static struct {
    unsigned short len;
    struct instruction* filter;
} program = {0, filter};

/* The result goes through memory that both share: a filter may forbid every way to tell. */
static void ask(const unsigned long* call, volatile long* result) {
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (syscall(SYS_seccomp, SET_MODE_FILTER, 0, &program) != 0) {
        *result = -10000 - errno;
        syscall(SYS_exit_group, 0);
    }
    long value = syscall((long)call[0], call[1], call[2], call[3], call[4], call[5], call[6]);
    *result = value == -1 ? -errno : 1;
    syscall(SYS_exit_group, 0);
    __builtin_trap(); /* exit_group is refused, too */
}

static int load(const char* path) {
    int file = open(path, O_RDONLY);
    ssize_t size = file < 0 ? -1 : read(file, filter, sizeof filter);
    if (size <= 0) return -1;
    program.len = (unsigned short)((size_t)size / sizeof *filter);
    return close(file);
}

int main(int argc, char** argv) {
    unsigned long call[7];
    int which, loaded = -1;
    long* result = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (result == MAP_FAILED) return 1;
    while (scanf("%d %lx %lx %lx %lx %lx %lx %lx", &which, call, call + 1, call + 2, call + 3,
                 call + 4, call + 5, call + 6) == 8) {
        if (which < 0 || which >= argc - 1) return 1;
        if (which != loaded && load(argv[1 + which]) != 0) return 1;
        loaded = which;
        *result = 0;
        pid_t child = fork();
        if (child == 0) ask(call, result);
        int status = 0;
        if (child < 0 || waitpid(child, &status, 0) != child) return 1;
        if (*result <= -10000)
            printf("refused %ld\n", -10000 - *result);
        else if (*result == 0 && WIFSIGNALED(status))
            printf("signal %d\n", WTERMSIG(status));
        else if (*result < 0)
            printf("errno %ld\n", -*result);
        else
            printf("done\n");
    }
    return 0;
}

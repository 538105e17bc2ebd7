/*
 * Prints libseccomp's program for profiles, for comparison with seccomp-bpf-compiler. Reads lines:
 *
 *   begin ACTION BINARY-TREE       a new filter; action as libseccomp has it in seccomp.h, in hex
 *   arch SCMP-ARCH                 adds an architecture (seccomp_arch_add), e.g. x86_64
 *   native 0                       takes the machine's own architecture out
 *   rule ACTION NAME [INDEX:OP:A:B]…   one rule, op as enum scmp_compare
 *   number ARCH NAME               prints "number N", as libseccomp has it, below 0 if it is none
 * of the architecture end [ROUNDS]                   prints "program CODE:JT:JF:K …" or "error
 * ERRNO WHAT"; with rounds "time NANOSECONDS" before, the least of making the whole filter so often
 */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <seccomp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

struct insn {
    uint16_t code;
    uint8_t jt, jf;
    uint32_t k;
};

static char* lines[65536];
static int count;

/* Adds a rule; 0, or a negative errno. Names that the machine's architecture does not know are
 * passed over, as runc does. */
static int add_rule(scmp_filter_ctx filter, char* text) {
    struct scmp_arg_cmp args[6];
    unsigned int used = 0;
    uint32_t action = (uint32_t)strtoul(strtok(text, " "), NULL, 16);
    const char* name = strtok(NULL, " ");
    int number = seccomp_syscall_resolve_name(name);
    if (number == __NR_SCMP_ERROR) return 0;
    for (char* word; used < 6 && (word = strtok(NULL, " ")) != NULL; used++) {
        unsigned int index, op;
        uint64_t a, b;
        if (sscanf(word, "%u:%u:%" SCNx64 ":%" SCNx64, &index, &op, &a, &b) != 4) return -EINVAL;
        args[used] = (struct scmp_arg_cmp){index, (enum scmp_compare)op, a, b};
    }
    return seccomp_rule_add_array(filter, action, number, used, args);
}

static int apply(scmp_filter_ctx filter, char* line) {
    if (strncmp(line, "rule ", 5) == 0) return add_rule(filter, line + 5);
    if (strncmp(line, "arch ", 5) == 0) {
        int result = seccomp_arch_add(filter, seccomp_arch_resolve_name(line + 5));
        return result == -EEXIST ? 0 : result;
    }
    if (strncmp(line, "native ", 7) == 0) return seccomp_arch_remove(filter, SCMP_ARCH_NATIVE);
    return -EINVAL;
}

/* Makes the filter of all lines since begin into memory; the result of what failed, with its line
 * in *at. */
static int make(int out, int* at) {
    uint32_t action;
    int tree, result = 0;
    if (sscanf(lines[0], "begin %" SCNx32 " %d", &action, &tree) != 2) return -EINVAL;
    scmp_filter_ctx filter = seccomp_init(action);
    if (filter == NULL) return -ENOMEM;
    if (tree) seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    for (*at = 1; result == 0 && *at < count; (*at)++) {
        char copy[4096];
        snprintf(copy, sizeof copy, "%s", lines[*at]);
        result = apply(filter, copy);
    }
    if (result == 0 && (ftruncate(out, 0) < 0 || lseek(out, 0, SEEK_SET) < 0)) result = -errno;
    if (result == 0) result = seccomp_export_bpf(filter, out);
    seccomp_release(filter);
    return result;
}

static void finish(int out, int rounds) {
    int at = 0, result = make(out, &at);
    uint64_t least = UINT64_MAX;
    for (int round = 0; result == 0 && round < rounds; round++) {
        struct timespec from, to;
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
        result = make(out, &at);
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &to);
        uint64_t took = (uint64_t)(to.tv_sec - from.tv_sec) * 1000000000u + (uint64_t)to.tv_nsec -
                        (uint64_t)from.tv_nsec;
        least = took < least ? took : least;
    }
    if (result < 0) {
        printf("error %d %s\n", -result, at > 0 && at <= count ? lines[at - 1] : "begin");
        return;
    }
    if (rounds > 0) printf("time %" PRIu64 "\n", least);
    printf("program");
    struct insn insn;
    for (off_t offset = 0; pread(out, &insn, sizeof insn, offset) == sizeof insn;
         offset += sizeof insn)
        printf(" %x:%x:%x:%x", insn.code, insn.jt, insn.jf, insn.k);
    printf("\n");
}

int main(void) {
    char* line = NULL;
    size_t size = 0;
    int out = memfd_create("program", MFD_CLOEXEC);
    if (out < 0) return 1;
    while (getline(&line, &size, stdin) > 0) {
        line[strcspn(line, "\n")] = 0;
        if (strncmp(line, "end", 3) == 0) {
            finish(out, atoi(line + 3));
            fflush(stdout);
            while (count > 0) free(lines[--count]);
        } else if (strncmp(line, "number ", 7) == 0) {
            const char* arch = strtok(line + 7, " ");
            const char* name = strtok(NULL, " ");
            uint32_t token = seccomp_arch_resolve_name(arch);
            printf("number %d\n", seccomp_syscall_resolve_name_arch(token, name));
        } else if (count < 65536)
            lines[count++] = strdup(line);
    }
    return 0;
}

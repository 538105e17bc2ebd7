/*
 * Says of system calls in a container whether its filter lets them through, without making any.
 *
 *   every-call         reads lines "WAY NUMBER ARGUMENT…" in hex, WAY is 64 or 32 (int 0x80)
 *
 * A child makes the calls under one more filter, which asks its tracer about every call that is
 * allowed so far: the tracer takes the call away. One line each: "allowed", "errno N", "trap", or
 * "signal N" if it ended the process.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

/* Of linux/filter.h, linux/seccomp.h and linux/ptrace.h, which musl does not bring. */
struct instruction {
    uint16_t code;
    uint8_t jt, jf;
    uint32_t k;
};
enum { SET_MODE_FILTER = 1, RETURN = 6, EVENT_SECCOMP = 7, TRACE_SECCOMP = 1 << 7 };
enum { KILL_WITH_TRACER = 1 << 20 };
static const uint32_t ask_tracer = 0x7ff00000;

enum { MOST = 16384 };
/* No call returns this, and the tracer says it of one that is allowed. */
static const long allowed = 0x5ecc0;
static const long none = 0x5ecc1, trapped = 0x5ecc2, died = 0x5ed00;

struct call {
    int way;
    uint64_t number, arguments[6];
};
static struct call calls[MOST];
static int count;

static struct shared {
    volatile int at;
    volatile long results[MOST];
} * shared;

static long make(const struct call* call) {
    const uint64_t* a = call->arguments;
#ifdef __x86_64__
    if (call->way == 32) {
        int result;
        __asm__ volatile("int $0x80"
                         : "=a"(result)
                         : "a"((int)call->number), "b"((int)a[0]), "c"((int)a[1]), "d"((int)a[2]),
                           "S"((int)a[3]), "D"((int)a[4])
                         : "memory", "r8", "r9", "r10", "r11");
        return result;
    }
#endif
    const long result = syscall((long)call->number, a[0], a[1], a[2], a[3], a[4], a[5]);
    return result == -1 ? -errno : result;
}

static void child(void) {
    struct instruction trace = {RETURN, 0, 0, ask_tracer};
    struct {
        unsigned short length;
        struct instruction* filter;
    } program = {1, &trace};
    struct rlimit no_core = {0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
    if (ptrace(PTRACE_TRACEME, 0, 0, 0) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        _exit(1);
    raise(SIGSTOP);
    if (syscall(SYS_seccomp, SET_MODE_FILTER, 0, &program) != 0) _exit(2);
    while (shared->at < count) {
        const int at = shared->at;
        shared->results[at] = make(&calls[at]);
        shared->at = at + 1;
    }
    __builtin_trap(); /* exit_group would be taken away, too */
}

/* The call does not take place, and seems to return `result`. */
static void take_away(pid_t pid, long result) {
#ifdef __x86_64__
    ptrace(PTRACE_POKEUSER, pid, offsetof(struct user, regs.orig_rax), -1L);
    ptrace(PTRACE_POKEUSER, pid, offsetof(struct user, regs.rax), result);
#else
    (void)pid, (void)result;
#endif
}

/* Follows a child until it has made all calls (0), or one of them was its end (1). */
static int follow(pid_t pid) {
    int status;
    if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status)) return -1;
    if (ptrace(PTRACE_SETOPTIONS, pid, 0, TRACE_SECCOMP | KILL_WITH_TRACER) != 0) return -1;
    for (;;) {
        if (ptrace(PTRACE_CONT, pid, 0, 0) != 0 || waitpid(pid, &status, 0) != pid) return -1;
        if (WIFEXITED(status)) return -1;
        if (WIFSIGNALED(status)) {
            shared->results[shared->at] = died + WTERMSIG(status);
            shared->at = shared->at + 1;
            return 1;
        }
        if (status >> 8 == (SIGTRAP | EVENT_SECCOMP << 8)) take_away(pid, allowed);
        if (WSTOPSIG(status) == SIGSYS) take_away(pid, trapped);
        if (WSTOPSIG(status) != SIGILL) continue;
        if (shared->at == count) break;
        take_away(pid, died + SIGILL);
    }
    kill(pid, SIGKILL);
    return waitpid(pid, &status, 0) == pid ? 0 : -1;
}

static void print(long result) {
    if (result == allowed)
        puts("allowed");
    else if (result == trapped)
        puts("trap");
    else if (result >= died)
        printf("signal %ld\n", result - died);
    else if (result < 0)
        printf("errno %ld\n", -result);
    else
        printf("returned %ld\n", result);
}

int main(void) {
    struct call* call = calls;
    while (count < MOST &&
           scanf("%d %lx %lx %lx %lx %lx %lx %lx", &call->way, &call->number, call->arguments,
                 call->arguments + 1, call->arguments + 2, call->arguments + 3, call->arguments + 4,
                 call->arguments + 5) == 8)
        call = &calls[++count];
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED || count == 0) return 1;
    for (int at = 0; at < count; at++) shared->results[at] = none;
    int goes_on = 1;
    while (goes_on == 1 && shared->at < count) {
        const pid_t pid = fork();
        if (pid == 0) child();
        goes_on = pid < 0 ? -1 : follow(pid);
    }
    if (goes_on < 0) return 1;
    for (int at = 0; at < count; at++) print(shared->results[at]);
    return 0;
}

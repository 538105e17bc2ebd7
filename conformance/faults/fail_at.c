/*
 * Have one system call of a process fail that a runtime starts, or of one that is there already:
 * `strace -f -e inject=CALL:error=ERRNO:when=N`, for one process alone, and with a list of all that
 * it calls.
 *
 *   fail-at child FAULT COMMAND…        the first process that the command starts
 *   fail-at grandchild FAULT COMMAND…   the first process that that one starts
 *   fail-at PID FAULT COMMAND…          a process that is there already
 *
 * A FAULT is CALL:COUNT:ERRNO, all numbers: the COUNT-th such call from 1 on is not made and fails
 * with ERRNO; 0:0:0 is none. Ends when the command ends and writes one line of JSON on descriptor
 * 3: whether a call failed, the status of the command, and the numbers of all calls of that process
 * in their order. A command that is not over after ten seconds is reported as hanging.
 *
 * In the style of conformance/crash/kill_at.c; for x86-64, as the tests that use it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <unistd.h>

#include "../lib/tracer.h"

#define LONGEST 4096
static pid_t command, child, target;
static int failing, failed;
static const char* whom;
static long wanted_call, wanted_count, wanted_errno, seen;
static int calls[LONGEST], count_calls;

static void report(const char* end, int status) {
    dprintf(3, "{\"end\":\"%s\",\"failed\":%s,\"status\":%d,\"calls\":[", end,
            failed ? "true" : "false", status);
    for (int i = 0; i < count_calls; i++) dprintf(3, "%s%d", i ? "," : "", calls[i]);
    dprintf(3, "]}\n");
    _exit(0);
}

static void late(int signal_number) {
    (void)signal_number;
    kill(command, SIGKILL);
    if (target > 0) kill(target, SIGKILL);
    report("hang", -1);
}

static void set(pid_t pid, size_t offset, long value) {
    if (ptrace(PTRACE_POKEUSER, pid, (void*)offset, (void*)value)) _exit(8);
}

static void enters(pid_t pid, long number) {
    if (count_calls < LONGEST) calls[count_calls++] = (int)number;
    if (number != wanted_call || ++seen != wanted_count) return;
    /* There is no call -1: the kernel makes none. But close(2) takes the descriptor away, whatever
     * it says. */
    if (number != SYS_close) set(pid, offsetof(struct user_regs_struct, orig_rax), -1);
    failing = failed = 1;
}

static void leaves(pid_t pid) {
    if (!failing) return;
    set(pid, offsetof(struct user_regs_struct, rax), -wanted_errno);
    failing = 0;
}

/* struct ptrace_syscall_info begins with the op: 1 is an entry, 2 an exit; the number of the call
 * follows behind 24 bytes. */
static void at_system_call(pid_t pid) {
    unsigned long long info[16] = {0};
    if (pid != target) return;
    ptrace(SYSCALL_INFO, pid, (void*)sizeof info, info);
    if ((info[0] & 0xff) == 1) enters(pid, (long)info[3]);
    if ((info[0] & 0xff) == 2) leaves(pid);
}

static void started(pid_t parent, pid_t pid) {
    if (parent == command && child == 0) {
        child = pid;
        if (!strcmp(whom, "child")) target = pid;
    } else if (parent == child && target == 0 && !strcmp(whom, "grandchild")) {
        target = pid;
    }
}

int main(int argc, char** argv) {
    if (argc < 4 || sscanf(argv[2], "%ld:%ld:%ld", &wanted_call, &wanted_count, &wanted_errno) != 3)
        return 2;
    whom = argv[1];
    target = atoi(whom);
    if (target && seize(target)) return 6;
    signal(SIGALRM, late);
    command = launch(argv + 3, target == 0);
    alarm(10);
    return follow(command);
}

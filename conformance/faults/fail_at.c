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
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define LONGEST 4096
#define SEIZE 0x4206
#define INTERRUPT 0x4207
#define SYSCALL_INFO 0x420e
/* TRACESYSGOOD, TRACEFORK, TRACEVFORK, TRACECLONE, TRACEEXEC: one bit for each event of ptrace(2).
 */
#define OPTIONS (1 | 2 | 4 | 8 | 16)

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

static void stopped(pid_t pid, int status) {
    int event = status >> 16, number = WSTOPSIG(status), deliver = 0;
    unsigned long message = 0;
    if (event == 1 || event == 2 || event == 3) {
        ptrace(PTRACE_GETEVENTMSG, pid, NULL, &message);
        started(pid, (pid_t)message);
    } else if (number == (SIGTRAP | 0x80)) {
        at_system_call(pid);
    } else if (event == 0) {
        deliver = number;
    }
    ptrace(PTRACE_SYSCALL, pid, NULL, (void*)(long)deliver);
}

static pid_t launch(char** words, int traced) {
    int gate[2];
    char go = 0;
    if (pipe2(gate, O_CLOEXEC)) exit(3);
    pid_t pid = fork();
    if (pid == 0) {
        close(3);
        if (read(gate[0], &go, 1) == 1) execvp(words[0], words);
        _exit(127);
    }
    if (traced && ptrace(SEIZE, pid, NULL, (void*)OPTIONS)) exit(4);
    if (write(gate[1], &go, 1) != 1) exit(5);
    close(gate[0]);
    close(gate[1]);
    return pid;
}

int main(int argc, char** argv) {
    if (argc < 4 || sscanf(argv[2], "%ld:%ld:%ld", &wanted_call, &wanted_count, &wanted_errno) != 3)
        return 2;
    whom = argv[1];
    target = atoi(whom);
    if (target &&
        (ptrace(SEIZE, target, NULL, (void*)OPTIONS) || ptrace(INTERRUPT, target, NULL, NULL)))
        return 6;
    signal(SIGALRM, late);
    command = launch(argv + 3, target == 0);
    alarm(10);
    for (int status;;) {
        pid_t pid = waitpid(-1, &status, __WALL);
        if (pid < 0 && errno != EINTR) return 7;
        if (pid > 0 && WIFSTOPPED(status)) stopped(pid, status);
        if (pid != command || WIFSTOPPED(status)) continue;
        report("ended", WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    }
}

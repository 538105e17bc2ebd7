/*
 * Kill a runtime, or its init, at the N-th system call: `strace -f -e
 * inject=all:signal=KILL:when=N` for one of the processes alone (strace counts per tracee, and hits
 * every tracee that gets as far).
 *
 *   kill-at runtime N COMMAND…   the command's own process
 *   kill-at init N COMMAND…      the processes that it starts, counted together
 *   kill-at PID N COMMAND…       a process that is there already, while the command runs
 *
 * Ends when the command ends and writes one line of JSON on descriptor 3: whether it killed, at
 * which system call, how many calls it counted, the status of the command, and the processes that
 * the command started. A command that is not over after ten seconds, or twice as many milliseconds
 * as OCIRUN_TEST_PATIENCE says, is reported as hanging.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../lib/tracer.h"

#define LONGEST 256
static pid_t command, others[LONGEST], target;
static int count_others, whom_init;
static long wanted, counted, killed_at = -1;

static void report(const char* end, int status) {
    dprintf(
        3, "{\"end\":\"%s\",\"killed\":%s,\"call\":%ld,\"counted\":%ld,\"status\":%d,\"started\":[",
        end, killed_at < 0 ? "false" : "true", killed_at, counted, status);
    for (int i = 0; i < count_others; i++) dprintf(3, "%s%d", i ? "," : "", others[i]);
    dprintf(3, "]}\n");
    _exit(0);
}

static void late(int signal_number) {
    (void)signal_number;
    report("hang", -1);
}

static int is_target(pid_t pid) { return whom_init ? pid != command : pid == target; }

/* struct ptrace_syscall_info begins with the op: 1 is an entry; the number follows behind 24 bytes.
 */
static void at_system_call(pid_t pid) {
    unsigned long long info[16] = {0};
    ptrace(SYSCALL_INFO, pid, (void*)sizeof info, info);
    if ((info[0] & 0xff) != 1 || !is_target(pid) || killed_at >= 0) return;
    counted++;
    if (counted != wanted) return;
    killed_at = (long)info[3];
    kill(pid, SIGKILL);
}

static void started(pid_t parent, pid_t child) {
    (void)parent;
    if (count_others < LONGEST) others[count_others++] = child;
}

int main(int argc, char** argv) {
    if (argc < 4) return 2;
    int present = atoi(argv[1]);
    whom_init = !strcmp(argv[1], "init");
    wanted = atol(argv[2]);
    signal(SIGALRM, late);
    if (present && seize(present)) return 6;
    command = launch(argv + 3, !present);
    target = present ? present : command;
    const char* patience = getenv("OCIRUN_TEST_PATIENCE");
    alarm(patience ? atoi(patience) / 500 : 10);
    return follow(command);
}

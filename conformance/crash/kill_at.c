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
 * the command started. A command that is not over after ten seconds is reported as hanging.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#define LONGEST 256
#define SEIZE 0x4206
#define INTERRUPT 0x4207
#define SYSCALL_INFO 0x420e
#define EVENT_STOP 128
/* TRACESYSGOOD, TRACEFORK, TRACEVFORK, TRACECLONE, TRACEEXEC: one bit for each event of ptrace(2).
 */
#define OPTIONS (1 | 2 | 4 | 8 | 16)

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

static void stopped(pid_t pid, int status) {
    int event = status >> 16, number = WSTOPSIG(status), deliver = 0;
    unsigned long message = 0;
    if (event == 1 || event == 2 || event == 3) {
        ptrace(PTRACE_GETEVENTMSG, pid, NULL, &message);
        if (count_others < LONGEST) others[count_others++] = (pid_t)message;
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
    if (argc < 4) return 2;
    int present = atoi(argv[1]);
    whom_init = !strcmp(argv[1], "init");
    wanted = atol(argv[2]);
    signal(SIGALRM, late);
    if (present &&
        (ptrace(SEIZE, present, NULL, (void*)OPTIONS) || ptrace(INTERRUPT, present, NULL, NULL)))
        return 6;
    command = launch(argv + 3, !present);
    target = present ? present : command;
    alarm(10);
    for (int status;;) {
        pid_t pid = waitpid(-1, &status, __WALL);
        if (pid < 0 && errno != EINTR) return 7;
        if (pid > 0 && WIFSTOPPED(status)) stopped(pid, status);
        if (pid != command || WIFSTOPPED(status)) continue;
        report("ended", WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    }
}

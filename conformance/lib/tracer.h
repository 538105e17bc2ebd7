/*
 * What the programs that follow system calls with ptrace(2) have in common. Who includes this says
 * what is done at a call, with a process that a traced one has started, and with what came of it.
 */
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#define SEIZE 0x4206
#define INTERRUPT 0x4207
#define SYSCALL_INFO 0x420e
/* TRACESYSGOOD, TRACEFORK, TRACEVFORK, TRACECLONE, TRACEEXEC: one bit for each event of ptrace(2).
 */
#define OPTIONS (1 | 2 | 4 | 8 | 16)

static void started(pid_t parent, pid_t child);
static void at_system_call(pid_t pid);
/* Does not come back. */
static void report(const char* end, int status);

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

/* Follow a process that is there already. */
static int seize(pid_t pid) {
    return ptrace(SEIZE, pid, NULL, (void*)OPTIONS) || ptrace(INTERRUPT, pid, NULL, NULL);
}

/* Start a command, without our descriptor 3; followed from its first call on if `traced`. */
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

/* Until the command ends, which is reported. */
static int follow(pid_t command) {
    for (int status;;) {
        pid_t pid = waitpid(-1, &status, __WALL);
        if (pid < 0 && errno != EINTR) return 7;
        if (pid > 0 && WIFSTOPPED(status)) stopped(pid, status);
        if (pid != command || WIFSTOPPED(status)) continue;
        report("ended", WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    }
}

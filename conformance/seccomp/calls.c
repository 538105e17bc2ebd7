/*
 * Makes system calls in a container, and says what became of each.
 *
 *   calls CALL…        one JSON list of strings
 *
 * A CALL is WAY:NUMBER[:ARGUMENT…]: `64` is the way of 64-bit programs, `32` the one of int 0x80,
 * `thread` the first in a thread. Each is made in a process of its own. "ok" or "E38" is the answer
 * of the call, "trap 39" the number that came with SIGSYS, "died 31" the signal that ended the
 * process, "thread died" an end of the thread alone.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct call {
    char way[8];
    long number;
    uint64_t arguments[6];
};

static char* answer;
static struct call call;

static void say(const char* words, long number) { snprintf(answer, 64, words, number); }

static void parse(const char* text) {
    memset(&call, 0, sizeof call);
    const char* end = strchr(text, ':');
    snprintf(call.way, sizeof call.way, "%.*s", (int)(end - text), text);
    char* at;
    call.number = strtol(end + 1, &at, 0);
    for (int index = 0; index < 6 && *at == ':'; index++)
        call.arguments[index] = strtoull(at + 1, &at, 0);
}

/* The answer of the kernel: a negative errno. */
static long make(void) {
    const uint64_t* a = call.arguments;
#ifdef __x86_64__
    if (!strcmp(call.way, "32")) {
        int result;
        __asm__ volatile("int $0x80"
                         : "=a"(result)
                         : "a"((int)call.number), "b"((int)a[0]), "c"((int)a[1]), "d"((int)a[2]),
                           "S"((int)a[3]), "D"((int)a[4])
                         : "memory", "r8", "r9", "r10", "r11");
        return result;
    }
#endif
    const long result = syscall(call.number, a[0], a[1], a[2], a[3], a[4], a[5]);
    return result < 0 ? -errno : result;
}

static void answered(long result) {
    if (result < 0 && result >= -4095)
        say("E%ld", -result);
    else
        say("ok", 0);
}

static void trapped(int signal, siginfo_t* info, void* context) {
    (void)signal, (void)context;
    say("trap %ld", info->si_syscall);
    _exit(0);
}

static void* in_thread(void* unused) {
    (void)unused;
    answered(make());
    _exit(0);
}

static int threads(void) {
    int count = 0;
    DIR* tasks = opendir("/proc/self/task");
    for (struct dirent* entry; tasks && (entry = readdir(tasks));) count += entry->d_name[0] != '.';
    if (tasks) closedir(tasks);
    return count;
}

static void child(void) {
    struct sigaction action = {.sa_sigaction = trapped, .sa_flags = SA_SIGINFO};
    sigaction(SIGSYS, &action, NULL);
    if (strcmp(call.way, "thread")) {
        answered(make());
        _exit(0);
    }
    pthread_t thread;
    if (pthread_create(&thread, NULL, in_thread, NULL)) _exit(1);
    while (threads() > 1) nanosleep(&(struct timespec){0, 1000000}, NULL);
    say("thread died", 0);
    _exit(0);
}

int main(int argc, char** argv) {
    answer = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    for (int index = 1; index < argc; index++) {
        int status = 0;
        say("nothing", 0);
        parse(argv[index]);
        const pid_t pid = fork();
        if (pid == 0) child();
        if (pid < 0 || waitpid(pid, &status, 0) < 0) return 1;
        if (WIFSIGNALED(status)) say("died %ld", WTERMSIG(status));
        printf("%s\"%s\"", index == 1 ? "[" : ",", answer);
    }
    puts("]");
    return 0;
}

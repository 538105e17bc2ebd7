/* Uses up, inside a container, what a cgroup limits; says on standard output how far it got. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static int say(const char* what) {
    puts(what);
    return fflush(stdout) ? 1 : 0;
}

/* So that the cgroup can be looked at: systemd removes one that is empty. */
static _Noreturn void stay(void) {
    fflush(stdout);
    for (;;) pause();
}

static const char* error(void) {
    static char other[16];
    if (errno == EAGAIN) return "EAGAIN";
    if (errno == EPERM) return "EPERM";
    snprintf(other, sizeof other, "E%d", errno);
    return other;
}

/* Touches so many MiB, no two pages of which are the same. */
static _Noreturn void swallow(size_t mib) {
    char* all = mmap(NULL, mib << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (all == MAP_FAILED) _exit(1);
    for (size_t at = 0; at < mib << 20; at += 4096) memcpy(all + at, &at, sizeof at);
    say("ready");
    stay();
}

/* The kernel kills the child: it is the larger one. */
static _Noreturn void eat(size_t mib) {
    int status = 0;
    if (fork() == 0) swallow(mib);
    wait(&status);
    printf("ended by signal %d\n", WTERMSIG(status));
    stay();
}

static _Noreturn void spin(long long wanted) {
    for (long long begin = milliseconds(); milliseconds() - begin < wanted;)
        ;
    say("done");
    stay();
}

/* Children that do nothing, until there can be no more of them. */
static _Noreturn void crowd(int limit) {
    int made = 0;
    for (; made < limit; made++) {
        pid_t child = fork();
        if (child == 0)
            for (;;) pause();
        if (child < 0) break;
    }
    printf("%d %s\n", made, made < limit ? error() : "");
    stay();
}

/* Every process of it makes others for ever. */
static _Noreturn void bomb(void) {
    say("ready");
    for (;;) fork();
}

/* Past the page cache, which is not what a limit of a disk is about. */
static int fill(const char* path, int mib) {
    void* block = NULL;
    int fd = open(path, O_WRONLY | O_DIRECT | O_CLOEXEC);
    if (fd < 0) return say(error()), 1;
    if (posix_memalign(&block, 4096, 1 << 18)) return 1;
    memset(block, 1, 1 << 18);
    long long begin = milliseconds();
    for (int i = 0; i < mib * 4; i++)
        if (write(fd, block, 1 << 18) != 1 << 18) return say(error()), 1;
    printf("%lld\n", milliseconds() - begin);
    return fflush(stdout) ? 1 : 0;
}

static int look_at(const char* path) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    return say(fd < 0 ? error() : "opened");
}

int main(int argc, char** argv) {
    const char* verb = argc > 1 ? argv[1] : "";
    if (!strcmp(verb, "eat") && argc == 3) eat((size_t)atoi(argv[2]));
    if (!strcmp(verb, "spin") && argc == 3) spin(atoi(argv[2]));
    if (!strcmp(verb, "crowd") && argc == 3) crowd(atoi(argv[2]));
    if (!strcmp(verb, "bomb")) bomb();
    if (!strcmp(verb, "fill") && argc == 4) return fill(argv[2], atoi(argv[3]));
    if (!strcmp(verb, "open") && argc == 3) return look_at(argv[2]);
    fprintf(stderr, "work: unknown command: %s\n", verb);
    return 2;
}

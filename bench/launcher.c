// Runs one program and prints "<nanoseconds> <peak resident kB> <wait status> <page faults>".
//
//   launcher OUTPUT PROGRAM [ARGUMENT]...
//
// OUTPUT receives the program's stdout and stderr; stdin is /dev/null. A static program of a few
// dozen kilobytes does this because a process inherits the peak memory of the image that it was
// before execve (ru_maxrss is taken over from the old mm): measured from node, everything below 50
// MB would look alike.

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char** environ;

static long long now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

int main(int argc, char** argv) {
    if (argc < 3) return 2;
    int input = open("/dev/null", O_RDONLY | O_CLOEXEC);
    int output = open(argv[1], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (input < 0 || output < 0) {
        perror(argv[1]);
        return 2;
    }
    const long long begin = now();
    pid_t pid = vfork();
    if (pid == 0) {
        dup2(input, 0);
        dup2(output, 1);
        dup2(output, 2);
        execve(argv[2], argv + 2, environ);
        _exit(127);
    }
    struct rusage usage;
    int status = 0;
    pid_t done = -1;
    if (pid > 0) {
        do done = wait4(pid, &status, 0, &usage);
        while (done < 0 && errno == EINTR);
    }
    const long long end = now();
    if (done < 0) {
        perror(argv[2]);
        return 2;
    }
    printf("%lld %ld %d %ld\n", end - begin, usage.ru_maxrss, status, usage.ru_minflt);
    return 0;
}

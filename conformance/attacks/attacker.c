/*
 * The attacker: what the tests of conformance/attacks run beside a container and inside of one.
 *
 *   watch FILE DIRECTORY… -- COMMAND…
 *     runs the command; what was opened, read, written, made or removed below the directories in
 *     the meantime is in FILE afterwards, an event a line
 *
 *   swap DIRECTORY SEED A B [A B]…
 *     exchanges A and B of one pair or another, in DIRECTORY, until it is killed; writes "ready"
 *
 *   search TEXT
 *     looks for TEXT in every file it can reach: status 42 and the path if it is there, else the
 *     table of mounts
 *
 *   overwrite PATH…
 *     tries to open and write every path, and says how that went
 *
 *   trace FILE
 *     tries to look into every other process, again and again, and adds to FILE what it got
 *
 *   look FILE
 *     the same, once, with its parent
 *
 *   escape PATH
 *     tries to reach PATH from the top of the working directory and of every descriptor
 *
 * It is plain C against any libc, because a container need not have one.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST_WATCHES 4096
#define PTRACE_SEIZE_NUMBER 0x4206
#define PTRACE_INTERRUPT_NUMBER 0x4207
#define EXCHANGE 2

static char* watched[MOST_WATCHES];

static int dots(const char* name) { return !strcmp(name, ".") || !strcmp(name, ".."); }

static void watch_tree(int queue, const char* path) {
    const uint32_t events = IN_OPEN | IN_ACCESS | IN_MODIFY | IN_ATTRIB | IN_CREATE | IN_DELETE |
                            IN_MOVED_FROM | IN_MOVED_TO;
    DIR* directory = opendir(path);
    if (!directory) return;
    for (struct dirent* e; (e = readdir(directory));) {
        char below[PATH_MAX];
        snprintf(below, sizeof below, "%s/%s", path, e->d_name);
        if (!dots(e->d_name) && e->d_type == DT_DIR) watch_tree(queue, below);
    }
    closedir(directory);
    int number = inotify_add_watch(queue, path, events | IN_ONLYDIR | IN_DONT_FOLLOW);
    if (number >= 0 && number < MOST_WATCHES) watched[number] = strdup(path);
}

static const char* event_name(uint32_t mask) {
    return mask & IN_OPEN     ? "opened"
           : mask & IN_ACCESS ? "read"
           : mask & IN_MODIFY ? "written"
           : mask & IN_ATTRIB ? "changed"
           : mask & IN_CREATE ? "made"
           : mask & IN_DELETE ? "removed"
                              : "moved";
}

static void write_events(int queue, const char* file) {
    static char buffer[1 << 20] __attribute__((aligned(8)));
    FILE* out = fopen(file, "we");
    for (ssize_t n; out && (n = read(queue, buffer, sizeof buffer)) > 0;)
        for (char* at = buffer; at < buffer + n;) {
            struct inotify_event* event = (struct inotify_event*)at;
            const char* where = event->wd >= 0 && event->wd < MOST_WATCHES ? watched[event->wd] : 0;
            fprintf(out, "%s %s/%s\n", event_name(event->mask), where ? where : "?",
                    event->len ? event->name : "");
            at += sizeof *event + event->len;
        }
    if (out) fclose(out);
}

static int watch(int argc, char** argv) {
    int queue = inotify_init1(IN_NONBLOCK | IN_CLOEXEC), i = 3, status = 0;
    for (; i < argc && strcmp(argv[i], "--"); i++) watch_tree(queue, argv[i]);
    /* The events of watching itself. */
    write_events(queue, "/dev/null");
    pid_t child = fork();
    if (child == 0) {
        execvp(argv[i + 1], argv + i + 1);
        _exit(127);
    }
    waitpid(child, &status, 0);
    write_events(queue, argv[2]);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

struct place {
    int parent;
    const char* name;
};

/* Its directory as it is now: later a link may have taken the place. */
static struct place place_of(int directory, char* path) {
    char* slash = strrchr(path, '/');
    if (!slash) return (struct place){directory, path};
    *slash = 0;
    return (struct place){openat(directory, path, O_PATH | O_DIRECTORY | O_CLOEXEC), slash + 1};
}

static int swap(int argc, char** argv) {
    static struct place places[64];
    int directory = open(argv[2], O_PATH | O_DIRECTORY | O_CLOEXEC);
    unsigned seed = (unsigned)atoi(argv[3]), count = (unsigned)(argc - 4);
    if (directory < 0 || count > 64 || count % 2) return 2;
    for (unsigned i = 0; i < count; i++) places[i] = place_of(directory, argv[4 + i]);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    puts("ready");
    fflush(stdout);
    for (;;) {
        struct place* p = places + (unsigned)rand_r(&seed) % (count / 2) * 2;
        syscall(SYS_renameat2, p[0].parent, p[0].name, p[1].parent, p[1].name, EXCHANGE);
    }
}

/* Filesystems of the kernel have no files of the host, and some that must not be read. */
static int of_kernel(int fd) {
    struct statfs s;
    return fstatfs(fd, &s) < 0 || s.f_type == 0x9fa0 || s.f_type == 0x62656572 ||
           s.f_type == 0x63677270 || s.f_type == 0x27e0eb || s.f_type == 0x1cd1;
}

static int holds(int directory, const char* name, const char* text) {
    char buffer[4097];
    int fd = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, buffer, sizeof buffer - 1);
    if (fd >= 0) close(fd);
    return n > 0 && memmem(buffer, (size_t)n, text, strlen(text)) != NULL;
}

static void search(int directory, const char* path, const char* text) {
    DIR* d = of_kernel(directory) ? NULL : fdopendir(directory);
    if (!d) {
        close(directory);
        return;
    }
    for (struct dirent* e; (e = readdir(d));) {
        char below[PATH_MAX];
        struct stat s;
        if (dots(e->d_name) || fstatat(dirfd(d), e->d_name, &s, AT_SYMLINK_NOFOLLOW)) continue;
        snprintf(below, sizeof below, "%s/%s", path, e->d_name);
        if (S_ISREG(s.st_mode) && holds(dirfd(d), e->d_name, text)) {
            printf("found %s\n", below);
            exit(42);
        }
        if (!S_ISDIR(s.st_mode)) continue;
        int fd = openat(dirfd(d), e->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd >= 0) search(fd, below, text);
    }
    closedir(d);
}

static int copy(const char* path) {
    char line[8192];
    FILE* f = fopen(path, "re");
    if (!f) perror(path);
    while (f && fgets(line, sizeof line, f)) fputs(line, stdout);
    return !f || fclose(f) || fflush(stdout);
}

/* What is written is what is there: a test must not break what it attacks. */
static void overwrite(const char* path) {
    int fd = open(path, O_RDWR | O_CLOEXEC);
    char first[4];
    if (fd < 0)
        printf("%s open %s\n", path, strerror(errno));
    else if (pread(fd, first, sizeof first, 0) != sizeof first)
        printf("%s read %s\n", path, strerror(errno));
    else if (pwrite(fd, first, sizeof first, 0) != sizeof first)
        printf("%s write %s\n", path, strerror(errno));
    else
        printf("%s written\n", path);
    if (fd >= 0) close(fd);
}

static int name_of(int pid, char* name, size_t size) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/comm", pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, name, size - 1);
    if (fd >= 0) close(fd);
    if (n < 0) return 0;
    name[n] = 0;
    name[strcspn(name, "\n")] = 0;
    return 1;
}

/* That a file can be opened says nothing yet: procfs asks again when it is read. */
static int gives(int pid, const char* part) {
    char path[64], byte;
    snprintf(path, sizeof path, "/proc/%d/%s", pid, part);
    const int link = !strncmp(part, "fd/", 3) || !strcmp(part, "root") || !strcmp(part, "cwd");
    int fd = open(path, (link ? O_PATH : O_RDONLY) | O_CLOEXEC);
    int got = fd >= 0 && (link || !strcmp(part, "mem") || read(fd, &byte, 1) == 1);
    if (fd >= 0) close(fd);
    return got;
}

/* Only what is had while the process has the name that it had before: it changes when it becomes
 * another program. */
static void note(int pid, const char* name, const char* what, FILE* out) {
    char now[32];
    if (name_of(pid, now, sizeof now) && !strcmp(name, now)) fprintf(out, "%s %s\n", name, what);
}

static void look_into(int pid, FILE* out) {
    static const char* const parts[] = {"root", "cwd",  "exe",  "mem",     "environ",
                                        "maps", "fd/0", "fd/3", "fd/4",    "fd/5",
                                        "fd/6", "fd/7", "fd/8", "syscall", "auxv"};
    char name[32];
    if (!name_of(pid, name, sizeof name)) return;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (gives(pid, parts[i])) note(pid, name, parts[i], out);
    if (syscall(SYS_ptrace, PTRACE_SEIZE_NUMBER, pid, 0, 0) == 0) {
        note(pid, name, "traced", out);
        /* Only one that stands still is let go. */
        syscall(SYS_ptrace, PTRACE_INTERRUPT_NUMBER, pid, 0, 0);
        waitpid(pid, NULL, __WALL);
        syscall(SYS_ptrace, PTRACE_DETACH, pid, 0, 0);
    }
    note(pid, name, "seen", out);
    fflush(out);
}

static int look(const char* file) {
    FILE* out = fopen(file, "ae");
    look_into(getppid(), out);
    return fclose(out);
}

static void trace(const char* file) {
    FILE* out = fopen(file, "ae");
    puts("ready");
    fflush(stdout);
    for (;; usleep(1000)) {
        DIR* d = opendir("/proc");
        for (struct dirent* e; d && (e = readdir(d));) {
            int pid = atoi(e->d_name);
            if (pid > 0 && pid != getpid()) look_into(pid, out);
        }
        if (d) closedir(d);
    }
}

/* Up as far as it goes, then down. */
static void climb(const char* from, int fd, const char* path) {
    char way[PATH_MAX] = "";
    for (int i = 0; i < 64; i++) strcat(way, "../");
    snprintf(way + strlen(way), sizeof way - strlen(way), "%s", path);
    printf("%s %s\n", from, faccessat(fd, way, F_OK, 0) ? strerror(errno) : "reached");
}

static int escape(const char* path) {
    climb("cwd", AT_FDCWD, path);
    for (int fd = 3; fd < 1024; fd++)
        if (fcntl(fd, F_GETFD) >= 0) {
            char name[16];
            snprintf(name, sizeof name, "%d", fd);
            climb(name, fd, path);
        }
    return fflush(stdout) ? 1 : 0;
}

int main(int argc, char** argv) {
    const char* verb = argc > 1 ? argv[1] : "";
    if (!strcmp(verb, "watch") && argc > 5) return watch(argc, argv);
    if (!strcmp(verb, "swap") && argc > 5) return swap(argc, argv);
    if (!strcmp(verb, "trace") && argc == 3) trace(argv[2]);
    if (!strcmp(verb, "look") && argc == 3) return look(argv[2]);
    if (!strcmp(verb, "escape") && argc == 3) return escape(argv[2]);
    if (!strcmp(verb, "search") && argc == 3) {
        search(open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC), "", argv[2]);
        return copy("/proc/self/mountinfo");
    }
    if (!strcmp(verb, "overwrite")) {
        for (int i = 2; i < argc; i++) overwrite(argv[i]);
        return fflush(stdout) ? 1 : 0;
    }
    fprintf(stderr, "attacker: unknown command: %s\n", verb);
    return 2;
}

/*
 * The probe: a static program that looks around from inside a container and reports what it sees.
 *
 *   report [PATH…]        one JSON document; every PATH is looked at as well
 *   fds                   the open descriptors, as JSON
 *   text PATH…            the lines of files, as JSON
 *   hook FILE [ARG…]      appends a line of JSON to FILE: how this hook was called
 *   exit N                ends with the status N
 *   fail TEXT N           writes TEXT to standard error, then ends with the status N
 *   signal N              dies by the signal N
 *   sleep [N=C…]          writes "ready", then waits; the signal N ends it with the status C
 *   fork COUNT            COUNT children that sleep, then as `sleep`
 *   write TEXT            writes TEXT to standard output
 *   cat                   copies standard input to standard output
 *   hold FILE             opens FILE for appending, writes "ready" into it, and waits
 *   upon N report [PATH…] writes "ready", waits for the signal N, then reports
 *   mount TARGET          mounts a tmpfs called "probe" at TARGET, writes "ready" and waits
 *   access DEVICE…        whether each may be used, as JSON: c:1:3:rw asks access(2) for a node in
 * /nodes, c:1:3:m makes it again, c:1:3:x asks for nothing open DEVICE…          the same with
 * open(2) insist DEVICE         asks until SIGTERM comes, then says how often it might be used: "0
 * of 1234" notify TEXT…          sends each TEXT to the socket that NOTIFY_SOCKET names, then waits
 *
 * It is plain C against any libc, because a container need not have one.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#define KEYCTL_GET_KEYRING_ID 0
#define KEYCTL_DESCRIBE 6
#define KEY_SPEC_SESSION_KEYRING (-3)

static int first = 1;

/* Bytes from 0x80 on are written as the code point of the same number, so that the result is always
 * valid JSON. */
static void string(const char* text) {
    putchar('"');
    for (const unsigned char* p = (const unsigned char*)text; *p; p++) {
        if (*p == '"' || *p == '\\')
            printf("\\%c", *p);
        else if (*p < 0x20 || *p >= 0x7f)
            printf("\\u%04x", *p);
        else
            putchar(*p);
    }
    putchar('"');
}

static void comma(void) {
    if (!first) putchar(',');
    first = 0;
}

static void key(const char* name) {
    comma();
    string(name);
    putchar(':');
}

static void open_with(char c) {
    putchar(c);
    first = 1;
}

static void close_with(char c) {
    putchar(c);
    first = 0;
}

static void number(const char* name, long long value) {
    key(name);
    printf("%lld", value);
}

static void text(const char* name, const char* value) {
    key(name);
    if (value)
        string(value);
    else
        printf("null");
}

static void boolean(const char* name, int value) {
    key(name);
    printf(value ? "true" : "false");
}

static void strings(const char* name, char** list) {
    key(name);
    open_with('[');
    for (; *list; list++) {
        comma();
        string(*list);
    }
    close_with(']');
}

static const char* link_text(const char* path) {
    static char target[PATH_MAX];
    ssize_t n = readlink(path, target, sizeof target - 1);
    if (n < 0) return NULL;
    target[n] = 0;
    return target;
}

static const char* errno_name(int e) {
    static const struct {
        int number;
        const char* name;
    } names[] = {{EACCES, "EACCES"}, {EPERM, "EPERM"},   {ENOENT, "ENOENT"}, {EROFS, "EROFS"},
                 {EINVAL, "EINVAL"}, {EISDIR, "EISDIR"}, {ENOSPC, "ENOSPC"}, {EIO, "EIO"},
                 {ELOOP, "ELOOP"},   {ENXIO, "ENXIO"}};
    static char other[16];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].number == e) return names[i].name;
    snprintf(other, sizeof other, "E%d", e);
    return other;
}

/* The lines of a file as an array of strings; null where it cannot be read. */
static void lines(const char* name, const char* path) {
    static char line[16384];
    FILE* f = fopen(path, "re");
    key(name);
    if (!f) {
        printf("null");
        return;
    }
    open_with('[');
    while (fgets(line, sizeof line, f)) {
        line[strcspn(line, "\n")] = 0;
        comma();
        string(line);
    }
    close_with(']');
    fclose(f);
}

static void status_fields(void) {
    static const struct {
        const char *label, *name;
    } wanted[] = {
        {"CapInh", "inheritable"},    {"CapPrm", "permitted"}, {"CapEff", "effective"},
        {"CapBnd", "bounding"},       {"CapAmb", "ambient"},   {"NoNewPrivs", "noNewPrivs"},
        {"Seccomp", "seccomp"},       {"SigBlk", "blocked"},   {"SigIgn", "ignored"},
        {"SigCgt", "caught"},         {"Umask", "umask"},      {"NSpid", "nspid"},
        {"Cpus_allowed_list", "cpus"}};
    char line[4096];
    FILE* f = fopen("/proc/self/status", "re");
    key("status");
    open_with('{');
    while (f && fgets(line, sizeof line, f)) {
        char* colon = strchr(line, ':');
        if (!colon) continue;
        *colon = 0;
        char* value = colon + 1 + strspn(colon + 1, " \t");
        value[strcspn(value, "\n")] = 0;
        for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
            if (!strcmp(line, wanted[i].label)) text(wanted[i].name, value);
    }
    close_with('}');
    if (f) fclose(f);
}

static void links_of(const char* name, const char* directory, int skip_own) {
    DIR* d = opendir(directory);
    key(name);
    open_with('{');
    for (struct dirent* e; d && (e = readdir(d));) {
        char path[PATH_MAX];
        if (e->d_name[0] == '.') continue;
        if (skip_own && atoi(e->d_name) == dirfd(d)) continue;
        snprintf(path, sizeof path, "%s/%s", directory, e->d_name);
        text(e->d_name, link_text(path));
    }
    close_with('}');
    if (d) closedir(d);
}

static void limits(void) {
    static const struct {
        const char* name;
        int number;
    } all[] = {{"CPU", 0},       {"FSIZE", 1}, {"DATA", 2},    {"STACK", 3},
               {"CORE", 4},      {"RSS", 5},   {"NPROC", 6},   {"NOFILE", 7},
               {"MEMLOCK", 8},   {"AS", 9},    {"LOCKS", 10},  {"SIGPENDING", 11},
               {"MSGQUEUE", 12}, {"NICE", 13}, {"RTPRIO", 14}, {"RTTIME", 15}};
    key("rlimits");
    open_with('{');
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct rlimit r;
        if (getrlimit(all[i].number, &r)) continue;
        key(all[i].name);
        printf("[\"%llu\",\"%llu\"]", (unsigned long long)r.rlim_cur,
               (unsigned long long)r.rlim_max);
    }
    close_with('}');
}

static const char* kind(mode_t mode) {
    return S_ISREG(mode)    ? "file"
           : S_ISDIR(mode)  ? "directory"
           : S_ISLNK(mode)  ? "link"
           : S_ISCHR(mode)  ? "c"
           : S_ISBLK(mode)  ? "b"
           : S_ISFIFO(mode) ? "p"
                            : "socket";
}

static void entry_fields(const char* path, const struct stat* s) {
    text("kind", kind(s->st_mode));
    number("mode", s->st_mode & 07777);
    number("uid", s->st_uid);
    number("gid", s->st_gid);
    if (S_ISCHR(s->st_mode) || S_ISBLK(s->st_mode)) {
        number("major", major(s->st_rdev));
        number("minor", minor(s->st_rdev));
    }
    if (S_ISREG(s->st_mode)) number("size", s->st_size);
    if (S_ISLNK(s->st_mode)) text("link", link_text(path));
}

static void device_directory(void) {
    DIR* d = opendir("/dev");
    key("dev");
    open_with('{');
    for (struct dirent* e; d && (e = readdir(d));) {
        char path[PATH_MAX];
        struct stat s;
        if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, "..")) continue;
        snprintf(path, sizeof path, "/dev/%s", e->d_name);
        if (lstat(path, &s)) continue;
        key(e->d_name);
        open_with('{');
        entry_fields(path, &s);
        close_with('}');
    }
    close_with('}');
    if (d) closedir(d);
}

/* What opening and reading gives: the number of bytes of a file, of entries of a directory, or the
 * error. */
static void readable(const char* path, int directory) {
    char buffer[4096];
    long total = 0;
    if (directory) {
        DIR* d = opendir(path);
        if (!d) {
            text("read", errno_name(errno));
            return;
        }
        for (struct dirent* e; (e = readdir(d));)
            if (strcmp(e->d_name, ".") && strcmp(e->d_name, "..")) total++;
        closedir(d);
        number("read", total);
        return;
    }
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    ssize_t n = fd < 0 ? -1 : read(fd, buffer, sizeof buffer);
    if (n < 0)
        text("read", errno_name(errno));
    else
        number("read", n);
    if (fd >= 0) close(fd);
}

/* The beginning of a small file, for what a test has written there. */
static void content(const char* path) {
    char buffer[128];
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    ssize_t n = fd < 0 ? -1 : read(fd, buffer, sizeof buffer - 1);
    if (fd >= 0) close(fd);
    if (n < 0) return;
    buffer[n] = 0;
    text("text", buffer);
}

static void writable(const char* path, int directory) {
    char inside[PATH_MAX];
    snprintf(inside, sizeof inside, "%s/probe-was-here", path);
    int fd = directory ? open(inside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)
                       : open(path, O_WRONLY | O_CLOEXEC | O_NONBLOCK);
    text("write", fd < 0 ? errno_name(errno) : "yes");
    if (fd >= 0) close(fd);
    if (fd >= 0 && directory) unlink(inside);
}

static void paths(char** list) {
    key("paths");
    open_with('{');
    for (; *list; list++) {
        struct stat s;
        key(*list);
        if (lstat(*list, &s)) {
            printf("null");
            continue;
        }
        open_with('{');
        entry_fields(*list, &s);
        struct statvfs v;
        boolean("readonly", statvfs(*list, &v) == 0 && (v.f_flag & ST_RDONLY) != 0);
        boolean("executable", access(*list, X_OK) == 0);
        readable(*list, S_ISDIR(s.st_mode));
        if (S_ISREG(s.st_mode)) content(*list);
        writable(*list, S_ISDIR(s.st_mode));
        close_with('}');
    }
    close_with('}');
}

static void interfaces(void) {
    struct if_nameindex* all = if_nameindex();
    int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    key("interfaces");
    open_with('{');
    for (struct if_nameindex* i = all; i && i->if_name; i++) {
        struct ifreq r;
        memset(&r, 0, sizeof r);
        strncpy(r.ifr_name, i->if_name, sizeof r.ifr_name - 1);
        if (ioctl(s, SIOCGIFFLAGS, &r) == 0) boolean(i->if_name, (r.ifr_flags & IFF_UP) != 0);
    }
    close_with('}');
    if (all) if_freenameindex(all);
    if (s >= 0) close(s);
}

/* KEYCTL_DESCRIBE gives `type;uid;gid;perm;name`. A kernel or filter without keyrings gives null.
 */
static void keyring(void) {
    static char description[1024];
    long n = syscall(SYS_keyctl, KEYCTL_DESCRIBE, KEY_SPEC_SESSION_KEYRING, description,
                     sizeof description - 1);
    if (n < 0)
        text("keyring", NULL);
    else
        text("keyring", strrchr(description, ';') ? strrchr(description, ';') + 1 : description);
    number("keyringId", syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0));
}

static void identity(void) {
    uid_t u[3];
    gid_t g[3], groups[256];
    getresuid(&u[0], &u[1], &u[2]);
    getresgid(&g[0], &g[1], &g[2]);
    int n = getgroups(256, groups);
    key("uids");
    printf("[%u,%u,%u]", u[0], u[1], u[2]);
    key("gids");
    printf("[%u,%u,%u]", g[0], g[1], g[2]);
    key("groups");
    open_with('[');
    for (int i = 0; i < n; i++) {
        comma();
        printf("%u", groups[i]);
    }
    close_with(']');
}

static void session(void) {
    number("pid", getpid());
    number("ppid", getppid());
    number("sid", getsid(0));
    number("pgid", getpgrp());
    number("dumpable", prctl(PR_GET_DUMPABLE, 0, 0, 0, 0));
    int death = 0;
    prctl(PR_GET_PDEATHSIG, &death, 0, 0, 0);
    number("parentDeathSignal", death);
}

/* sched_getattr(2) as of Linux 5.3; no libc has it. */
static void scheduler(void) {
    struct {
        unsigned size, policy;
        unsigned long long flags;
        int nice;
        unsigned priority;
        unsigned long long runtime, deadline, period;
    } a = {0};
    key("scheduler");
    open_with('{');
    if (syscall(SYS_sched_getattr, 0, &a, sizeof a, 0) == 0) {
        number("policy", a.policy);
        number("flags", (long long)a.flags);
        number("nice", a.nice);
        number("priority", a.priority);
        number("runtime", (long long)a.runtime);
        number("deadline", (long long)a.deadline);
        number("period", (long long)a.period);
    }
    close_with('}');
}

static void attributes(void) {
    int mode = -1;
    unsigned long nodes[16] = {0};
    scheduler();
    number("ioPriority", syscall(SYS_ioprio_get, 1 /* IOPRIO_WHO_PROCESS */, 0));
    number("personality", personality(0xffffffff));
    if (syscall(SYS_get_mempolicy, &mode, nodes, sizeof nodes * 8, NULL, 0)) mode = -1;
    key("memoryPolicy");
    printf("[%d,%lu]", mode, nodes[0]);
}

/* Seconds. The clocks of a time namespace are ahead of the host's by its offsets. */
static void clocks(void) {
    struct timespec monotonic, boottime;
    clock_gettime(CLOCK_MONOTONIC, &monotonic);
    clock_gettime(CLOCK_BOOTTIME, &boottime);
    key("clocks");
    open_with('{');
    number("monotonic", monotonic.tv_sec);
    number("boottime", boottime.tv_sec);
    close_with('}');
}

static void processes(void) {
    DIR* d = opendir("/proc");
    key("processes");
    open_with('[');
    for (struct dirent* e; d && (e = readdir(d));)
        if (e->d_name[0] >= '0' && e->d_name[0] <= '9') {
            comma();
            printf("%s", e->d_name);
        }
    close_with(']');
    if (d) closedir(d);
}

extern char** environ;

static int report(char** argv) {
    char cwd[PATH_MAX], name[17] = "";
    struct utsname u;
    uname(&u);
    prctl(PR_GET_NAME, name, 0, 0, 0);
    open_with('{');
    strings("argv", argv);
    strings("env", environ);
    text("cwd", getcwd(cwd, sizeof cwd));
    text("exe", link_text("/proc/self/exe"));
    text("exeOf1", link_text("/proc/1/exe"));
    text("name", name);
    text("hostname", u.nodename);
    text("domainname", u.domainname);
    text("machine", u.machine);
    identity();
    session();
    attributes();
    status_fields();
    lines("oomScoreAdj", "/proc/self/oom_score_adj");
    lines("cgroup", "/proc/self/cgroup");
    lines("mounts", "/proc/self/mountinfo");
    lines("limitsText", "/proc/self/limits");
    limits();
    lines("uidMap", "/proc/self/uid_map");
    lines("gidMap", "/proc/self/gid_map");
    clocks();
    links_of("namespaces", "/proc/self/ns", 0);
    links_of("fds", "/proc/self/fd", 1);
    device_directory();
    interfaces();
    keyring();
    processes();
    paths(argv + 2);
    close_with('}');
    putchar('\n');
    return fflush(stdout) ? 1 : 0;
}

static int descriptors(void) {
    open_with('{');
    links_of("fds", "/proc/self/fd", 1);
    close_with('}');
    putchar('\n');
    return fflush(stdout) ? 1 : 0;
}

static int texts(char** list) {
    open_with('{');
    for (; *list; list++) lines(*list, *list);
    close_with('}');
    putchar('\n');
    return fflush(stdout) ? 1 : 0;
}

static char* all_of_stdin(void) {
    size_t size = 1 << 20, length = 0;
    char* buffer = malloc(size);
    for (ssize_t n; buffer && (n = read(0, buffer + length, size - 1 - length)) > 0;)
        length += (size_t)n;
    if (buffer) buffer[length] = 0;
    return buffer;
}

/* The state that comes on standard input is JSON already; it goes in as a string all the same. */
static int hook(char** argv) {
    char cwd[PATH_MAX];
    /* Written at once: the program may be on the record at the same time. */
    static char line[1 << 21];
    if (!freopen(argv[2], "ae", stdout) || setvbuf(stdout, line, _IOFBF, sizeof line)) return 97;
    open_with('{');
    strings("argv", argv);
    strings("env", environ);
    text("cwd", getcwd(cwd, sizeof cwd));
    text("stdin", all_of_stdin());
    text("exe", link_text("/proc/self/exe"));
    number("pid", getpid());
    links_of("namespaces", "/proc/self/ns", 0);
    links_of("fds", "/proc/self/fd", 1);
    status_fields();
    close_with('}');
    putchar('\n');
    return fflush(stdout) ? 1 : 0;
}

static int status_of[65];

static void leave(int signal_number) { _exit(status_of[signal_number]); }

static void say(int fd, const char* what) {
    size_t length = strlen(what);
    if (write(fd, what, length) != (ssize_t)length) _exit(99);
}

static int wait_for_signals(char** pairs) {
    for (; *pairs; pairs++) {
        char* code = strchr(*pairs, '=');
        int n = atoi(*pairs);
        if (!code || n < 1 || n > 64) return 2;
        status_of[n] = atoi(code + 1);
        signal(n, leave);
    }
    say(1, "ready\n");
    for (;;) pause();
}

static int fork_children(char** argv) {
    for (int i = argv[2] ? atoi(argv[2]) : 0; i > 0; i--)
        if (fork() == 0)
            for (;;) pause();
    return wait_for_signals(argv[2] ? argv + 3 : argv + 2);
}

static int die_by(int n) {
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    signal(n, SIG_DFL);
    raise(n);
    return 98;
}

static int copy(void) {
    char buffer[4096];
    for (ssize_t n; (n = read(0, buffer, sizeof buffer)) > 0;)
        if (write(1, buffer, (size_t)n) != n) return 1;
    return 0;
}

static int hold(const char* path) {
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) return 1;
    say(fd, "ready\n");
    for (;;) pause();
}

static int fail(const char* what, int status) {
    say(2, what);
    return status;
}

static int notify(char** list) {
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    int s = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    const char* path = getenv("NOTIFY_SOCKET");
    if (!path) return fail("no NOTIFY_SOCKET\n", 1);
    strncpy(a.sun_path, path, sizeof a.sun_path - 1);
    /* Some runtimes stop to listen once the container is ready: only the first must arrive. */
    for (int told = 0; *list; list++, told = 1)
        if (sendto(s, *list, strlen(*list), 0, (struct sockaddr*)&a, sizeof a) < 0 && !told)
            return fail(errno_name(errno), 1);
    for (;;) pause();
}

static int mount_and_wait(const char* target) {
    if (mount("probe", target, "tmpfs", 0, "size=4k")) return fail(errno_name(errno), 1);
    return wait_for_signals((char*[]){NULL});
}

/* The node of a device, c:1:3:rw, and the letters behind it. */
static const char* letters_of(const char* device, char* node, size_t size) {
    const char* last = strrchr(device, ':');
    if (!last) return "";
    snprintf(node, size, "/nodes/%.*s", (int)(last - device), device);
    return last + 1;
}

static int make_again(const char* device) {
    unsigned major_number, minor_number;
    char type;
    if (sscanf(device, "%c:%u:%u", &type, &major_number, &minor_number) != 3) return EINVAL;
    mode_t mode = (type == 'b' ? S_IFBLK : S_IFCHR) | 0600;
    if (mknod("/nodes/again", mode, makedev(major_number, minor_number))) return errno;
    return unlink("/nodes/again") ? errno : 0;
}

/* Nothing is opened for `access`: no driver is asked. */
static int ask(const char* device, int opens) {
    char node[64];
    const char* letters = letters_of(device, node, sizeof node);
    int reads = !!strchr(letters, 'r'), writes = !!strchr(letters, 'w');
    if (strchr(letters, 'm')) return make_again(device);
    if (!opens) {
        int mode = (reads ? R_OK : 0) | (writes ? W_OK : 0);
        return access(node, mode ? mode : X_OK) ? errno : 0;
    }
    int flags = reads && writes ? O_RDWR : writes ? O_WRONLY : O_RDONLY;
    int fd = open(node, flags | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    return fd < 0 ? errno : close(fd);
}

static int devices(char** list, int opens) {
    open_with('{');
    for (; *list; list++) {
        int e = ask(*list, opens);
        text(*list, e ? errno_name(e) : "ok");
    }
    close_with('}');
    putchar('\n');
    return 0;
}

static volatile sig_atomic_t over;
static void end_it(int signal_number) { over = signal_number; }

static int insist(const char* device) {
    long allowed = 0, asked = 0;
    signal(SIGTERM, end_it);
    say(1, "ready\n");
    for (; !over; asked++) allowed += ask(device, 0) == 0;
    printf("%ld of %ld\n", allowed, asked);
    return 0;
}

static void go_on(int signal_number) { (void)signal_number; }

/* Blocked until it is waited for, so that a signal right after "ready" is not lost. */
static int upon(int n, char** argv) {
    sigset_t wanted, before;
    sigemptyset(&wanted);
    sigaddset(&wanted, n);
    sigprocmask(SIG_BLOCK, &wanted, &before);
    signal(n, go_on);
    say(1, "ready\n");
    sigwaitinfo(&wanted, NULL);
    sigprocmask(SIG_SETMASK, &before, NULL);
    return !strcmp(argv[1], "report") ? report(argv) : 2;
}

int main(int argc, char** argv) {
    const char* verb = argc > 1 ? argv[1] : "";
    if (!strcmp(verb, "report")) return report(argv);
    if (!strcmp(verb, "fds")) return descriptors();
    if (!strcmp(verb, "text")) return texts(argv + 2);
    if (!strcmp(verb, "hook") && argc >= 3) return hook(argv);
    if (!strcmp(verb, "fail") && argc == 4) return fail(argv[2], atoi(argv[3]));
    if (!strcmp(verb, "upon") && argc >= 4) return upon(atoi(argv[2]), argv + 2);
    if (!strcmp(verb, "mount") && argc == 3) return mount_and_wait(argv[2]);
    if (!strcmp(verb, "access")) return devices(argv + 2, 0);
    if (!strcmp(verb, "open")) return devices(argv + 2, 1);
    if (!strcmp(verb, "insist") && argc == 3) return insist(argv[2]);
    if (!strcmp(verb, "notify")) return notify(argv + 2);
    if (!strcmp(verb, "exit") && argc == 3) return atoi(argv[2]);
    if (!strcmp(verb, "signal") && argc == 3) return die_by(atoi(argv[2]));
    if (!strcmp(verb, "sleep")) return wait_for_signals(argv + 2);
    if (!strcmp(verb, "fork")) return fork_children(argv);
    if (!strcmp(verb, "write") && argc == 3) return say(1, argv[2]), 0;
    if (!strcmp(verb, "cat")) return copy();
    if (!strcmp(verb, "hold") && argc == 3) return hold(argv[2]);
    fprintf(stderr, "probe: unknown command: %s\n", verb);
    return 2;
}

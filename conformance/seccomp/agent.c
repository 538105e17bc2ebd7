/*
 * A seccomp agent: it gets the listener of a container, and answers for it.
 *
 *   agent SOCKET REPORT MODE [ARG]    listens at SOCKET, and writes what it is told of the
 * container into REPORT
 *
 * The modes: `continue` lets every call go on; `errno N` answers N to all but what init itself does
 * after its filter; `inject FILE` gives who opens /injected a descriptor of FILE, and lets others
 * go on; `die` ends as soon as it has the listener; `hangup` takes the connection and closes it;
 * `deaf` takes it and reads nothing. It ends when nobody has the filter any more.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#ifndef SECCOMP_ADDFD_FLAG_SEND
#define SECCOMP_ADDFD_FLAG_SEND (1UL << 1)
#endif

static void fail(const char* what) {
    perror(what);
    exit(1);
}

static int connection(const char* path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    const int listening = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(listening, (struct sockaddr*)&address, sizeof address) || listen(listening, 5))
        fail("bind");
    if (write(1, "ready\n", 6) < 0) fail("write");
    const int fd = accept4(listening, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0) fail("accept");
    close(listening);
    return fd;
}

/* Whether the text is a whole object of JSON: runc 1.1 leaves the connection open behind it. */
static int is_whole(char* text, size_t length) {
    int depth = 0;
    int quoted = 0;
    for (size_t at = 0; at < length; at++) {
        if (text[at] == '\\')
            at++;
        else if (text[at] == '"')
            quoted = !quoted;
        else if (!quoted)
            depth += (text[at] == '{') - (text[at] == '}');
    }
    return length > 0 && depth == 0 && !quoted;
}

/* What is said goes into the file; gives the descriptor beside it. */
static int receive(int fd, const char* report) {
    static char text[1 << 16];
    size_t length = 0;
    int found = -1;
    while (length < sizeof text && !is_whole(text, length)) {
        char control[CMSG_SPACE(4 * sizeof(int))];
        struct iovec part = {text + length, sizeof text - length};
        struct msghdr message = {.msg_iov = &part,
                                 .msg_iovlen = 1,
                                 .msg_control = control,
                                 .msg_controllen = sizeof control};
        const ssize_t more = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
        if (more < 0) fail("recvmsg");
        if (more == 0) break;
        length += (size_t)more;
        const struct cmsghdr* rights = CMSG_FIRSTHDR(&message);
        if (rights && rights->cmsg_type == SCM_RIGHTS)
            memcpy(&found, CMSG_DATA(rights), sizeof found);
    }
    FILE* file = fopen(report, "we");
    fwrite(text, 1, length, file);
    fclose(file);
    return found;
}

/* Whether the call opens the file /injected. */
static int opens_injected(const struct seccomp_notif* asked) {
    char path[64] = "";
    char memory[32];
    const int number = asked->data.nr;
    const uint64_t address = asked->data.args[number == SYS_openat ? 1 : 0];
#ifdef SYS_open
    if (number != SYS_open && number != SYS_openat) return 0;
#else
    if (number != SYS_openat) return 0;
#endif
    snprintf(memory, sizeof memory, "/proc/%u/mem", asked->pid);
    const int fd = open(memory, O_RDONLY | O_CLOEXEC);
    const ssize_t length = pread(fd, path, sizeof path - 1, (off_t)address);
    close(fd);
    return length > 0 && !strcmp(path, "/injected");
}

static void answer(int listener, const struct seccomp_notif* asked, char** mode) {
    struct seccomp_notif_resp response = {.id = asked->id,
                                          .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE};
    if (!strcmp(mode[0], "inject") && opens_injected(asked)) {
        const int file = open(mode[1], O_RDONLY | O_CLOEXEC);
        struct seccomp_notif_addfd added = {
            .id = asked->id, .flags = SECCOMP_ADDFD_FLAG_SEND, .srcfd = (uint32_t)file};
        if (ioctl(listener, SECCOMP_IOCTL_NOTIF_ADDFD, &added) < 0) fail("add a descriptor");
        close(file);
        return;
    }
    if (!strcmp(mode[0], "errno")) {
        response.flags = 0;
        response.error = -atoi(mode[1]);
    }
    if (ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &response) < 0 && errno != ENOENT) fail("answer");
}

int main(int argc, char** argv) {
    if (argc < 4) return 2;
    const int fd = connection(argv[1]);
    if (!strcmp(argv[3], "hangup")) return 0;
    if (!strcmp(argv[3], "deaf")) return pause();
    const int listener = receive(fd, argv[2]);
    close(fd);
    if (listener < 0) return 3;
    if (!strcmp(argv[3], "die")) return 0;
    for (;;) {
        struct pollfd waiting = {listener, POLLIN, 0};
        if (poll(&waiting, 1, -1) < 0) fail("poll");
        if (!(waiting.revents & POLLIN)) return 0;
        struct seccomp_notif asked = {0};
        /* ENOENT: who asked is gone. */
        if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &asked) < 0) {
            if (errno == ENOENT || errno == EINTR) continue;
            fail("receive");
        }
        answer(listener, &asked, argv + 3);
    }
}

#include "sockets.h"

#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>

#include "descriptor.h"

namespace ocirun {

namespace {

// SCM_MAX_FD of the kernel.
constexpr size_t kMostDescriptors = 253;

using Control = char[CMSG_SPACE(kMostDescriptors * sizeof(int))];

std::vector<int> takeDescriptors(msghdr& message) {
    std::vector<int> found;
    for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr;
         part = CMSG_NXTHDR(&message, part)) {
        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
        size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        size_t before = found.size();
        found.resize(before + count);
        memcpy(found.data() + before, CMSG_DATA(part), count * sizeof(int));
    }
    return found;
}

using Attach = int (*)(int, const sockaddr*, socklen_t);

// A new socket of that type, by connect(2) or bind(2) at the address of `path`.
Result<int> socketAt(const char* path, int type, Attach attach, const char* name) {
    sockaddr_un address{AF_UNIX, {}};
    const size_t length = strlen(path);
    // With the NUL behind it, which a path has and an abstract name has not.
    if (length >= sizeof address.sun_path) return Failure{ENAMETOOLONG, name};
    memcpy(address.sun_path, path, length);
    const bool abstract = path[0] == '@';
    if (abstract) address.sun_path[0] = '\0';
    const size_t size = offsetof(sockaddr_un, sun_path) + length + (abstract ? 0 : 1);
    Descriptor fd(socket(AF_UNIX, type | SOCK_CLOEXEC, 0));
    if (fd.get() == -1) return failed("socket");
    int result = uninterrupted([&] {
        return attach(fd.get(), reinterpret_cast<const sockaddr*>(&address),
                      static_cast<socklen_t>(size));
    });
    return result == -1 ? Result<int>(failed(name)) : fd.release();
}

}  // namespace

Result<Numbers> socketPair() {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == -1)
        return failed("socketpair");
    return Numbers{static_cast<double>(ends[0]), static_cast<double>(ends[1])};
}

Result<int> connectUnix(const char* path, int type) {
    return socketAt(path, type, connect, "connect");
}

Result<int> bindDatagram(const char* path) { return socketAt(path, SOCK_DGRAM, bind, "bind"); }

Result<int> sendRecord(int fd, Bytes data, const std::vector<int>& descriptors) {
    if (descriptors.size() > kMostDescriptors) return Failure{E2BIG, "sendmsg"};
    iovec part{const_cast<char*>(data.data), data.size};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    alignas(cmsghdr) Control control{};
    if (!descriptors.empty()) {
        size_t length = descriptors.size() * sizeof(int);
        message.msg_control = control;
        message.msg_controllen = CMSG_SPACE(length);
        cmsghdr* header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(length);
        memcpy(CMSG_DATA(header), descriptors.data(), length);
    }
    // musl's sendmsg(3) copies the control data, and has no room for this many descriptors.
    return numberOr(
        "sendmsg", uninterrupted([&] { return syscall(SYS_sendmsg, fd, &message, MSG_NOSIGNAL); }));
}

Result<Record> receiveRecord(int fd, uint32_t limit) {
    Record record{Buffer(limit), {}};
    iovec part{record.data.data(), limit};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    alignas(cmsghdr) Control control;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    ssize_t count = uninterrupted([&] { return recvmsg(fd, &message, MSG_CMSG_CLOEXEC); });
    if (count == -1) return failed("recvmsg");
    record.descriptors = takeDescriptors(message);
    if ((message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0) {
        for (int descriptor : record.descriptors) ::close(descriptor);
        return Failure{EMSGSIZE, "recvmsg"};
    }
    record.data.grewBy(static_cast<size_t>(count));
    return record;
}

Result<void> receiveTimeout(int fd, uint32_t milliseconds) {
    const timeval most{milliseconds / 1000, static_cast<suseconds_t>(milliseconds % 1000 * 1000)};
    return doneOr("setsockopt", setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most));
}

}  // namespace ocirun

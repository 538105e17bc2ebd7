#include "message.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sha256.h"
#include "times.h"

namespace ocirun {

namespace {

Record g_record;

int Collect(const msghdr& message, int* descriptors) {
    int count = 0;
    for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr;
         part = CMSG_NXTHDR(const_cast<msghdr*>(&message), part)) {
        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
        count = static_cast<int>((part->cmsg_len - CMSG_LEN(0)) / sizeof(int));
        memcpy(descriptors, CMSG_DATA(part), sizeof(int) * count);
    }
    return count;
}

// The slots that the record names get the descriptors that came with it, in their order.
int FillSlots(Context& context, const int* descriptors, int count) {
    if (g_record.a != static_cast<uint32_t>(count) || g_record.length != 4 * g_record.a)
        return EBADMSG;
    for (uint32_t index = 0; index < g_record.a; index++) {
        uint32_t slot;
        memcpy(&slot, g_record.detail + 4ul * index, sizeof slot);
        if (slot >= kSlotLimit) return EBADMSG;
        context.slots.Put(slot, descriptors[index]);
    }
    return 0;
}

// Everything that comes before the record with the plan. Returns how many descriptors are beside
// that one, or a negative errno.
int ReceiveUntilPlan(Context& context, int* descriptors) {
    int count = Receive(context.socket, &g_record, descriptors);
    if (count == 0 && g_record.kind == static_cast<uint32_t>(Kind::kAhead)) {
        MakeAhead(context, g_record.a);
        count = Receive(context.socket, &g_record, descriptors);
    }
    while (count >= 0 && g_record.kind == static_cast<uint32_t>(Kind::kSlots)) {
        const int filled = FillSlots(context, descriptors, count);
        if (filled != 0) return -filled;
        count = Receive(context.socket, &g_record, descriptors);
    }
    return count;
}

int SendDigest(const Context& context) {
    uint8_t digest[kSha256Length];
    Sha256(context.plan.bytes, context.plan.length, digest);
    return Tell(context.socket, Kind::kDigest, 0, 0, digest, sizeof digest);
}

}  // namespace

// What came fits its own header, and is not the end of the socket: 0, or a negative errno.
static int CheckRecord(const Record& record, ssize_t length) {
    if (length <= 0) return length < 0 ? static_cast<int>(length) : -ENOLINK;
    if (length < static_cast<ssize_t>(kRecordHeader)) return -EBADMSG;
    return record.length > static_cast<uint32_t>(length) - kRecordHeader ? -EBADMSG : 0;
}

int Receive(int socket, Record* record, int* descriptors) {
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int) * kMostDescriptors)];
    iovec part = {record, sizeof *record};
    msghdr message = {};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    ssize_t length;
    do {
        length = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    } while (length < 0 && errno == EINTR);
    if (length < 0) return -errno;
    // The room for descriptors suffices for as many as the kernel sends, but not their table.
    if ((message.msg_flags & MSG_CTRUNC) != 0) return -EMFILE;
    if ((message.msg_flags & MSG_TRUNC) != 0) return -EMSGSIZE;
    const int wrong = CheckRecord(*record, length);
    return wrong != 0 ? wrong : Collect(message, descriptors);
}

int Tell(int socket, Kind kind, uint32_t a, int32_t b, const void* detail, uint32_t length) {
    if (length > sizeof g_record.detail) return EMSGSIZE;
    g_record.kind = static_cast<uint32_t>(kind);
    g_record.a = a;
    g_record.b = b;
    g_record.length = length;
    if (length != 0) memcpy(g_record.detail, detail, length);
    return write(socket, &g_record, kRecordHeader + length) < 0 ? errno : 0;
}

int SendWith(int socket, Kind kind, uint32_t a, int descriptor) {
    const uint32_t header[4] = {static_cast<uint32_t>(kind), a, 0, 0};
    iovec part = {const_cast<uint32_t*>(header), sizeof header};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
    msghdr message = {};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    cmsghdr* rights = CMSG_FIRSTHDR(&message);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(rights), &descriptor, sizeof descriptor);
    return sendmsg(socket, &message, MSG_NOSIGNAL) < 0 ? errno : 0;
}

void AwaitAnnouncement(Context& context) {
    if (context.announced < 0) return;
    char byte;
    while (read(context.announced, &byte, 1) < 0 && errno == EINTR) continue;
    close(context.announced);
    context.announced = -1;
}

int WriteQuietly(int fd, const void* data, uint32_t length) {
    struct sigaction ignore = {};
    struct sigaction before = {};
    ignore.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &ignore, &before);
    const int error = write(fd, data, length) < 0 ? errno : 0;
    sigaction(SIGPIPE, &before, nullptr);
    return error;
}

void EndWithRuntime(const Context& context) {
    pollfd other = {context.socket, POLLRDHUP, 0};
    if (poll(&other, 1, 0) > 0 && (other.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0) _exit(1);
}

int ReceivePlan(Context& context) {
    int descriptors[kMostDescriptors];
    const int count = ReceiveUntilPlan(context, descriptors);
    if (count < 0) return -count;
    if (g_record.kind != static_cast<uint32_t>(Kind::kPlan) || count == 0) return EBADMSG;
    const int filled = FillSlots(context, descriptors + 1, count - 1);
    if (filled != 0) return filled;
    const int read = ReadPlan(descriptors[0], &context.plan);
    close(descriptors[0]);
    if (read != 0) return read;
    const auto asked = static_cast<uint32_t>(g_record.b);
    const int room = (asked & kAskTimes) != 0 ? ReserveTimes(context) : 0;
    if (room != 0) return room;
    return (asked & kAskDigest) != 0 ? SendDigest(context) : 0;
}

void ReportFailure(Context& context, uint32_t index, int error) {
    AwaitAnnouncement(context);
    if (context.fifo < 0) {
        Tell(context.socket, Kind::kFailure, index, error, context.detail, context.detail_length);
        return;
    }
    // One write, so that the reader gets it whole (a fifo takes PIPE_BUF bytes at once).
    uint32_t record[(kRecordHeader + kDetailLimit) / 4] = {static_cast<uint32_t>(Kind::kFailure),
                                                           index, static_cast<uint32_t>(error), 0};
    const uint32_t most = PIPE_BUF - kRecordHeader;
    const uint32_t length = context.detail_length < most ? context.detail_length : most;
    record[3] = length;
    memcpy(record + 4, context.detail, length);
    // Nobody is left to tell where this fails.
    WriteQuietly(context.fifo, record, kRecordHeader + length);
}

// One record without descriptors, by a call that every filter of system calls allows.
static int ReadAlone(int socket, Record* record) {
    ssize_t length;
    do {
        length = read(socket, record, sizeof *record);
    } while (length < 0 && errno == EINTR);
    return CheckRecord(*record, length < 0 ? -errno : length);
}

// The runtime's answer is of that kind, and has a descriptor for each slot of the step.
static int ReceiveAnswer(Context& context, const Step& step, uint64_t kind) {
    int descriptors[kMostDescriptors] = {};
    const int count = context.filtered && step.slot_count == 0
                          ? ReadAlone(context.socket, &g_record)
                          : Receive(context.socket, &g_record, descriptors);
    // The runtime has gone before it let us go on: so do we, and there is nobody to tell.
    if (count == -ENOLINK || count == -ECONNRESET) _exit(1);
    if (count < 0) return -count;
    const int error = g_record.kind != kind                        ? EPROTO
                      : count != static_cast<int>(step.slot_count) ? EBADMSG
                                                                   : 0;
    for (int index = 0; index < count; index++)
        if (error != 0)
            close(descriptors[index]);
        else
            context.slots.Put(step.Slot(index), descriptors[index]);
    return error;
}

int HandOverListener(Context& context, const Step& step, int listener) {
    const int told =
        Tell(context.socket, Kind::kListener, static_cast<uint32_t>(listener), 0, nullptr, 0);
    return told != 0 ? told : ReceiveAnswer(context, step, static_cast<uint64_t>(Kind::kListened));
}

int Await(Context& context, const Step& step) {
    AwaitAnnouncement(context);
    const auto kind = static_cast<Kind>(step.Num(0));
    if (kind == Kind::kReady && context.times != nullptr) {
        const int told = SendTimes(context);
        if (told != 0) return told;
    }
    const int sent = Tell(context.socket, kind, 0, 0, nullptr, 0);
    return sent != 0 ? sent : ReceiveAnswer(context, step, step.Num(1));
}

}  // namespace ocirun

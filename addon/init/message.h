// The records of the protocol (src/plan/protocol.ts).
#pragma once

#include <stdint.h>

#include "context.h"

namespace ocirun {

// The longest list of descriptors in one record (SCM_MAX_FD of the kernel).
constexpr uint32_t kMostDescriptors = 253;

struct Record {
    uint32_t kind;
    uint32_t a;
    int32_t b;
    uint32_t length;
    uint8_t detail[kRecordLimit];
};

constexpr uint32_t kRecordHeader = 16;

// Receive one record and the descriptors beside it. Returns how many descriptors came, or a
// negative errno; -ENOLINK for the end of the socket: the runtime has gone.
int Receive(int socket, Record* record, int* descriptors);

// Send a record by write(2): filters of system calls, which sendmsg(2) may be forbidden by, allow
// it. Returns 0 or an errno.
int Tell(int socket, Kind kind, uint32_t a, int32_t b, const void* detail, uint32_t length);

// Send a record with a descriptor beside it. Returns 0 or an errno.
int SendWith(int socket, Kind kind, uint32_t a, int descriptor);

// Write to a fifo whose reader may have gone, without SIGPIPE. Returns 0 or an errno.
int WriteQuietly(int fd, const void* data, uint32_t length);

// End at once if the runtime is dead.
void EndWithRuntime(const Context& context);

// Stage 1 and stage 2 share the socket: wait until stage 1 has ended, which is right after it has
// announced the pid.
void AwaitAnnouncement(Context& context);

// Tell the runtime the number of a listener of seccomp(2), and wait until it has taken that. What
// tells it is write(2) alone: nobody can answer yet for a call that the filter asks about.
int HandOverListener(Context& context, const Step& step, int listener);

// Receive the plan, map and check it, fill the slots; answer with its digest where that is asked
// for.
int ReceivePlan(Context& context);

// Tell whoever listens that the step with that index failed.
void ReportFailure(Context& context, uint32_t index, int error);

}  // namespace ocirun

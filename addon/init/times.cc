#include "times.h"

#include <errno.h>
#include <sys/mman.h>
#include <time.h>

#include "message.h"

namespace ocirun {

int ReserveTimes(Context& context) {
    const size_t length = (context.plan.steps + 1ul) * sizeof(uint64_t);
    void* room = mmap(nullptr, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (room == MAP_FAILED) return errno;
    context.times = static_cast<uint64_t*>(room);
    return 0;
}

// CLOCK_REALTIME is the same in every time namespace. Stage 2 has a copy of what stage 1 has noted.
void NoteTime(Context& context) {
    timespec now = {};
    clock_gettime(CLOCK_REALTIME, &now);
    context.times[context.timed++] =
        static_cast<uint64_t>(now.tv_sec) * 1000000000 + static_cast<uint64_t>(now.tv_nsec);
}

int SendTimes(const Context& context) {
    for (uint32_t first = 0; first < context.timed; first += kTimesPerRecord) {
        const uint32_t left = context.timed - first;
        const uint32_t count = left < kTimesPerRecord ? left : kTimesPerRecord;
        const int error = Tell(context.socket, Kind::kTimes, first, 0, context.times + first,
                               count * static_cast<uint32_t>(sizeof(uint64_t)));
        if (error != 0) return error;
    }
    return 0;
}

}  // namespace ocirun

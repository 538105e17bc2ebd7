#include "output.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace ocirun {

namespace {

constexpr uint32_t kChunk = 4096;

}  // namespace

void Output::Add(const char* text, uint32_t length) {
    if (length > kMost) {
        text += length - kMost;
        length = kMost;
        cut_ = true;
    }
    if (length_ + length > kMost) {
        const uint32_t lost = length_ + length - kMost;
        memmove(text_, text_ + lost, length_ - lost);
        length_ -= lost;
        cut_ = true;
    }
    memcpy(text_ + length_, text, length);
    length_ += length;
}

// Not amid a character of UTF-8.
uint32_t Output::Begin() const {
    uint32_t begin = 0;
    if (cut_)
        while (begin < 3 && begin < length_ && (text_[begin] & 0xc0) == 0x80) begin++;
    return begin;
}

bool Output::ReadFrom(int fd) {
    char chunk[kChunk];
    const ssize_t length = read(fd, chunk, sizeof chunk);
    if (length < 0) return errno == EINTR;
    Add(chunk, static_cast<uint32_t>(length));
    return length != 0;
}

void Output::Drain(int fd) {
    int left = 0;
    if (ioctl(fd, FIONREAD, &left) < 0) return;
    // Nobody but us reads from it, so what is there can be read without waiting.
    for (char chunk[kChunk]; left > 0;) {
        const ssize_t length = read(fd, chunk, sizeof chunk);
        if (length <= 0) return;
        Add(chunk, static_cast<uint32_t>(length));
        left -= static_cast<int>(length);
    }
}

}  // namespace ocirun

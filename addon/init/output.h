// What a program writes, as far as it is worth telling.
#pragma once

#include <stdint.h>

namespace ocirun {

// The end of a stream, which says most about a failure. Both streams of a program and some words
// fit into a detail, and into one write to a fifo.
class Output {
 public:
    // Take what is there, one read(2) of it. False at the end of the stream.
    bool ReadFrom(int fd);
    // Take what is there now, without waiting for more or for whoever still holds the other end.
    void Drain(int fd);
    const char* Text() const { return text_ + Begin(); }
    uint32_t Length() const { return length_ - Begin(); }

 private:
    static constexpr uint32_t kMost = 2000;

    void Add(const char* text, uint32_t length);
    uint32_t Begin() const;

    char text_[kMost];
    uint32_t length_ = 0;
    bool cut_ = false;
};

}  // namespace ocirun

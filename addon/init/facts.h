// What init knows of a failure, for whoever explains it (src/lifecycle/facts.ts). It is told behind
// what the step was about, and decides nothing.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <initializer_list>

#include "context.h"
#include "message.h"

namespace ocirun {

// Each fact is a NUL, a word, numbers in hexadecimal and, last, a text: "\0file 81a4 0 0 /bin/x".
class Facts {
 public:
    // A failure that was about `about`: facts follow it in the detail.
    Facts(Context& context, int error, const char* about) : context_(context) {
        Fail(context, error, about);
    }
    // The same of one that has been told already (Fail).
    explicit Facts(Context& context) : context_(context) {}
    // One that does not fit is left out, and the fact `cut` is there instead.
    void Add(const char* word, std::initializer_list<uint64_t> numbers) {
        Add(word, numbers, nullptr, 0);
    }
    void Add(const char* word, std::initializer_list<uint64_t> numbers, const char* text);
    void Add(const char* word, std::initializer_list<uint64_t> numbers, const char* text,
             size_t length);
    // Ask before each look at a path: false where nothing more can be told, or when there have been
    // too many, which is told as `cut`. The paths are the image's, and it may be hostile.
    bool MayLook();

 private:
    // What one write to a fifo takes at once, with the room for `cut`.
    static constexpr uint32_t kMost = PIPE_BUF - kRecordHeader - 4;
    // More than the elements of the longest path. One look at such a path takes 0.2 ms.
    static constexpr int kMostLooks = PATH_MAX;

    void Put(char letter);
    void Cut();

    Context& context_;
    uint32_t end_ = 0;
    int looks_ = 0;
    bool cut_ = false;
};

}  // namespace ocirun

#include "facts.h"

#include <string.h>

namespace ocirun {

void Facts::Put(char letter) {
    if (end_ < kMost) context_.detail[end_] = letter;
    end_++;
}

void Facts::Cut() {
    cut_ = true;
    if (context_.detail_length > kMost) return;
    memcpy(context_.detail + context_.detail_length, "\0cut", 4);
    context_.detail_length += 4;
}

void Facts::Add(const char* word, std::initializer_list<uint64_t> numbers, const char* text) {
    Add(word, numbers, text, strlen(text));
}

void Facts::Add(const char* word, std::initializer_list<uint64_t> numbers, const char* text,
                size_t length) {
    if (cut_) return;
    end_ = context_.detail_length;
    Put(0);
    while (*word != 0) Put(*word++);
    for (const uint64_t number : numbers) {
        Put(' ');
        int shift = 60;
        while (shift > 0 && number >> shift == 0) shift -= 4;
        for (; shift >= 0; shift -= 4) Put("0123456789abcdef"[number >> shift & 15]);
    }
    if (text != nullptr) Put(' ');
    for (size_t index = 0; index < length; index++) Put(text[index]);
    if (end_ <= kMost) {
        context_.detail_length = end_;
        return;
    }
    Cut();
}

bool Facts::MayLook() {
    if (!cut_ && ++looks_ > kMostLooks) Cut();
    return !cut_;
}

}  // namespace ocirun

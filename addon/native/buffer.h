// Bytes on their way between JavaScript and the kernel.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <vector>

namespace ocirun {

// Bytes that somebody else owns.
struct Bytes {
    const char* data;
    size_t size;
};

// Bytes of our own that are not cleared before they are read into, unlike a vector's.
class Buffer {
 public:
    explicit Buffer(size_t capacity) : data_(new char[capacity]), capacity_(capacity) {}
    explicit Buffer(Bytes bytes) : Buffer(bytes.size) { append(bytes); }

    char* data() { return data_.get(); }
    char* end() { return data_.get() + size_; }
    size_t size() const { return size_; }
    size_t room() const { return capacity_ - size_; }
    Bytes bytes() const { return {data_.get(), size_}; }
    void grewBy(size_t count) { size_ += count; }

    void append(Bytes bytes) {
        if (bytes.size > 0) memcpy(end(), bytes.data, bytes.size);
        size_ += bytes.size;
    }

    void dropFirst(size_t count) {
        size_ -= count;
        memmove(data(), data() + count, size_);
    }

    void enlarge(size_t capacity) {
        Buffer larger(std::max(capacity, size_));
        larger.append(bytes());
        *this = std::move(larger);
    }

 private:
    std::unique_ptr<char[]> data_;
    size_t capacity_;
    size_t size_ = 0;
};

// Valid UTF-8, to become a JavaScript string.
struct Text {
    Buffer buffer;
};

// To become a JavaScript array of numbers.
using Numbers = std::vector<double>;

}  // namespace ocirun

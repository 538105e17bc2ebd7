// A descriptor that is closed where its scope ends.
#pragma once

#include <unistd.h>

#include <cerrno>
#include <utility>

namespace ocirun {

class Descriptor {
 public:
    explicit Descriptor(int fd = -1) : fd_(fd) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    Descriptor(Descriptor&& other) noexcept : fd_(other.release()) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~Descriptor() { close(); }

    int get() const { return fd_; }
    int release() { return std::exchange(fd_, -1); }
    // Keeps errno.
    void close() {
        if (fd_ == -1) return;
        int before = errno;
        ::close(release());
        errno = before;
    }

 private:
    int fd_;
};

}  // namespace ocirun

// What every native function returns: a value, or the error number and the system call that gave
// it.
#pragma once

#include <cerrno>
#include <optional>
#include <utility>

namespace ocirun {

struct Failure {
    int number;
    const char* syscall;
};

// The failure of the system call that has just set errno.
inline Failure failed(const char* syscall) { return {errno, syscall}; }

template <class T>
class Result {
 public:
    Result(T value) : value_(std::move(value)) {}
    Result(Failure failure) : failure_(failure) {}

    explicit operator bool() const { return value_.has_value(); }
    T& operator*() { return *value_; }
    T* operator->() { return &*value_; }
    const Failure& failure() const { return failure_; }

 private:
    std::optional<T> value_;
    Failure failure_{};
};

template <>
class Result<void> {
 public:
    Result() = default;
    Result(Failure failure) : failure_(failure) {}

    explicit operator bool() const { return failure_.number == 0; }
    const Failure& failure() const { return failure_; }

 private:
    Failure failure_{};
};

// Repeat a system call that a signal interrupted.
template <class Call>
auto uninterrupted(Call call) {
    auto result = call();
    while (result == -1 && errno == EINTR) result = call();
    return result;
}

// The result of a call that gives a number, or -1 and errno.
inline Result<int> numberOr(const char* syscall, long result) {
    if (result < 0) return failed(syscall);
    return static_cast<int>(result);
}

// The result of a call that gives nothing, or -1 and errno.
inline Result<void> doneOr(const char* syscall, long result) {
    if (result < 0) return failed(syscall);
    return {};
}

}  // namespace ocirun

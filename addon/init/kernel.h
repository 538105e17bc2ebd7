// System calls as init wants them: a result, or a negative errno; close-on-exec everywhere.
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

// Missing in musl's headers; the same numbers on every architecture (they came after the tables
// were unified).
#ifndef SYS_open_tree
#define SYS_open_tree 428
#define SYS_move_mount 429
#define SYS_fsopen 430
#define SYS_fsconfig 431
#define SYS_fsmount 432
#define SYS_fspick 433
#endif
#ifndef SYS_clone3
#define SYS_clone3 435
#define SYS_close_range 436
#define SYS_openat2 437
#endif
#ifndef SYS_faccessat2
#define SYS_faccessat2 439
#endif
#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif

namespace ocirun {

template <typename... Args>
inline long Kernel(long number, Args... args) {
    const long result = syscall(number, args...);
    return result < 0 ? -errno : result;
}

// A descriptor that is closed at the end of its scope.
class Fd {
 public:
    explicit Fd(long value = -1) : value_(static_cast<int>(value)) {}
    ~Fd() { Reset(-1); }
    Fd(const Fd&) = delete;
    Fd& operator=(const Fd&) = delete;
    int Get() const { return value_; }
    bool Failed() const { return value_ < 0; }
    // The errno behind a negative value.
    int Error() const { return -value_; }
    void Reset(long value) {
        if (value_ >= 0) close(value_);
        value_ = static_cast<int>(value);
    }
    int Release() {
        const int value = value_;
        value_ = -1;
        return value;
    }

 private:
    int value_;
};

}  // namespace ocirun

#include "contents.h"

#include <poll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "text.h"

namespace ocirun {

namespace {

// Enough for what the kernel makes as it is read (its size is given as 0): one page each time.
constexpr size_t kUnknownSize = 4096;

struct Source {
    bool regular;
    size_t size;
};

Source describe(int fd) {
    struct stat found;
    if (fstat(fd, &found) == -1 || !S_ISREG(found.st_mode) || found.st_size <= 0) return {false, 0};
    return {true, static_cast<size_t>(found.st_size)};
}

// Read up to `limit` bytes. One byte of room beyond the file's size shows its end to the same
// read(2): a regular file with a size gives less than was asked for only at its end.
Result<Buffer> readUpTo(int fd, size_t limit) {
    Source source = describe(fd);
    Buffer content(std::min(limit, source.regular ? source.size + 1 : kUnknownSize));
    while (content.size() < limit) {
        if (content.room() == 0) content.enlarge(std::min(limit, content.size() * 4));
        size_t room = content.room();
        ssize_t count = uninterrupted([&] { return ::read(fd, content.end(), room); });
        // A non-blocking pipe has no more for now: what was there is the answer.
        if (count == -1 && errno == EAGAIN && content.size() > 0) break;
        if (count == -1) return failed("read");
        content.grewBy(static_cast<size_t>(count));
        if (count == 0 || (source.regular && static_cast<size_t>(count) < room)) break;
    }
    return content;
}

Result<void> waitWritable(int fd) {
    pollfd waiting{fd, POLLOUT, 0};
    return doneOr("poll", uninterrupted([&] { return ::poll(&waiting, 1, -1); }));
}

struct DirectoryRecord {
    uint64_t inode;
    int64_t offset;
    uint16_t length;
    unsigned char type;
    char name[];
};

bool isDots(const char* name) {
    return name[0] == '.' && (name[1] == '\0' || (name[1] == '.' && name[2] == '\0'));
}

}  // namespace

Result<Text> readText(int fd, uint32_t limit) {
    Result<Buffer> content = readUpTo(fd, size_t{limit} + 1);
    if (!content) return content.failure();
    if (content->size() > limit) return Failure{EFBIG, "read"};
    return asText(std::move(*content), "read");
}

Result<Buffer> readBytes(int fd, uint32_t limit) { return readUpTo(fd, limit); }

Result<void> write(int fd, Bytes data) {
    while (data.size > 0) {
        ssize_t count = uninterrupted([&] { return ::write(fd, data.data, data.size); });
        if (count == -1) {
            // Standard output may be somebody else's non-blocking pipe.
            if (errno != EAGAIN) return failed("write");
            if (Result<void> ready = waitWritable(fd); !ready) return ready;
            continue;
        }
        data.data += count;
        data.size -= static_cast<size_t>(count);
    }
    return {};
}

Result<std::vector<Text>> listDirectory(int fd) {
    if (lseek(fd, 0, SEEK_SET) == -1) return failed("lseek");
    std::vector<Text> names;
    alignas(DirectoryRecord) char records[16384];
    for (;;) {
        long count = syscall(SYS_getdents64, fd, records, sizeof records);
        if (count == -1) return failed("getdents64");
        if (count == 0) return names;
        for (long at = 0; at < count;) {
            auto* record = reinterpret_cast<DirectoryRecord*>(records + at);
            at += record->length;
            if (isDots(record->name)) continue;
            Result<Text> name =
                asText(Buffer(Bytes{record->name, strlen(record->name)}), "getdents64");
            if (!name) return name.failure();
            names.push_back(std::move(*name));
        }
    }
}

}  // namespace ocirun

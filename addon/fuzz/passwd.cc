// The reader of /etc/passwd (findHome of src/plan/steps.ts): a file of any content, given in pieces
// of any size, against the same rule written plainly.
//
// Input: uid as four bytes, one byte that says how much a read gives, the file.
#include <sys/mman.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

// Its context is its own; this is how we come by it.
#define main initMain
#include "init/main.cc"
#undef main

namespace {

constexpr uint32_t kSlot = 3;

// At most as much as this is read at once; 0 for no limit.
size_t piece = 0;

// The step `findHome` with the uid.
struct HomeStep {
    alignas(8) uint8_t nums[8] = {};
    uint32_t slots[1] = {kSlot};
    uint32_t lengths[1] = {0};
    ocirun::Step step = {ocirun::Op::kFindHome, 1, 1, 0, nums, slots, lengths, ""};
};

int makeRoot(int* passwd) {
    char path[] = "/tmp/ocirun-fuzz-XXXXXX";
    if (!mkdtemp(path)) abort();
    const std::string root = path;
    if (mkdir((root + "/etc").c_str(), 0755) < 0) abort();
    *passwd = open((root + "/etc/passwd").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    const int directory = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (*passwd < 0 || directory < 0) abort();
    static std::string made;
    made = root;
    atexit([] {
        unlink((made + "/etc/passwd").c_str());
        rmdir((made + "/etc").c_str());
        rmdir(made.c_str());
    });
    return directory;
}

std::vector<std::string> fieldsOf(const std::string& line) {
    std::vector<std::string> fields(1);
    for (const char each : line)
        if (each == ':' && fields.size() < 7)
            fields.emplace_back();
        else
            fields.back() += each;
    return fields;
}

bool isUid(const std::string& digits, uint32_t uid) {
    if (digits.empty()) return false;
    uint64_t value = 0;
    for (const char each : digits) {
        if (each < '0' || each > '9') return false;
        value = 10 * value + static_cast<uint64_t>(each - '0');
        if (value > UINT32_MAX) return false;
    }
    return value == uid;
}

// What findHome is to find: the sixth field of the first line with that uid and a directory.
std::string expected(const std::string& file, uint32_t uid) {
    constexpr size_t kLongestLine = 16384 - 1;
    for (size_t at = 0; at < file.size();) {
        const size_t newline = std::min(file.find('\n', at), file.size());
        const std::string line = file.substr(at, newline - at);
        at = newline + 1;
        const std::vector<std::string> fields = fieldsOf(line);
        if (line.size() >= kLongestLine || fields.size() < 6 || !isUid(fields[2], uid)) continue;
        const std::string& home = fields[5];
        if (home.empty() || home.size() >= PATH_MAX) continue;
        // The environment ends at a NUL.
        return "HOME=" + std::string(home.c_str());
    }
    return "HOME=/";
}

}  // namespace

extern "C" ssize_t __real_read(int fd, void* buffer, size_t size);
extern "C" ssize_t __wrap_read(int fd, void* buffer, size_t size);

extern "C" ssize_t __wrap_read(int fd, void* buffer, size_t size) {
    return __real_read(fd, buffer, piece != 0 && piece < size ? piece : size);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    static int passwd = -1;
    static const int root = makeRoot(&passwd);
    if (size < 5) return 0;
    auto& context = ocirun::g_context;
    memset(context.home, 0x5a, sizeof context.home);
    context.slots.Put(kSlot, root);
    context.proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
    HomeStep made;
    memcpy(made.nums, data, 4);
    // The sizes about that of the buffer are the interesting ones.
    piece = data[4] < 128 ? data[4] : 16383 - 64 + (data[4] - 128);
    uint32_t uid;
    memcpy(&uid, data, sizeof uid);
    const std::string file(reinterpret_cast<const char*>(data + 5), size - 5);
    if (ftruncate(passwd, 0) < 0 || pwrite(passwd, file.data(), file.size(), 0) < 0) abort();
    if (ocirun::FindHome(context, made.step) != 0) abort();
    close(context.proc);
    const std::string wanted = expected(file, uid);
    if (wanted != context.home) {
        fprintf(stderr, "wrong home: %s, not %s\n", context.home, wanted.c_str());
        abort();
    }
    return 0;
}

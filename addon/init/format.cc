#include "format.h"

#include <elf.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "kernel.h"

// Where the linker has put the header of this program.
extern "C" const Elf64_Ehdr __ehdr_start __attribute__((visibility("hidden")));

namespace ocirun {

namespace {

// BINPRM_BUF_SIZE: all that the kernel reads to recognize a format.
constexpr size_t kBeginning = 256;

// No program has more headers; a damaged file may claim them.
constexpr uint64_t kMostHeaders = 256;

constexpr unsigned char kOwnOrder =
    __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB : ELFDATA2MSB;

bool IsBlank(char letter) { return letter == ' ' || letter == '\t'; }

// As load_script() of the kernel does (fs/binfmt_script.c): the interpreter ends at a blank; a
// carriage return is none.
Next TellScript(Facts& facts, const char* begin, size_t length, char (&next)[PATH_MAX]) {
    size_t end = 2;
    while (end < length && begin[end] != '\n' && begin[end] != 0) end++;
    facts.Add("line", {end < kBeginning ? 1u : 0u}, begin, end);
    size_t at = 2;
    while (at < end && IsBlank(begin[at])) at++;
    size_t last = at;
    while (last < end && !IsBlank(begin[last])) last++;
    if (last == at) return Next::kNothing;
    memcpy(next, begin + at, last - at);
    next[last - at] = 0;
    return Next::kInterpreter;
}

// The path in a header of the type PT_INTERP.
template <typename File, typename Header>
Next FindLoader(int fd, const char* begin, char (&next)[PATH_MAX]) {
    File file;
    memcpy(&file, begin, sizeof file);
    if (file.e_phentsize != sizeof(Header)) return Next::kNothing;
    for (uint64_t index = 0; index < file.e_phnum && index < kMostHeaders; index++) {
        Header header = {};
        const auto at = static_cast<off_t>(file.e_phoff + index * sizeof header);
        if (pread(fd, &header, sizeof header, at) != sizeof header) return Next::kNothing;
        if (header.p_type != PT_INTERP) continue;
        if (header.p_filesz < 2 || header.p_filesz > sizeof next) return Next::kNothing;
        const auto length = static_cast<ssize_t>(header.p_filesz);
        if (pread(fd, next, static_cast<size_t>(length), static_cast<off_t>(header.p_offset)) !=
            length)
            return Next::kNothing;
        return next[length - 1] == 0 ? Next::kLoader : Next::kNothing;
    }
    return Next::kNothing;
}

Next TellElf(Facts& facts, int fd, const char* begin, char (&next)[PATH_MAX]) {
    // These fields are the same for both classes.
    Elf64_Ehdr file;
    memcpy(&file, begin, sizeof file);
    const unsigned char order = file.e_ident[EI_DATA];
    const bool own = order == kOwnOrder;
    facts.Add("elf",
              {file.e_ident[EI_CLASS], order, own ? file.e_type : __builtin_bswap16(file.e_type),
               own ? file.e_machine : __builtin_bswap16(file.e_machine)});
    if (!own) return Next::kNothing;
    if (file.e_ident[EI_CLASS] == ELFCLASS64)
        return FindLoader<Elf64_Ehdr, Elf64_Phdr>(fd, begin, next);
    return FindLoader<Elf32_Ehdr, Elf32_Phdr>(fd, begin, next);
}

// Whatever the file has become since it was looked at, nobody waits for it.
long OpenForReading(const char* path) {
    return Kernel(SYS_openat, AT_FDCWD, path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

}  // namespace

Next TellFormat(Facts& facts, const char* path, char (&next)[PATH_MAX]) {
    const Fd fd(OpenForReading(path));
    struct stat status = {};
    char begin[kBeginning] = {};
    const ssize_t length = fd.Failed() ? fd.Get() : pread(fd.Get(), begin, sizeof begin, 0);
    if (length < 0) {
        facts.Add("read", {static_cast<uint64_t>(fd.Failed() ? fd.Error() : errno)});
        return Next::kNothing;
    }
    uint64_t first;
    memcpy(&first, begin, sizeof first);
    const bool size_known = fstat(fd.Get(), &status) == 0;
    facts.Add("begins", {static_cast<uint64_t>(size_known ? status.st_size : length),
                         kOwnOrder == ELFDATA2LSB ? __builtin_bswap64(first) : first});
    if (length >= 2 && memcmp(begin, "#!", 2) == 0)
        return TellScript(facts, begin, static_cast<size_t>(length), next);
    if (memcmp(begin, ELFMAG, SELFMAG) == 0) return TellElf(facts, fd.Get(), begin, next);
    return Next::kNothing;
}

uint32_t OwnMachine() { return __ehdr_start.e_machine; }

}  // namespace ocirun

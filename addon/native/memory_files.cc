#include "memory_files.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstddef>

#include "contents.h"

// The linked-in bytes of addon/init.
extern "C" const unsigned char ocirun_init_image[];
extern "C" const size_t ocirun_init_image_size;

namespace ocirun {

Result<int> memoryFile(const char* name, uint32_t flags) {
    return numberOr("memfd_create", syscall(SYS_memfd_create, name, flags | MFD_CLOEXEC));
}

Result<void> addSeals(int fd, int seals) { return doneOr("fcntl", fcntl(fd, F_ADD_SEALS, seals)); }

Result<void> writeInitImage(int fd) {
    return write(fd, {reinterpret_cast<const char*>(ocirun_init_image), ocirun_init_image_size});
}

}  // namespace ocirun

// What a file says of itself to the kernel that is to execute it.
#pragma once

#include "facts.h"

namespace ocirun {

enum class Next { kNothing, kInterpreter, kLoader };

// Tell of the regular file at `path`:
//   read ERRNO                            it cannot be read; that is not needed to execute it
//   begins LENGTH BYTES                   how long it is, and its first 8 bytes
//   line WHOLE TEXT                       a script's first line, as far as the kernel reads it
//   elf CLASS ORDER TYPE MACHINE          the header of an ELF file
// Where it names another program for the kernel to execute in its place, `next` becomes its path.
Next TellFormat(Facts& facts, const char* path, char (&next)[PATH_MAX]);

// The machine that init itself is made for (EM_*).
uint32_t OwnMachine();

}  // namespace ocirun

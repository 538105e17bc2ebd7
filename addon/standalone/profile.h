// Which blocks of the heap image does a command write to? For the seed alone (image.h).
#pragma once

namespace ocirun {

// Run `command` in a child process and mark, in `allocations` (arena.h), what it writes to between
// `begin` and `end`.
void profile(unsigned char* begin, unsigned char* end, void (*command)(const char*),
             const char* argument);

}  // namespace ocirun

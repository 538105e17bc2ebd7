// UTF-8 at the border: what is not text is refused, never replaced by U+FFFD.
#pragma once

#include <vector>

#include "buffer.h"
#include "result.h"

namespace ocirun {

// Whether the bytes are UTF-8 (RFC 3629: no surrogates, no overlong forms, nothing above U+10FFFF).
bool isUtf8(Bytes bytes);

// The bytes as text; EILSEQ, blamed on `syscall`, where they are not UTF-8.
Result<Text> asText(Buffer bytes, const char* syscall);

// Name and words of an error number, in English whatever the locale.
Result<std::vector<Text>> describeErrno(int number);

}  // namespace ocirun

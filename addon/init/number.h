// Decimal numbers without stdio: printf(3) would be a third of this program, which is copied for
// each container.
#pragma once

#include <stdint.h>

namespace ocirun {

// Read digits at `text`, at least one and no number of 32 bits' overflow; points `end` behind them.
// False otherwise.
inline bool ParseDecimal(const char* text, const char** end, uint32_t* value) {
    uint64_t sum = 0;
    const char* at = text;
    for (; *at >= '0' && *at <= '9' && sum <= UINT32_MAX; at++) sum = sum * 10 + (*at - '0');
    *end = at;
    *value = static_cast<uint32_t>(sum);
    return at != text && sum <= UINT32_MAX;
}

// Write `value` and a NUL at `to`, which has room for 11 characters.
inline void FormatDecimal(uint32_t value, char* to) {
    uint32_t divisor = 1;
    while (value / divisor >= 10) divisor *= 10;
    for (; divisor != 0; divisor /= 10) *to++ = static_cast<char>('0' + value / divisor % 10);
    *to = 0;
}

}  // namespace ocirun

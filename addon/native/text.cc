#include "text.h"

#include <cstdint>
#include <cstring>

namespace ocirun {

namespace {

using Byte = unsigned char;

// Skip bytes below 0x80, eight at a time: configuration and /proc are ASCII nearly everywhere.
const Byte* skipAscii(const Byte* at, const Byte* end) {
    while (end - at >= 8) {
        uint64_t eight;
        memcpy(&eight, at, sizeof eight);
        if ((eight & 0x8080808080808080u) != 0) break;
        at += 8;
    }
    while (at < end && *at < 0x80) at++;
    return at;
}

// The allowed range of the second byte decides about overlong forms, surrogates and the upper end
// (table 3-7 of the Unicode standard).
struct Lead {
    Byte first, last;
    int following;
    Byte low, high;
};

constexpr Lead kLeads[] = {
    {0xC2, 0xDF, 1, 0x80, 0xBF}, {0xE0, 0xE0, 2, 0xA0, 0xBF}, {0xE1, 0xEC, 2, 0x80, 0xBF},
    {0xED, 0xED, 2, 0x80, 0x9F}, {0xEE, 0xEF, 2, 0x80, 0xBF}, {0xF0, 0xF0, 3, 0x90, 0xBF},
    {0xF1, 0xF3, 3, 0x80, 0xBF}, {0xF4, 0xF4, 3, 0x80, 0x8F},
};

const Lead* findLead(Byte byte) {
    for (const Lead& lead : kLeads) {
        if (byte >= lead.first && byte <= lead.last) return &lead;
    }
    return nullptr;
}

// The length of the sequence that starts here, 0 where it is wrong.
int sequenceLength(const Byte* at, const Byte* end) {
    const Lead* lead = findLead(*at);
    if (lead == nullptr || end - at <= lead->following) return 0;
    if (at[1] < lead->low || at[1] > lead->high) return 0;
    for (int i = 2; i <= lead->following; i++) {
        if ((at[i] & 0xC0) != 0x80) return 0;
    }
    return lead->following + 1;
}

}  // namespace

bool isUtf8(Bytes bytes) {
    const Byte* at = reinterpret_cast<const Byte*>(bytes.data);
    const Byte* end = at + bytes.size;
    while ((at = skipAscii(at, end)) < end) {
        int length = sequenceLength(at, end);
        if (length == 0) return false;
        at += length;
    }
    return true;
}

Result<Text> asText(Buffer bytes, const char* syscall) {
    if (!isUtf8(bytes.bytes())) return Failure{EILSEQ, syscall};
    return Text{std::move(bytes)};
}

Result<std::vector<Text>> describeErrno(int number) {
    std::vector<Text> texts;
    for (const char* text : {strerrorname_np(number), strerrordesc_np(number)}) {
        const char* known = text != nullptr ? text : "unknown error";
        texts.push_back({Buffer(Bytes{known, strlen(known)})});
    }
    return texts;
}

}  // namespace ocirun

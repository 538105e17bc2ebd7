#include "document.h"

#include <cstdint>
#include <iterator>
#include <random>
#include <string_view>
#include <vector>

namespace ocirun {

namespace {

using Chance = std::minstd_rand;

size_t below(Chance& chance, size_t limit) { return limit == 0 ? 0 : chance() % limit; }

// A value and where it stands; `member` is where its key begins, or the value itself in a list.
struct Part {
    size_t begin;
    size_t end;
    size_t member;
    std::string_view key;
};

// The values of a text, as far as it is JSON.
class Reader {
 public:
    explicit Reader(std::string_view text) : text_(text) { value(0, {}, 0); }
    std::vector<Part> parts;

 private:
    static constexpr int kDepth = 200;

    char at() const { return at_ < text_.size() ? text_[at_] : 0; }

    void space() {
        while (at() == ' ' || at() == '\n' || at() == '\t' || at() == '\r') at_++;
    }

    bool string() {
        if (at() != '"') return false;
        for (at_++; at_ < text_.size() && at() != '"'; at_++)
            if (at() == '\\') at_++;
        if (at_ >= text_.size()) return false;
        at_++;
        return true;
    }

    bool value(size_t member, std::string_view key, int depth) {
        space();
        const size_t begin = at_;
        const bool done = depth < kDepth && (at() == '"'   ? string()
                                             : at() == '{' ? list('}', depth)
                                             : at() == '[' ? list(']', depth)
                                                           : word());
        if (done) parts.push_back({begin, at_, key.empty() ? begin : member, key});
        return done;
    }

    bool word() {
        const size_t begin = at_;
        while (at() != 0 && std::string_view(",]} \n\t\r").find(at()) == std::string_view::npos)
            at_++;
        return at_ > begin;
    }

    bool list(char end, int depth) {
        at_++;
        for (space(); at() != end; space()) {
            const size_t member = at_;
            std::string_view key;
            if (end == '}') {
                if (!string()) return false;
                key = text_.substr(member, at_ - member);
                space();
                if (at() != ':') return false;
                at_++;
            }
            if (!value(member, key, depth + 1)) return false;
            space();
            if (at() == ',')
                at_++;
            else if (at() != end)
                return false;
        }
        at_++;
        return true;
    }

    std::string_view text_;
    size_t at_ = 0;
};

std::vector<std::string> values;
std::vector<std::string> members;

std::string number(Chance& chance) {
    static const char* const kNumbers[] = {"0",
                                           "-1",
                                           "1",
                                           "-0",
                                           "1.0",
                                           "1e3",
                                           "0.5",
                                           "1e400",
                                           "2147483647",
                                           "2147483648",
                                           "4294967295",
                                           "4294967296",
                                           "4294967294",
                                           "9007199254740991",
                                           "9007199254740993",
                                           "9223372036854775807",
                                           "9223372036854775808",
                                           "-9223372036854775808",
                                           "-9223372036854775809",
                                           "18446744073709551615",
                                           "18446744073709551616",
                                           "1844674407370955161500000",
                                           "00",
                                           "1.",
                                           "-",
                                           "9223372036854771712",
                                           "65536",
                                           "1000001"};
    if (below(chance, 4) == 0) return std::to_string(static_cast<int64_t>(chance()) - (1 << 20));
    return kNumbers[below(chance, std::size(kNumbers))];
}

std::string odd(Chance& chance) {
    static const char* const kOdd[] = {"null",
                                       "true",
                                       "false",
                                       "[]",
                                       "{}",
                                       "\"\"",
                                       "[[[[[[[[]]]]]]]]",
                                       "\"\\u0000\"",
                                       "\"\\ud800\"",
                                       "\"\\udc00\\ud800\"",
                                       "\"\xf0\x9f\x98\x80\"",
                                       "\"\xc3\"",
                                       "\"\xed\xa0\x80\"",
                                       "\"..\"",
                                       "\"/\"",
                                       "\"/..\"",
                                       "\"//a/./b/\"",
                                       "\"a\\nb\"",
                                       "\"__proto__\"",
                                       "\"constructor\"",
                                       "{\"__proto__\": {}}",
                                       "{\"length\": 5}",
                                       "\"=\"",
                                       "\"a=\"",
                                       "\"=b\"",
                                       "\"\\/\"",
                                       "[null]",
                                       "{\"\": 0}",
                                       "[0, [0], {\"a\": 0}]",
                                       "\"\\u00e9\\ud83d\\ude00\""};
    if (below(chance, 40) == 0) return std::string(below(chance, 3000), '[');
    return kOdd[below(chance, std::size(kOdd))];
}

template <typename T>
const T& oneOf(Chance& chance, const std::vector<T>& list) {
    return list[below(chance, list.size())];
}

std::string someValue(Chance& chance, const std::string& text, const std::vector<Part>& parts) {
    switch (below(chance, 5)) {
        case 0:
            return number(chance);
        case 1:
            return odd(chance);
        case 2: {
            const Part& other = oneOf(chance, parts);
            return text.substr(other.begin, other.end - other.begin);
        }
        default:
            return values.empty() ? "0" : oneOf(chance, values);
    }
}

std::string replaced(const std::string& text, size_t begin, size_t end, std::string_view by) {
    return text.substr(0, begin).append(by).append(text, end);
}

// Without the part, and without the comma that goes with it.
std::string without(const std::string& text, const Part& part) {
    size_t end = part.end;
    while (end < text.size() && (text[end] == ' ' || text[end] == '\n')) end++;
    if (end < text.size() && text[end] == ',') return replaced(text, part.member, end + 1, "");
    size_t begin = part.member;
    while (begin > 0 && (text[begin - 1] == ' ' || text[begin - 1] == '\n')) begin--;
    if (begin > 0 && text[begin - 1] == ',') begin--;
    return replaced(text, begin, part.end, "");
}

std::string twice(const std::string& text, const Part& part) {
    return replaced(text, part.end, part.end,
                    "," + text.substr(part.member, part.end - part.member));
}

// One more member or element at the beginning of an object or a list.
std::string withMore(const std::string& text, const Part& part, Chance& chance,
                     const std::string& value) {
    const bool is_object = text[part.begin] == '{';
    if (!is_object && text[part.begin] != '[') return replaced(text, part.begin, part.end, value);
    const bool is_empty = part.end - part.begin == 2;
    const std::string more = is_object && !members.empty() ? oneOf(chance, members)
                             : is_object                   ? "\"a\":" + value
                                                           : value;
    return replaced(text, part.begin + 1, part.begin + 1, is_empty ? more : more + ",");
}

std::string renamed(const std::string& text, const Part& part, Chance& chance) {
    if (part.key.empty() || members.empty()) return {};
    const std::string& member = oneOf(chance, members);
    const std::string name = below(chance, 4) == 0
                                 ? "\"" + std::string(part.key.substr(1, part.key.size() - 1))
                                 : member.substr(0, member.find('"', 1) + 1);
    return replaced(text, part.member, part.member + part.key.size(), name);
}

std::string inString(const std::string& text, const Part& part, Chance& chance) {
    if (text[part.begin] != '"') return {};
    static const char* const kPieces[] = {
        "/",   "..", "/../", ":", "=", ",", "\\u0000",  "\\ud834", "\xff", "\\\"", " ",
        "\\n", "*",  "%",    "a", "0", "-", "\xc3\xa9", "\\uDFFF", "rw",   "no"};
    const size_t at = part.begin + 1 + below(chance, part.end - part.begin - 1);
    const size_t end = below(chance, 3) == 0 && at + 2 < part.end ? at + 1 : at;
    return replaced(text, at, end, kPieces[below(chance, std::size(kPieces))]);
}

std::string changed(const std::string& text, Chance& chance) {
    const Reader reader(text);
    if (reader.parts.empty()) return {};
    const Part& part = oneOf(chance, reader.parts);
    switch (below(chance, 9)) {
        case 0:
            return without(text, part);
        case 1:
            return twice(text, part);
        case 2:
        case 3:
            return withMore(text, part, chance, someValue(chance, text, reader.parts));
        case 4:
            return renamed(text, part, chance);
        case 5:
            return inString(text, part, chance);
        default:
            return replaced(text, part.begin, part.end, someValue(chance, text, reader.parts));
    }
}

}  // namespace

void learnWords(const std::string& lines) {
    for (size_t at = 0; at < lines.size();) {
        const size_t end = lines.find('\n', at);
        const std::string line = lines.substr(at, end - at);
        const size_t quote = line.find('"', 1);
        const bool is_member =
            line[0] == '"' && quote != std::string::npos && line[quote + 1] == ':';
        (is_member ? members : values).push_back(line);
        at = end == std::string::npos ? lines.size() : end + 1;
    }
}

std::string mutateDocument(const std::string& text, unsigned seed) {
    Chance chance(seed);
    // Some are changed as the bytes that they are.
    if (below(chance, 12) == 0) return {};
    std::string result = text;
    for (size_t count = 1 + below(chance, 3); count > 0; count--) {
        std::string next = changed(result, chance);
        if (!next.empty()) result = std::move(next);
    }
    return result;
}

std::string crossDocuments(const std::string& one, const std::string& other, unsigned seed) {
    Chance chance(seed);
    const Reader to(one);
    const Reader from(other);
    if (to.parts.empty() || from.parts.empty()) return one;
    const Part& giver = oneOf(chance, from.parts);
    // A part of the same name, if there is one.
    std::vector<Part> same;
    for (const Part& part : to.parts)
        if (part.key == giver.key) same.push_back(part);
    const Part& taker = oneOf(chance, same.empty() ? to.parts : same);
    return replaced(one, taker.begin, taker.end,
                    other.substr(giver.begin, giver.end - giver.begin));
}

}  // namespace ocirun

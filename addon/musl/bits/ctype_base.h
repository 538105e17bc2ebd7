// In place of libstdc++'s header of that name, which names parts of glibc. It comes with <memory>;
// nobody uses it.
#pragma once

namespace std {

struct ctype_base {
    typedef const int* __to_type;
    typedef unsigned short mask;
    static constexpr mask upper = 1 << 0;
    static constexpr mask lower = 1 << 1;
    static constexpr mask alpha = 1 << 2;
    static constexpr mask digit = 1 << 3;
    static constexpr mask xdigit = 1 << 4;
    static constexpr mask space = 1 << 5;
    static constexpr mask print = 1 << 6;
    static constexpr mask graph = 1 << 7;
    static constexpr mask cntrl = 1 << 8;
    static constexpr mask punct = 1 << 9;
    static constexpr mask alnum = 1 << 10;
    static constexpr mask blank = 1 << 11;
};

}  // namespace std

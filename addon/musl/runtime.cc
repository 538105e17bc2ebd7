// The few functions that our C++ needs of a library, where it is linked against musl: memory, and
// the ends of errors that cannot happen without exceptions.
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <new>

namespace {

[[noreturn]] void endWith(const char* words) {
    constexpr char kPrefix[] = "ocirun: internal error: ";
    bool told = write(STDERR_FILENO, kPrefix, sizeof kPrefix - 1) > 0 &&
                write(STDERR_FILENO, words, strlen(words)) > 0 && write(STDERR_FILENO, "\n", 1) > 0;
    _exit(told ? 1 : 2);
}

}  // namespace

void* operator new(size_t size) {
    void* memory = malloc(size > 0 ? size : 1);
    if (!memory) endWith("out of memory");
    return memory;
}
void* operator new[](size_t size) { return operator new(size); }
void operator delete(void* memory) noexcept { free(memory); }
void operator delete(void* memory, size_t) noexcept { free(memory); }
void operator delete[](void* memory) noexcept { free(memory); }
void operator delete[](void* memory, size_t) noexcept { free(memory); }

// Declared by libstdc++'s <bits/functexcept.h>.
namespace std {

[[noreturn]] void __throw_bad_alloc() { endWith("out of memory"); }
[[noreturn]] void __throw_bad_array_new_length() { endWith("bad array length"); }
[[noreturn]] void __throw_length_error(const char* words) { endWith(words); }
[[noreturn]] void __throw_logic_error(const char* words) { endWith(words); }
[[noreturn]] void __throw_out_of_range_fmt(const char* words, ...) { endWith(words); }
[[noreturn]] void __throw_bad_optional_access() { endWith("bad optional access"); }
[[noreturn]] void __throw_bad_function_call() { endWith("bad function call"); }

}  // namespace std

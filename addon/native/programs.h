// Running a program to its end.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "buffer.h"
#include "result.h"

namespace ocirun {

// A list of strings as execve(2) takes it.
class Strings {
 public:
    void add(Bytes text) {
        char* copy = texts_.emplace_back(new char[text.size + 1]).get();
        memcpy(copy, text.data, text.size);
        copy[text.size] = '\0';
        pointers_.back() = copy;
        pointers_.push_back(nullptr);
    }
    char* const* pointers() const { return pointers_.data(); }

 private:
    std::vector<std::unique_ptr<char[]>> texts_;
    std::vector<char*> pointers_{nullptr};
};

struct Program {
    const char* path;
    // What it starts in; empty: our working directory.
    const char* directory;
    const Strings& arguments;
    const Strings& environment;
    // What it reads.
    Bytes input;
    // How much of each output is kept: its end.
    size_t limit;
};

// How a program has ended: si_code and si_status of waitid(2).
struct ProgramEnd {
    int code;
    int status;
    Buffer output;
    Buffer errors;
};

// A pidfd of it, which stays ours.
Result<int> startProgram(const Program& program);

// Take what it writes until it ends, but no longer than `timeout` milliseconds (-1: no limit):
// nothing, then. Once it has ended, the pidfd is closed.
Result<std::optional<ProgramEnd>> awaitProgram(int pidfd, int timeout);

}  // namespace ocirun

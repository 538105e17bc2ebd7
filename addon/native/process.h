// This process: who it is and what it may do.
#pragma once

#include <cstdint>
#include <optional>

#include "buffer.h"
#include "result.h"

namespace ocirun {

[[noreturn]] void exitNow(int status);
Result<Numbers> clockTime(int clock);
// The value of a variable of the environment.
Result<std::optional<Text>> environmentValue(const char* name);
int processId();
Numbers userAndGroupIds();
Result<Text> workingDirectory();
Result<Text> kernelRelease();
Result<Numbers> capabilities();
Result<void> setSubreaper(bool on);
Result<void> setDumpable(bool on);
int setUmask(uint32_t mask);

}  // namespace ocirun

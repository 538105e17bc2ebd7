// Files and directories by descriptor and name.
#pragma once

#include <cstdint>

#include "buffer.h"
#include "result.h"

namespace ocirun {

Result<int> open(const char* path, int flags, uint32_t mode);
Result<int> openAt(int dir, const char* path, int flags, uint32_t mode);
Result<int> openAt2(int dir, const char* path, uint64_t flags, uint32_t mode, uint64_t resolve);
Result<void> close(int fd);
Result<void> makeDirectory(int dir, const char* path, uint32_t mode);
Result<void> makeNode(int dir, const char* path, uint32_t mode, uint32_t major, uint32_t minor);
Result<bool> isInherited(int fd);
Result<bool> exists(int dir, const char* path);
Result<void> makeLink(const char* content, int dir, const char* path);
Result<void> unlink(int dir, const char* path, int flags);
Result<void> rename(int oldDir, const char* oldPath, int newDir, const char* newPath);
Result<Text> readLink(int dir, const char* path);
Result<Numbers> status(int dir, const char* path, int flags);
Result<double> filesystemType(int fd);
Result<void> changeOwner(int dir, const char* path, uint32_t uid, uint32_t gid, int flags);
Result<void> lock(int fd, int operation);
Result<void> closeOnExec(int fd, bool on);

}  // namespace ocirun

// SHA-256 (FIPS 180-4).
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace ocirun {

constexpr size_t kSha256Length = 32;

void Sha256(const uint8_t* data, size_t length, uint8_t digest[kSha256Length]);

}  // namespace ocirun

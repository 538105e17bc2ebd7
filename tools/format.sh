#!/bin/sh
# Lays out all sources: TypeScript and JavaScript by prettier, C and C++ by clang-format.
set -eu

root="$(cd "$(dirname "$0")/.." && pwd)"
cd "$root"
. tools/lint/tools.sh
clang_format="$(llvm_tool clang-format)"
prettier --write --log-level warn .
cpp_sources | xargs -r "$clang_format" -i

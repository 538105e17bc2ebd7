# Sourced by tools/lint.sh and tools/format.sh, which have set root.
# shellcheck shell=sh disable=SC2034,SC2154

# Debian 12's version first: another one may lay out the same code differently.
llvm_tool() { # name
    for tool in "$1-14" "$1"; do
        command -v "$tool" && return
    done
    echo "$1 is missing: apt-get install $1-14" >&2
    exit 1
}

cpp_sources() {
    find "$root/addon" "$root/bench" "$root/conformance" \( -name '*.cc' -o -name '*.h' -o -name '*.c' \) -type f | sort
}

PATH="$root/node_modules/.bin:$PATH"
command -v eslint >/dev/null || {
    echo 'eslint is missing: npm ci' >&2
    exit 1
}

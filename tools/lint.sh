#!/bin/sh
# Every check that needs no container: types, lint, format, the rules of the house. Warnings are errors.
# All checks run, even after one has failed.
set -eu

root="$(cd "$(dirname "$0")/.." && pwd)"
cd "$root"
. tools/lint/tools.sh
clang_format="$(llvm_tool clang-format)"
clang_tidy="$(llvm_tool clang-tidy)"
failed=''

check() { # name, command…
    name="$1"
    shift
    if "$@"; then echo "ok     $name"; else
        echo "FAILED $name"
        failed=1
    fi
}

format_cpp() {
    cpp_sources | xargs -r "$clang_format" --dry-run -Werror
}

# Sources of addon/ that the build compiles; a file that passed is not looked at again until something changes.
tidy() { # folder of compile_commands.json
    stamps="$root/build/lint/tidy"
    mkdir -p "$stamps"
    newest="$(find "$root/.clang-tidy" "$1/compile_commands.json" "$root/addon" \( -name '*.h' -o -name '.clang-tidy' -o -name '*.json' \) -type f -printf '%T@ %p\n' | sort -n | tail -n 1 | cut -d' ' -f2-)"
    jq -r '.[] | if .file | startswith("/") then .file else .directory + "/" + .file end' "$1/compile_commands.json" |
        sort -u | grep "^$root/addon/" | while read -r file; do
        stamp="$stamps/$(echo "${file#"$root/"}" | tr / _)"
        [ "$stamp" -nt "$file" ] && [ "$stamp" -nt "$newest" ] || printf '%s\n%s\n' "$file" "$stamp"
    done | xargs -r -n 2 -P "$(nproc)" sh -c '
        "$1" --quiet -p "$2" --extra-arg=-Wno-unknown-warning-option --extra-arg=-Wno-ignored-optimization-argument \
            --extra-arg=-Wno-unused-command-line-argument "$3" 2>"$4.log" && touch "$4" && exit
        cat "$4.log" >&2
        exit 1' - "$clang_tidy" "$1"
}

tidy_all() {
    found=''
    for commands in build/compile_commands.json build/*/compile_commands.json; do
        [ -f "$commands" ] || continue
        found=1
        tidy "$root/$(dirname "$commands")" || return 1
    done
    [ -n "$found" ] || echo 'note: clang-tidy looked at nothing: no compile_commands.json below build/ (npm run build)'
}

generated() {
    [ ! -f tools/generate.mjs ] || node tools/generate.mjs --check
}

command -v jq >/dev/null || { echo 'jq is missing: apt-get install jq' >&2; exit 1; }
# Made from spec-schemas/; src/spec imports them.
[ -f build/schema/config-all.js ] && [ -f build/schema/config-fast.js ] || node tools/schema.mjs
check types tsc --noEmit
check eslint eslint --max-warnings 0 .
check prettier prettier --check --log-level warn .
check clang-format format_cpp
check clang-tidy tidy_all
check 'no OCI keys in the addon' node tools/check-addon-keys.mjs
check 'generated files' generated
check 'the lint rules themselves' node --test --test-reporter=dot tools/lint.test.mjs
[ -z "$failed" ]

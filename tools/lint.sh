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
    cpp_sources | while read -r file; do
        "$clang_format" --dry-run -Werror "$file" 2>/dev/null || echo "$file"
    done >build/lint/unformatted
    sed "s#^$root/##; s/\$/: not laid out: npm run format/" build/lint/unformatted
    [ ! -s build/lint/unformatted ]
}

# Sources of addon/ that the build compiles, each once; one that passed is not looked at again until something changes.
tidy() { # folder of compile_commands.json
    stamps="$root/build/lint/tidy-$(basename "$1")"
    mkdir -p "$stamps"
    # clang-tidy would look at a source as often as there are targets that compile it.
    # What is linked against musl is compiled with its headers by a specs file, which clang does not know: it is shown
    # glibc's instead.
    jq '
        def ofMusl: "-specs=\\S+|-idirafter \\S+|-include \\S+/glibc_names\\.h|-isystem \\S*(/musl|-musl|/c\\+\\+)(/\\S*)?(?= )";
        [.[] | .file |= if startswith("/") then . else .directory + "/" + . end
             | .command |= gsub(ofMusl; "")]
        | unique_by(.file)' "$1/compile_commands.json" >"$stamps/new.json"
    cmp -s "$stamps/new.json" "$stamps/compile_commands.json" || mv "$stamps/new.json" "$stamps/compile_commands.json"
    headers="$(find addon -name '*.h' -type f)"
    # shellcheck disable=SC2012,SC2086
    newest="$(ls -t .clang-tidy "$stamps/compile_commands.json" $headers | head -n 1)"
    jq -r '.[].file' "$stamps/compile_commands.json" | grep "^$root/addon/" | while read -r file; do
        stamp="$stamps/$(echo "${file#"$root/"}" | tr / _)"
        [ "$stamp" -nt "$file" ] && [ "$stamp" -nt "$newest" ] || printf '%s\n%s\n' "$file" "$stamp"
    done | xargs -r -n 2 -P "$(nproc)" sh -c '
        "$1" --quiet -p "$2" --extra-arg=-Wno-unknown-warning-option --extra-arg=-Wno-ignored-optimization-argument \
            --extra-arg=-Wno-unused-command-line-argument "$3" 2>"$4.log" && touch "$4" && exit
        grep -v "generated\.$" "$4.log" >&2
        exit 1' - "$clang_tidy" "$stamps"
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

mkdir -p build/lint
command -v jq >/dev/null || { echo 'jq is missing: apt-get install jq' >&2; exit 1; }
# Made from spec-schemas/; src/spec imports them.
[ -f build/schema/config-told.js ] && [ -f build/schema/config-all.js ] && [ -f build/schema/config-fast.js ] || node tools/schema.mjs
check types tsc --noEmit
check eslint eslint --max-warnings 0 .
check prettier prettier --check --log-level warn .
check clang-format format_cpp
check clang-tidy tidy_all
check 'no OCI keys in the addon' node tools/check-addon-keys.mjs
check 'generated files' generated
check 'coverage table' node tools/coverage.mjs --check
check 'error catalogue' node tools/errors.mjs --check
check 'pages of the schemas' node tools/schema-doc.mjs --check
check 'the lint rules themselves' node --test --test-reporter=dot tools/lint.test.mjs
[ -z "$failed" ]

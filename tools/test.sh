#!/bin/bash
# npm test: builds, checks types and style, and runs every test there is. Ends with `N passed, N failed, N skipped`.
# OCIRUN_TEST_FULL=1 (npm run test:full) kills at every system call and makes 200 containers. No input is read.
# What each suite wrote is kept in build/test/.
set -uo pipefail

root="$(cd "$(dirname "$0")/.." && pwd)"
cd "$root"
exec </dev/null
out=build/test
rm -rf "$out"
mkdir -p "$out"
: >"$out/steps.tap"
suites=("steps=$out/steps.tap")
trap 'exit 130' INT TERM

# A step is one test: it works, or its output is shown and it fails.
step() { # name, command…
    local name="$1" file began=$SECONDS
    file="$out/$(tr -c 'a-z0-9\n' - <<<"$name").log"
    shift
    if "$@" >"$file" 2>&1; then
        echo "ok - $name" >>"$out/steps.tap"
        echo "ok      $name ($((SECONDS - began)) s)"
        return 0
    fi
    echo "not ok - $name" >>"$out/steps.tap"
    echo "FAILED  $name ($((SECONDS - began)) s)"
    tail -n 60 "$file" | sed 's/^/    /'
    return 1
}

# A suite writes TAP. Its exit status is not asked: the tally sees every failure, and a suite that ended early.
suite() { # name, command…
    local name="$1" file began=$SECONDS
    file="$out/$(tr -c 'a-z0-9.\n' - <<<"$name").tap"
    shift
    "$@" >"$file" 2>"$file.err"
    local status=$?
    suites+=("$name=$file")
    echo "ran     $name ($((SECONDS - began)) s)"
    # What failed, with where and why; the whole is in the file.
    [ "$status" = 0 ] || { echo "        exit status $status, see $file"; grep -a -E -A 24 '^ *not ok' "$file" | head -n 200 | sed 's/^/    /'; tail -n 20 "$file.err"; }
    # A runner that fails though no test of it did must not go unseen.
    [ "$status" = 0 ] || grep -aEq '^ *not ok' "$file" || echo "not ok - $name: exit status $status" >>"$file"
}

tap() {
    node_modules/.bin/tap run --disable-coverage --allow-incomplete-coverage --jobs=2 --timeout=120 --reporter=tap "$@"
}

conformance() { # runtime
    RUNTIME="$1" OCIRUN_TEST_REPORTER=tap tools/conformance.sh
}

step build node tools/build.mjs || { node tools/tally.mjs "${suites[@]}"; exit 1; }
step typecheck node_modules/.bin/tsc -p .
[ -x tools/lint.sh ] && step lint tools/lint.sh

mapfile -t units < <(find src -name '*.test.ts' | sort)
suite unit tap "${units[@]}"
suite tools node --test --test-reporter=tap $(find tools bench -name '*.test.mjs' | sort)
# One minute under the sanitizers: npm run fuzz takes longer.
suite fuzz node tools/fuzz.mjs --seconds 60
[ -f addon/init/test/run.py ] && suite init python3 addon/init/test/run.py build/ocirun-init

suite 'conformance ocirun' conformance bin/ocirun
suite 'conformance ocirun.js' conformance bin/ocirun.js
suite 'conformance runc' conformance runc
# Cgroup v2 and systemd, in guests: fewer tests than conformance/vm/tests.txt says is a failure.
step guests conformance/vm/suite.sh || true
tail -n 1 "$out/guests.log"
for file in "$out"/guest-*.tap; do
    name="${file##*/}" name="${name%.tap}"
    suites+=("${name//-/ }=$file")
done

echo
node tools/tally.mjs "${suites[@]}"

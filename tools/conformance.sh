#!/bin/bash
# The conformance tests of one runtime: RUNTIME=bin/ocirun (default), bin/ocirun.js, or any other by path or name; the
# name runc means trixie's, which tools/peers.sh brings: that of Debian 12 is too old to know many of the fields.
#   npm run conformance                     all of them
#   tools/conformance.sh lifecycle/kill     the files whose path begins so
# They run in mount and pid namespaces of their own: what a broken runtime leaves behind ends with them. The mounts
# there are shared, as on a machine with systemd, so that a mount that escapes from a container shows.
set -euo pipefail

root="$(cd "$(dirname "$0")/.." && pwd)"
cd "$root"
[ "$(id -u)" = 0 ] || { echo 'conformance tests make containers: run them as root' >&2; exit 1; }
export RUNTIME="${RUNTIME:-bin/ocirun}"
if [ "$RUNTIME" = runc ]; then
    tools/peers.sh
    RUNTIME=build/peers/bin/runc
fi
out=build/conformance
mkdir -p "$out"

compile() { # program, source
    [ "$out/$1" -nt "$2" ] && return
    # Any libc will do, as long as the program is static.
    "$(command -v musl-gcc || command -v gcc)" -static -O2 -Wall -Wextra -Werror -o "$out/$1" "$2"
}
compile probe conformance/probe/probe.c
compile kill-at conformance/crash/kill_at.c
compile attacker conformance/attacks/attacker.c

# Cgroups outlive the namespaces. Those of a test are named after its folder.
clean() {
    for place in /tmp/ocirun-test-*; do
        [ -e "$place/.of-$$" ] || continue
        find /sys/fs/cgroup -depth -type d -name "$(basename "$place")*" -exec rmdir {} + 2>/dev/null || true
        rm -rf "$place"
    done
}
trap clean EXIT
export OCIRUN_TEST_MARK=".of-$$"

files=()
for pattern in "${@:-}"; do
    while read -r file; do files+=("$file"); done < <(find conformance -name '*.test.ts' -path "conformance/$pattern*" | sort)
done
[ "${#files[@]}" -gt 0 ] || { echo "no such conformance tests: $*" >&2; exit 1; }

# The shell is the init of the pid namespace: it waits for whoever loses its parent.
# shellcheck disable=SC2016
unshare --mount --propagation private --pid --fork --kill-child --mount-proc bash -c '
    mount --make-rshared /
    node_modules/.bin/tap run --disable-coverage --allow-incomplete-coverage --jobs=1 --timeout=600 \
        --reporter="${OCIRUN_TEST_REPORTER:-terse}" "$@"
    exit $?' conformance "${files[@]}"

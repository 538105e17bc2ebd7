#!/bin/bash
# The conformance tests of one runtime: RUNTIME=bin/ocirun (default), bin/ocirun.js, or any other by path or name; the
# name runc means trixie's, which tools/peers.sh brings: that of Debian 12 is too old to know many of the fields.
#   npm run conformance                     all of them
#   tools/conformance.sh lifecycle/kill     the files whose path begins so
#   tools/conformance.sh --compile          none: only the static programs that they use
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
    [ "$out/$1" -nt "$2" ] && [ "$out/$1" -nt conformance/lib/tracer.h ] && return
    # Any libc will do, as long as the program is static.
    "$(command -v musl-gcc || command -v gcc)" -static -O2 -Wall -Wextra -Werror -idirafter "$out/kernel-headers" \
        -o "$out/$1" "$2"
}
# The kernel's headers without glibc's, which lie in the same directory (addon/cmake/musl.cmake).
mkdir -p "$out/kernel-headers"
ln -sfn /usr/include/linux /usr/include/asm-generic "/usr/include/$(uname -m)-linux-gnu/asm" "$out/kernel-headers/"
compile probe conformance/probe/probe.c
compile work conformance/probe/work.c
compile kill-at conformance/crash/kill_at.c
compile launcher bench/launcher.c
compile moment conformance/trace/moment.c
compile fail-at conformance/faults/fail_at.c
compile attacker conformance/attacks/attacker.c
compile agent conformance/seccomp/agent.c
compile calls conformance/seccomp/calls.c
compile every-call conformance/seccomp/every_call.c
[ "${1:-}" != --compile ] || exit 0

# A process that was killed stays in its cgroup for a moment.
remove_cgroups() { # beginning of their names
    local cgroup left _
    for _ in $(seq 50); do
        left=
        while IFS= read -r cgroup; do
            [ ! -e "$cgroup/cgroup.kill" ] || echo 1 2>/dev/null >"$cgroup/cgroup.kill" || true
            rmdir "$cgroup" 2>/dev/null || left=yes
        done < <(find /sys/fs/cgroup -depth -type d -path "*/$1*" 2>/dev/null)
        [ -n "$left" ] || return 0
        sleep 0.1
    done
}

# Whether the script that marked this folder so is still there.
lives() { # mark
    tr '\0' ' ' 2>/dev/null <"/proc/${1##*.of-}/cmdline" | grep -q 'conformance\.sh'
}

# Cgroups and folders outlive the namespaces: ours, and those of a script that was killed. The cgroups of a test are
# named after its folder.
clean() {
    local mark place
    for mark in /tmp/ocirun-test-*/.of-*; do
        [ -e "$mark" ] || continue
        [ "${mark##*/}" = ".of-$$" ] || ! lives "$mark" || continue
        place="$(dirname "$mark")"
        remove_cgroups "$(basename "$place")"
        rm -rf --one-file-system "$place"
    done
}
trap clean EXIT

# What still runs ends with its pid namespace, whose init is the child of unshare(1); once that is over so is everything.
namespaces=
end() { # status
    trap '' TERM INT HUP
    if [ -n "$namespaces" ]; then
        # shellcheck disable=SC2046
        kill -KILL $(cat "/proc/$namespaces/task/$namespaces/children") 2>/dev/null || kill -KILL "$namespaces" || true
        wait "$namespaces" || true
    fi
    exit "$1"
}
trap 'end 143' TERM
trap 'end 130' INT
trap 'end 129' HUP
clean
export OCIRUN_TEST_MARK=".of-$$"

files=()
for pattern in "${@:-}"; do
    while read -r file; do files+=("$file"); done < <(find conformance -name '*.test.ts' -path "conformance/$pattern*" | sort)
done
[ "${#files[@]}" -gt 0 ] || { echo "no such conformance tests: $*" >&2; exit 1; }

# The shell is the init of the pid namespace: it waits for whoever loses its parent. All ends with this script, however
# that ends. Job control (-m), as what is started in the background without it ignores signals.
set -m
# shellcheck disable=SC2016
setpriv --pdeathsig KILL unshare --mount --uts --ipc --propagation private --pid --fork --kill-child --mount-proc bash -c '
    mount --make-rshared /
    node_modules/.bin/tap run --disable-coverage --allow-incomplete-coverage --jobs=1 --timeout=600 \
        --reporter="${OCIRUN_TEST_REPORTER:-terse}" "$@"
    exit $?' conformance "${files[@]}" </dev/null &
namespaces=$!
wait "$namespaces"

#!/bin/sh
# Measures bin/ocirun against trixie's crun and runc, interleaved; see bench/run.mjs for what and how.
#
#   bench/run.sh [--rounds N] [--runtimes ocirun,crun,runc] [--no-hyperfine]
#
# Runs in a mount namespace of its own where /sys/fs/cgroup is cgroup2 alone; the machine's mounts are not touched.
set -eu

root="$(cd "$(dirname "$0")/.." && pwd)"
out="$root/build/bench"

need() { # tool, package that brings it
    command -v "$1" >/dev/null && return
    echo "bench/run.sh: $1 is missing: apt-get install $2" >&2
    exit 1
}

compile() { # source, program
    [ "$out/$2" -nt "$root/bench/$1" ] || musl-gcc -static -Os -s -Wall -Wextra -Werror -o "$out/$2" "$root/bench/$1"
}

# Everything a run makes bears this name and the pid of its shell.
clean() { # pid
    for group in /sys/fs/cgroup/ocirun-test-bench-"$1" /sys/fs/cgroup/unified/ocirun-test-bench-"$1"; do
        [ -d "$group" ] || continue
        echo 1 >"$group/cgroup.kill" || true
        find "$group" -depth -type d -exec sh -c 'for n in 1 2 3 4 5; do rmdir "$1" 2>/dev/null && exit; sleep 0.05; done; rmdir "$1"' - {} \;
    done
    rm -rf "/run/ocirun-test-bench-$1" "$out/ocirun-test-bench-$1"
}

clean_after_killed_runs() {
    for left in /run/ocirun-test-bench-*; do
        [ -d "$left" ] && [ ! -d "/proc/${left##*-}" ] && clean "${left##*-}"
    done
    true
}

pure_v2_view() {
    [ "$(stat -f -c %T /sys/fs/cgroup)" = cgroup2fs ] && return
    umount -R /sys/fs/cgroup
    mount -t cgroup2 -o nosuid,nodev,noexec cgroup2 /sys/fs/cgroup
}

if [ "${OCIRUN_BENCH_INSIDE:-}" != 1 ]; then
    [ "$(id -u)" = 0 ] || { echo 'bench/run.sh: needs root: containers are made' >&2; exit 1; }
    need musl-gcc musl-tools
    need hyperfine hyperfine
    need unshare util-linux
    mkdir -p "$out"
    "$root/tools/peers.sh"
    compile launcher.c launcher
    compile payload.c payload
    OCIRUN_BENCH_INSIDE=1 exec unshare --mount -- "$0" "$@"
fi

pure_v2_view
clean_after_killed_runs
trap 'kill "$node" 2>/dev/null; wait "$node" 2>/dev/null; exit 130' INT TERM HUP
trap 'clean $$' EXIT
mkdir "/run/ocirun-test-bench-$$" "/sys/fs/cgroup/ocirun-test-bench-$$"
node "$root/bench/run.mjs" "ocirun-test-bench-$$" "$@" &
node=$!
wait "$node"

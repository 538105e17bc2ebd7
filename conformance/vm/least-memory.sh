#!/bin/bash
# The least memory.max under which a container that runs a static `true` still starts, for ocirun, crun and runc:
#
#   conformance/vm/least-memory.sh [RUNTIME…]      ocirun crun runc, or paths
#
# In the guest, by bisection in steps of 16 KiB; a limit works where three runs of three end with status 0.
set -euo pipefail

root="$(cd "$(dirname "$0")/../.." && pwd)"
[ $# -gt 0 ] || set -- "$root/bin/ocirun" "$root/build/peers/bin/crun" "$root/build/peers/bin/runc"
if [ ! -e /run/guest/conf ]; then
    "$root/tools/peers.sh"
    mkdir -p "$root/build/guest"
    musl-gcc -static -O2 -o "$root/build/guest/true" -x c - <<<'int main(void) { return 0; }'
    exec "$root/conformance/vm/run.sh" -t 900 -T /tmp -C /tmp -- "$root/conformance/vm/least-memory.sh" "$@"
fi

bundle=/tmp/least
mkdir -p "$bundle/rootfs/proc" "$bundle/rootfs/sys" "$bundle/rootfs/dev"
cp "$root/build/guest/true" "$bundle/rootfs/true"
(cd "$bundle" && "$root/bin/ocirun" spec && mv config.json default.json)

starts() { # runtime, KiB
    local name="least-$2" _
    jq --argjson limit $(($2 * 1024)) --arg path "/$name" '
        .process.terminal = false | .process.args = ["/true"] | .linux.cgroupsPath = $path
        | .linux.resources.memory = {limit: $limit, swap: $limit}' "$bundle/default.json" >"$bundle/config.json"
    for _ in 1 2 3; do
        timeout 60 "$1" --root "/tmp/state" run --bundle "$bundle" "$name" </dev/null >/tmp/said 2>&1 && continue
        "$1" --root "/tmp/state" delete --force "$name" >/dev/null 2>&1 || true
        return 1
    done
}

for runtime; do
    low=0 high=65536
    while [ $((high - low)) -gt 16 ]; do
        # shellcheck disable=SC2017 # whole steps
        middle=$((low + (high - low) / 32 * 16))
        if starts "$runtime" "$middle"; then high=$middle; else low=$middle; fi
    done
    echo "$(basename "$runtime"): $high KiB"
done

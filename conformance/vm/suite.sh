#!/bin/bash
# npm run conformance:vm: the tests of conformance/vm/tests.txt, each guest of it booted once, both at a time.
#
#   conformance/vm/suite.sh [GUEST [RUNTIME [TEST]]]   the rows that begin so: systemd ocirun cgroup/values
#
# The results are in build/test/guest-GUEST-RUNTIME.tap; the last line is `guest: N passed`. It fails where a test does,
# and where fewer pass than tests.txt says.
set -euo pipefail

root="$(cd "$(dirname "$0")/../.." && pwd)"
cd "$root"
[ "$(id -u)" = 0 ] || { echo 'the guest wants the files of this machine: run it as root' >&2; exit 1; }
bundles=build/guest out=build/test
seconds="${OCIRUN_VM_SECONDS:-1800}"
mkdir -p "$bundles" "$out"
tools/conformance.sh --compile
tools/peers.sh

rows="$(awk -F ' *[|] *' -v guest="${1:-}" -v runtime="${2:-}" -v test="${3:-}" '
    !/^#/ && NF == 4 && index($1, guest) == 1 && index($2, runtime) == 1 && index($3, test) == 1 {
        print $1, $2, $3, $4 }' conformance/vm/tests.txt)"
[ -n "$rows" ] || { echo "conformance/vm/tests.txt has no such row: $*" >&2; exit 1; }
mapfile -t tests < <(awk '{ print $3 }' <<<"$rows" | sort -u)
node conformance/vm/bundle.mjs "$bundles" "${tests[@]}"

run_guest() { # guest
    local options=(-t "$seconds" -d 64 -S 256 -T /tmp -C "$root") wanted
    [ "$1" != systemd ] || options+=(--systemd)
    mapfile -t wanted < <(awk -v guest="$1" '$1 == guest { print $2 ":" $3 }' <<<"$rows")
    # In place of this shell, and ended with it.
    exec setpriv --pdeathsig TERM conformance/vm/run.sh "${options[@]}" -- bash conformance/vm/guest/suite.sh "$1" "$bundles" "${wanted[@]}"
}

began=$SECONDS running=()
mapfile -t guests < <(awk '{ print $1 }' <<<"$rows" | sort -u)
trap 'kill "${running[@]}" 2>/dev/null; exit 143' TERM INT HUP
for guest in "${guests[@]}"; do
    run_guest "$guest" >"$out/guest-$guest.all" </dev/null &
    running+=($!)
done
for index in "${!guests[@]}"; do
    wait "${running[index]}" || echo "the guest '${guests[index]}' has ended with status $?" >&2
done
echo "guests: $((SECONDS - began)) s"
node conformance/vm/check.mjs "$out" <<<"$rows"

#!/bin/bash
# In the guest: runs each test that is named on standard output, behind a line `#> runtime test`.
# suite.sh GUEST FOLDER RUNTIME:TEST…
set -uo pipefail

guest="$1" folder="$2"
shift 2
# shellcheck source-path=SCRIPTDIR source=prepare.sh
. "$(dirname "$0")/prepare.sh"
# What a test does to the mounts ends with it.
apart=(unshare --mount --propagation private sh -c 'mount --make-rshared / && exec "$@"' -)
for row in "$@"; do
    runtime="${row%%:*}" test="${row#*:}"
    echo "#> $runtime $test"
    case $runtime in ocirun*) path="bin/$runtime" ;; *) path="build/peers/bin/$runtime" ;; esac
    began=$SECONDS
    TAP_TIMEOUT=500 RUNTIME="$path" "${apart[@]}" timeout 600 node --enable-source-maps "$folder/${test//\//-}.mjs"
    status=$?
    [ "$status" -lt 2 ] || echo "not ok - $test ended with status $status"
    echo "$guest $runtime $test: $((SECONDS - began)) s" >&2
done

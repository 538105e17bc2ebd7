#!/bin/bash
# In the guest: runs each test that is named on standard output, behind a line `#> runtime test`.
# suite.sh GUEST FOLDER RUNTIME:TEST…
set -uo pipefail

guest="$1" folder="$2"
shift 2
# Mounts are shared, as on a machine with systemd, so that a mount that escapes from a container shows.
mount --make-rshared /
# A device for rdma.max, in software.
modprobe -a dummy rdma_rxe
ip link set dummy0 up
rdma link add rxe0 type rxe netdev dummy0
if [ "$guest" = systemd ]; then
    export OCIRUN_TEST_DRIVER=systemd
    # The bus is started by who first speaks to it, and is not left behind by a test then.
    busctl status >/dev/null
fi
for row in "$@"; do
    runtime="${row%%:*}" test="${row#*:}"
    echo "#> $runtime $test"
    case $runtime in ocirun*) path="bin/$runtime" ;; *) path="build/peers/bin/$runtime" ;; esac
    began=$SECONDS
    TAP_TIMEOUT=120 RUNTIME="$path" timeout 240 node --enable-source-maps "$folder/${test//\//-}.mjs"
    status=$?
    [ "$status" -lt 2 ] || echo "not ok - $test ended with status $status"
    echo "$guest $runtime $test: $((SECONDS - began)) s" >&2
done

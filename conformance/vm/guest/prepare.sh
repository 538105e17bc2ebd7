# shellcheck shell=bash disable=SC2154
# Part of suite.sh and mutants.sh: what the tests expect of the guest.

# Mounts are shared, as on a machine with systemd, so that a mount that escapes from a container shows.
mount --make-rshared /
# Milliseconds for what takes a few of them on a machine that is neither emulated nor busy.
export OCIRUN_TEST_PATIENCE=60000
# A device for rdma.max, in software.
modprobe -a dummy rdma_rxe
ip link set dummy0 up
rdma link add rxe0 type rxe netdev dummy0
if [ "$guest" = systemd ]; then
    export OCIRUN_TEST_DRIVER=systemd
    # The bus is started by who first speaks to it, and is not left behind by a test then.
    busctl status >/dev/null
fi

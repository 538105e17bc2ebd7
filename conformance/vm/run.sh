#!/bin/bash
# Runs a command in a guest that has cgroup v2 and nothing else of cgroups, AppArmor, and this machine's root below an
# overlay: the same files at the same paths; what the command changes is gone afterwards, but for --rw.
#
#   conformance/vm/run.sh [OPTION…] [--] COMMAND [ARGUMENT…]
#
#   -s, --systemd[=full]  systemd is PID 1, the command a service of it, with the system bus; =full: and with logind
#   -t, --timeout SEC     how long the guest may take (1800)
#   -m, --memory MIB      its memory (2048)
#   -c, --cpus N          its CPUs (those of the machine)
#   -C, --directory DIR   where the command runs (the current folder)
#   -e, --env NAME[=VAL]  a variable for it, or one of the caller's; may be repeated
#   -w, --rw DIR          a folder to share so that it can be written; may be repeated
#   -T, --tmpfs DIR       a tmpfs to mount; may be repeated
#   -d, --disk MIB        an empty disk, /dev/vda
#   -S, --swap MIB        swap
#   -a, --append ARGS     more arguments of the kernel
#       --accel tcg|kvm   emulated, or not (by what there is)
#       --update          fetch the kernel again
#   -v, --verbose         show the console of the guest on standard error
#
# An overlay cannot be the upper layer of another: tests that mount one want a --tmpfs. What the host changes while the
# guest runs may be seen late. The command runs as root, in the cgroup /guest or /guest.service. Its standard input is
# empty. Modules load on demand; there is no network but the loopback. Nothing of it outlives this script.
#
# The exit status is the command's; 124 when time ran out, 125 when the guest failed, 2 for wrong usage.
# Wants root, and Debian's qemu-system-x86, busybox-static, util-linux, xz-utils, zstd; for --systemd: systemd, dbus.
# shellcheck disable=SC2034 # initrd.sh, too, uses what is set here
set -euo pipefail

here="$(cd "$(dirname "$0")" && pwd)"
systemd='' timeout=1800 memory=2048 cpus="$(nproc)" directory="$PWD" disk='' swap='' append='' accel='' update='' verbose=''
variables=() rw=() tmpfs=() command=()

say() { echo "conformance/vm/run.sh: $*" >&2; }
fail() {
    say "$@"
    exit 125
}
usage() {
    say "$@"
    echo "conformance/vm/run.sh --help tells how it is used." >&2
    exit 2
}
number() { # option, value
    [[ $2 =~ ^[0-9]{1,9}$ ]] || usage "$1: '$2' is no number"
}

parse() {
    local options
    options=$(getopt -n conformance/vm/run.sh -s bash -o +st:m:c:C:e:w:T:d:S:a:vh \
        -l systemd::,timeout:,memory:,cpus:,directory:,env:,rw:,tmpfs:,disk:,swap:,append:,accel:,update,verbose,help \
        -- "$@") || usage 'these arguments are not understood'
    eval "set -- $options"
    while [ "$1" != -- ]; do
        case $1 in
            -t | --timeout | -m | --memory | -c | --cpus | -d | --disk | -S | --swap) number "$1" "$2" ;;&
            -s) systemd=minimal ;;
            --systemd) systemd=${2:-minimal} && shift ;;
            -t | --timeout) timeout=$((10#$2)) && shift ;;
            -m | --memory) memory=$((10#$2)) && shift ;;
            -c | --cpus) cpus=$((10#$2)) && shift ;;
            -C | --directory) directory=$(realpath -ms -- "$2") && shift ;;
            -e | --env) variables+=("$2") && shift ;;
            -w | --rw) rw+=("$(realpath -e -- "$2")") && shift ;;
            -T | --tmpfs) tmpfs+=("$(realpath -ms -- "$2")") && shift ;;
            -d | --disk) disk=$((10#$2)) && shift ;;
            -S | --swap) swap=$((10#$2)) && shift ;;
            -a | --append) append+=" $2" && shift ;;
            --accel) accel=$2 && shift ;;
            --update) update=--update ;;
            -v | --verbose) verbose=1 ;;
            -h | --help) sed -n '2,/^set/{/^# shellcheck/d;s/^# \{0,1\}//;/^set/d;p}' "$0" && exit 0 ;;
        esac
        shift
    done
    shift
    [[ $systemd =~ ^(minimal|full|)$ ]] || usage "--systemd: nothing or 'full', not '$systemd'"
    [[ $accel =~ ^(tcg|kvm|)$ ]] || usage "--accel: tcg or kvm, not '$accel'"
    [ $# -gt 0 ] || usage 'there is no command'
    command=("$@")
}

need() { # program, package
    command -v "$1" >/dev/null || fail "$1 is missing: apt-get install $2"
}

check_host() {
    [ "$(id -u)" = 0 ] || fail 'it has to be run by root'
    [ "$(uname -sm)" = 'Linux x86_64' ] || fail 'this machine is not Linux on amd64'
    need busybox busybox-static
    need qemu-system-x86_64 qemu-system-x86
    need zstd zstd
    if [ -n "$systemd" ]; then
        [ -x /lib/systemd/systemd ] || fail 'systemd is missing: apt-get install systemd'
        need dbus-daemon dbus
    fi
    # The device alone says little: there may be no hardware for it.
    [ -n "$accel" ] || [ ! -w /dev/kvm ] || [ ! -d /sys/module/kvm_intel ] && [ ! -d /sys/module/kvm_amd ] || accel=kvm
    [ -n "$accel" ] || accel=tcg
}

run='' machine=0 readers=()
# shellcheck disable=SC2317 # the trap calls it
cleanup() {
    local status=$?
    trap - EXIT
    trap '' INT TERM HUP
    [ "$machine" = 0 ] || kill -KILL "$machine" 2>/dev/null || true
    wait 2>/dev/null || true
    [ -z "$run" ] || rm -rf "$run"
    exit "$status"
}

# The guest's ports are the descriptors 7 (control), 8 and 9 of the machine; what ends us ends it, too.
start_machine() {
    mkfifo "$run/control" "$run/out" "$run/err"
    : >"$run/console"
    [ -z "$disk" ] || truncate -s "${disk}M" "$run/disk"
    [ -z "$swap" ] || truncate -s "${swap}M" "$run/swap"
    RUN=$run KERNEL=$kernel MEMORY=$memory CPUS=$cpus ACCEL=$accel APPEND=$append setpriv --pdeathsig KILL \
        unshare --mount --pid --fork --kill-child=KILL --mount-proc "$here/machine.sh" "${rw[@]}" \
        7>"$run/control" 8>"$run/out" 9>"$run/err" </dev/null &
    machine=$!
    exec 4<"$run/control"
    cat <"$run/out" &
    readers=($!)
    cat <"$run/err" >&2 &
    readers+=($!)
    [ -z "$verbose" ] || tail -q -n +1 -F --pid=$machine "$run/console" >&2 2>/dev/null &
    readers+=($!)
}

# Waits for the guest's end; $status is then the command's.
follow_machine() {
    local word value got deadline=$((SECONDS + timeout))
    status=
    while [ -z "$status" ]; do
        got=0
        read -r -t $((deadline > SECONDS ? deadline - SECONDS : 1)) -u 4 word value || got=$?
        if [ "$got" -gt 128 ]; then
            say "the guest has not ended after $timeout s; the end of its console:"
            tail -n 30 "$run/console" >&2
            status=124
            return
        fi
        [ "$got" = 0 ] || break
        case $word in
            up) [ -z "$verbose" ] || say "the guest runs after $value s" ;;
            status) status=$value ;;
        esac
    done
    # All that it had to say has been read: its power-off is not waited for.
    [ -z "$status" ] || kill -KILL "$machine" 2>/dev/null || true
    wait "${readers[@]}" 2>/dev/null || true
    [ -z "$status" ] || return 0
    say 'the guest has ended without a status; the end of its console:'
    tail -n 30 "$run/console" >&2
    status=125
}

parse "$@"
check_host
kernel="$("$here/kernel.sh" $update)" || exit 125
trap cleanup EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
run=$(mktemp -d "${TMPDIR:-/tmp}/ocirun-vm.XXXXXX")
# shellcheck source-path=SCRIPTDIR source=initrd.sh
. "$here/initrd.sh"
start_machine
follow_machine
exit "$status"

#!/bin/sh
# The first program of the guest: mounts what will be its root, and goes over to it. Only busybox is there.
fail() {
    echo "conformance/vm: $*"
    poweroff -f
}
# shellcheck source=/dev/null
. /guest/conf
p9=trans=virtio,version=9p2000.L,msize=512000

load() {
    for module in $MODULES; do modprobe "$module" || fail "there is no module $module"; done
}

# The host's root below, read-only; what changes is in memory.
mount_root() {
    mkdir /lower /upper /new
    mount -t 9p -o "ro,$p9,cache=loose" root /lower || fail "cannot mount the host's root"
    mount -t tmpfs -o mode=755,size=75% upper /upper || fail 'cannot mount a tmpfs'
    mkdir /upper/upper /upper/work
    mount -t overlay -o lowerdir=/lower,upperdir=/upper/upper,workdir=/upper/work overlay /new ||
        fail 'cannot mount the overlay'
}

mount_kernel() {
    mount -t proc -o nosuid,nodev,noexec proc proc
    mount -t sysfs -o nosuid,nodev,noexec sysfs sys
    mount -t devtmpfs -o nosuid dev dev
    mkdir -p dev/pts dev/shm dev/mqueue
    ln -sf /proc/self/fd dev/fd
    ln -sf /proc/self/fd/0 dev/stdin
    ln -sf /proc/self/fd/1 dev/stdout
    ln -sf /proc/self/fd/2 dev/stderr
    mount -t devpts -o nosuid,noexec,mode=620,gid=5,ptmxmode=666 devpts dev/pts
    mount -t tmpfs -o nosuid,nodev shm dev/shm
    mount -t mqueue mqueue dev/mqueue
    mount -t tmpfs -o nosuid,nodev,mode=755 run run
    mkdir -m 1777 run/lock
    mount -t cgroup2 -o nsdelegate,memory_recursiveprot cgroup2 sys/fs/cgroup || fail 'cannot mount cgroup v2'
    mount -t securityfs securityfs sys/kernel/security
    mount -t bpf bpf sys/fs/bpf
    mount -t debugfs debugfs sys/kernel/debug
    mount -t tracefs tracefs sys/kernel/tracing
}

# Folders that the host shares to be written, and folders that are to be empty.
mount_shares() {
    number=0
    while IFS= read -r folder; do
        mkdir -p ".$folder"
        mount -t 9p -o "$p9,cache=mmap" "rw$number" ".$folder" || fail "cannot share $folder"
        number=$((number + 1))
    done <run/guest/rw
    while IFS= read -r folder; do
        mkdir -p ".$folder"
        mount -t tmpfs -o mode=1777 tmpfs ".$folder" || fail "cannot mount a tmpfs on $folder"
    done <run/guest/tmpfs
}

swap_on() {
    for disk in /sys/block/vd*; do
        [ "$(cat "$disk/serial" 2>/dev/null)" != swap ] || break
    done
    mkswap "dev/${disk##*/}" >/dev/null || fail 'there is no disk to swap to'
    swapon "dev/${disk##*/}" || fail 'cannot swap'
}

mount -t proc proc /proc && mount -t sysfs sysfs /sys && mount -t devtmpfs dev /dev
load
mount_root
cd /new && mkdir -p proc sys dev run "lib/modules/$(uname -r)"
# While the paths of the host are still below /lower alone.
mount --bind "/lower$MODULE_DIR" "lib/modules/$(uname -r)"
mount_kernel
hostname guest
ip link set lo up
cp -r /guest run/guest && cp /bin/busybox run/guest/busybox
# One for all: kmod would want an index that BusyBox does not write.
ln -sfn /run/guest/modprobe sbin/modprobe
echo /run/guest/modprobe >/proc/sys/kernel/modprobe
mount_shares
[ -z "$SWAP" ] || swap_on
read -r controllers <sys/fs/cgroup/cgroup.controllers
for controller in $controllers; do
    echo "+$controller" >sys/fs/cgroup/cgroup.subtree_control
done
umount /sys
[ -z "$SYSTEMD" ] || exec switch_root /new /run/guest/busybox sh /run/guest/systemd.sh
mkdir sys/fs/cgroup/guest && echo $$ >sys/fs/cgroup/guest/cgroup.procs
exec switch_root /new /run/guest/busybox sh /run/guest/main.sh

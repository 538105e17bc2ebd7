#!/bin/sh
# Runs the command of the guest, tells the host its status, and powers off.
# shellcheck disable=SC2094 # a pipe and a port are two files
# shellcheck source=/dev/null
. /run/guest/conf
b=/run/guest/busybox
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
cd /run/guest || exit 125
for port in /sys/class/virtio-ports/*; do
    case $($b cat "$port/name") in
        control) control=/dev/${port##*/} ;;
        out) out=/dev/${port##*/} ;;
        err) err=/dev/${port##*/} ;;
    esac
done
exec 3>"$control"
read -r up _ </proc/uptime
echo "up $up" >&3

# Pipes between, as a port can be opened but once, and /dev/stdout must work.
$b mkfifo out err
{
    $b cat <out >"$out"
    : >out.done
} 3>&- &
{
    $b cat <err >"$err"
    : >err.done
} 3>&- &
/bin/bash ./command </dev/null >out 2>err 3>&- &
wait $!
status=$?
# What the command has left running may hold the pipes: they are not waited for much longer.
count=0
while [ "$count" -lt 100 ]; do
    [ -e out.done ] && [ -e err.done ] && break
    $b usleep 20000
    count=$((count + 1))
done
$b sync
echo "status $status" >&3
exec $b poweroff -f

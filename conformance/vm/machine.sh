#!/bin/bash
# Part of run.sh, in namespaces of its own: QEMU with the view of the host that the guest gets. The arguments are the
# folders that may be written; the descriptors 7, 8 and 9 lead to run.sh.
# shellcheck disable=SC2054 # QEMU's commas
set -euo pipefail

# The host's root and its other disks, read-only.
mkdir "$RUN/root"
mount --make-rprivate /
mount --bind / "$RUN/root"
mount -o remount,bind,ro "$RUN/root"
while read -r _ folder; do
    printf -v folder '%b' "$folder"
    case $folder in / | /run/* | /dev/* | "$RUN"/*) continue ;; esac
    if [ -d "$folder" ] && [ -d "$RUN/root$folder" ]; then
        mount --bind "$folder" "$RUN/root$folder"
        mount -o remount,bind,ro "$RUN/root$folder"
    fi
done < <(findmnt -rno FSTYPE,TARGET -t ext2,ext3,ext4,xfs,btrfs,f2fs,zfs,bcachefs,overlay,virtiofs,9p,tmpfs)
for folder in "$@"; do mount --bind "$folder" "$RUN/root$folder"; done

line="console=ttyS0 panic=-1 quiet loglevel=4 apparmor=1 security=apparmor$APPEND"
if [ "$ACCEL" = kvm ]; then
    arguments=(-accel kvm -cpu host)
else
    arguments=(-accel tcg,thread=multi,tb-size=512 -cpu max)
    # There is nothing to protect from, and emulated they cost time.
    line+=' mitigations=off'
fi
arguments+=(
    -M q35 -smp "$CPUS" -m "$MEMORY" -nodefaults -no-user-config -display none -no-reboot -rtc base=utc
    -device virtio-rng-pci
    -fsdev "local,id=root,path=$RUN/root,security_model=none,multidevs=remap,readonly=on"
    -device virtio-9p-pci,fsdev=root,mount_tag=root
    -device virtio-serial-pci
    -chardev file,id=control,path=/proc/self/fd/7 -device virtserialport,chardev=control,name=control
    -chardev file,id=out,path=/proc/self/fd/8 -device virtserialport,chardev=out,name=out
    -chardev file,id=err,path=/proc/self/fd/9 -device virtserialport,chardev=err,name=err
    -serial "file:$RUN/console"
)
count=0
for folder in "$@"; do
    arguments+=(-fsdev "local,id=rw$count,path=$RUN/root${folder//,/,,},security_model=none,multidevs=remap"
        -device "virtio-9p-pci,fsdev=rw$count,mount_tag=rw$count")
    count=$((count + 1))
done
for disk in disk swap; do
    [ ! -e "$RUN/$disk" ] || arguments+=(
        -drive "file=$RUN/$disk,id=$disk,format=raw,if=none,cache=unsafe,discard=unmap"
        -device "virtio-blk-pci,drive=$disk,serial=$disk")
done
qemu-system-x86_64 "${arguments[@]}" -kernel "$KERNEL/vmlinux" -initrd "$RUN/initrd" -append "$line" \
    2>"$RUN/qemu" || { cat "$RUN/qemu" >&2 && exit 1; }

#!/bin/bash
# Brings the guest's kernel: Debian trixie's, unpacked, nothing installed. Prints the folder that holds it:
#
#   FOLDER/vmlinux      the kernel, as QEMU starts it without a boot loader
#   FOLDER/lib/modules  its modules, those that a guest may want, with their index
#
# It is fetched once, and then lies in $OCIRUN_VM_CACHE (~/.cache/ocirun-vm); --update fetches it again.
set -euo pipefail

root="$(cd "$(dirname "$0")/../.." && pwd)"
cache="${OCIRUN_VM_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/ocirun-vm}"
kernel="$cache/kernel"
# The drivers of real hardware are most of its size.
wanted=(arch/x86/crypto block crypto fs lib net security drivers/block drivers/char drivers/md drivers/virtio
    drivers/infiniband/core drivers/infiniband/sw drivers/net/dummy drivers/net/ifb drivers/net/macvlan drivers/net/tap
    drivers/net/tun drivers/net/veth drivers/net/bridge drivers/net/net_failover)

fail() {
    echo "conformance/vm/kernel.sh: $*" >&2
    exit 125
}

# QEMU starts an ELF kernel as it is (by PVH), which spares an emulated guest seconds of unpacking.
take_out() { # bzImage, file
    local sectors offset length filter
    sectors=$(od -An -tu1 -j 0x1f1 -N 1 "$1")
    offset=$(od -An -tu4 -j 0x248 -N 4 "$1")
    length=$(od -An -tu4 -j 0x24c -N 4 "$1")
    offset=$(((sectors + 1) * 512 + offset))
    case $(od -An -tx1 -j "$offset" -N 2 "$1") in
        ' fd 37') filter=xz ;;
        ' 28 b5') filter=zstd ;;
        ' 1f 8b') filter=gzip ;;
        *) fail "the kernel $1 is packed in a way that is not known here" ;;
    esac
    command -v "$filter" >/dev/null || fail "$filter is missing: it unpacks the kernel"
    # The last four bytes are the length of what is unpacked.
    head -c "$((length - 4))" < <(tail -c "+$((offset + 1))" "$1") | "$filter" -dc >"$2"
}

# A package of its own names the one that holds the kernel of this day.
download() { # folder
    local name
    "$root/tools/apt-private.sh" "$1" linux-image-amd64/trixie
    name="$(dpkg-deb -f "$1"/linux-image-amd64_*.deb Depends | grep -o 'linux-image-[0-9][^ ]*')"
    "$root/tools/apt-private.sh" "$1" "$name"
    dpkg-deb -x "$1/$name"_*.deb "$1/tree"
}

arrange() { # folder of the unpacked package, folder to make
    local from to="$2/lib/modules" part release
    from=("$1"/usr/lib/modules/* "$1"/lib/modules/*)
    for release in "${from[@]}"; do [ ! -d "$release" ] || break; done
    from=("$release") release="${release##*/}"
    mkdir -p "$to/$release"
    cp "${from[0]}"/modules.* "$to/$release/"
    for part in "${wanted[@]}"; do
        # A driver may be a folder or a file.
        (cd "${from[0]}" && find . \( -path "./kernel/$part/*" -o -path "./kernel/$part.ko*" \) -type f -print0) |
            (cd "${from[0]}" && xargs -0r cp --parents -t "$to/$release")
    done
    find "$to" -name '*.ko.xz' -print0 | xargs -0r xz -d
    busybox depmod -b "$2" "$release"
    take_out "$1/boot/vmlinuz-$release" "$2/vmlinux"
}

main() {
    mkdir -p "$cache"
    exec 9>"$cache/lock"
    flock 9
    [ "${1:-}" != --update ] || rm -rf "$kernel"
    if [ ! -e "$kernel/vmlinux" ]; then
        local work
        work="$(mktemp -d "$cache/unpack.XXXXXX")"
        # shellcheck disable=SC2064
        trap "rm -rf '$work'" EXIT
        download "$work" >&2
        arrange "$work/tree" "$work/kernel" >&2
        rm -rf "$kernel"
        mv "$work/kernel" "$kernel"
    fi
    echo "$kernel"
}

for tool in busybox dpkg-deb flock xz; do command -v "$tool" >/dev/null || fail "$tool is missing"; done
main "$@"

#!/bin/sh
# Brings what seccomp-bpf-compiler is compared with into build/seccomp/peer, from Debian's packages; nothing is installed.
#
#   libseccomp-bpf                             prints libseccomp's program for a profile (tools/seccomp/libseccomp-bpf.c)
#   docker.json podman.json containerd.go      default profiles, as their packages have them
#
# Does nothing when it is done already; remove build/seccomp/peer to begin again.
set -eu

root="$(cd "$(dirname "$0")/../.." && pwd)"
peer="$root/build/seccomp/peer"
work="$root/build/seccomp/peer.tmp"
source="$root/tools/seccomp/libseccomp-bpf.c"

fail() {
    echo "tools/seccomp/peer.sh: $*" >&2
    exit 1
}

need() { # tool, package that brings it
    command -v "$1" >/dev/null || fail "$1 is missing: apt-get install $2"
}

copy() { # file in the unpacked packages, name
    cp "$work/tree/usr/share/$1" "$work/$2"
}

[ -f "$peer/libseccomp-bpf" ] && [ "$peer/libseccomp-bpf" -nt "$source" ] && exit 0
need apt-get apt
need dpkg-deb dpkg
need gcc gcc
mkdir -p "$root/build/seccomp"
exec 8>"$root/build/seccomp/peer.lock"
flock 8
[ -f "$peer/libseccomp-bpf" ] && [ "$peer/libseccomp-bpf" -nt "$source" ] && exit 0
rm -rf "$work" "$peer"
mkdir -p "$work/debs" "$work/tree"
"$root/tools/apt-private.sh" "$work/debs" libseccomp-dev golang-github-docker-docker-dev \
    golang-github-containers-common golang-github-containerd-containerd-dev
for deb in "$work"/debs/*.deb; do
    dpkg-deb -x "$deb" "$work/tree"
    basename "$deb" >>"$work/packages"
done
copy gocode/src/github.com/docker/docker/profiles/seccomp/default.json docker.json
copy containers/seccomp.json podman.json
copy gocode/src/github.com/containerd/containerd/contrib/seccomp/seccomp_default.go containerd.go
# Static, so that it does not matter which libseccomp the machine has.
gcc -O2 -Wall -Wextra -Werror -I "$work/tree/usr/include" -o "$work/libseccomp-bpf" "$source" \
    "$(find "$work/tree" -name libseccomp.a)"
rm -rf "$work/tree" "$work/debs"
mv "$work" "$peer"

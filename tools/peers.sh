#!/bin/sh
# Brings the runtimes that ocirun is measured against, trixie's crun and runc, into build/peers.
#
#   build/peers/bin/{crun,runc}   run with the libraries in build/peers/lib, which are trixie's too
#
# Nothing is installed: packages are unpacked, and the programs are pointed at their libraries by patchelf.
# Does nothing when it is done already; remove build/peers to begin again.
set -eu

root="$(cd "$(dirname "$0")/.." && pwd)"
peers="$root/build/peers"
work="$root/build/peers.tmp"

fail() {
    echo "tools/peers.sh: $*" >&2
    exit 1
}

need() { # tool, package that brings it
    command -v "$1" >/dev/null || fail "$1 is missing: apt-get install $2"
}

unpack() { # packages
    "$root/tools/apt-private.sh" "$work/debs" "$@"
    for package in "$@"; do
        dpkg-deb -x "$work/debs/$package"_*.deb "$work/tree"
        echo "$package" >>"$work/packages"
    done
}

# Sonames that the files need and lib/ does not have yet.
missing_libraries() {
    for file in "$work"/bin/* "$work"/lib/*; do
        [ -f "$file" ] || continue
        readelf -d "$file" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'
    done | sort -u | while read -r soname; do
        [ -e "$work/lib/$soname" ] || echo "$soname"
    done
}

# Debian policy 8.1 names a library's package after its soname: libfoo.so.2 is in libfoo2.
package_of() {
    case "$1" in
        ld-linux*) echo libc6 ;;
        *) echo "$1" | sed 's/\.so\./ /; s/\([0-9]\) \([0-9]\)/\1-\2/; s/ //' | tr 'A-Z_' 'a-z-' ;;
    esac
}

collect() { # soname: copies the library out of the unpacked packages
    find "$work/tree" -name "$1" \( -type f -o -type l \) | head -n 1 | while read -r found; do
        cp -L "$found" "$work/lib/$1"
    done
    [ -e "$work/lib/$1" ]
}

bring_libraries() {
    while missing="$(missing_libraries)" && [ -n "$missing" ]; do
        for soname in $missing; do
            collect "$soname" && continue
            unpack "$(package_of "$soname")"
            collect "$soname" || fail "no library $soname in trixie's $(package_of "$soname")"
        done
    done
}

point_at_libraries() {
    interpreter="$(basename "$(patchelf --print-interpreter "$work/bin/crun")")"
    collect "$interpreter" || fail "no $interpreter in trixie's libc6"
    for program in crun runc; do
        # --force-rpath: a RUNPATH is not used for the libraries of libraries.
        patchelf --set-interpreter "$peers/lib/$interpreter" --force-rpath --set-rpath "$peers/lib" "$work/bin/$program"
    done
}

# The folder's own place is part of the programs, so a moved checkout starts anew.
[ "$(cat "$peers/done" 2>/dev/null || true)" = "$peers" ] && exit 0
need apt-get apt
need dpkg-deb dpkg
need readelf binutils
need patchelf patchelf
mkdir -p "$root/build"
exec 8>"$root/build/peers.lock"
flock 8
[ "$(cat "$peers/done" 2>/dev/null || true)" = "$peers" ] && exit 0
rm -rf "$work" "$peers"
mkdir -p "$work/bin" "$work/lib" "$work/tree"
unpack crun runc
cp "$work/tree/usr/bin/crun" "$work/tree/usr/sbin/runc" "$work/bin/"
bring_libraries
point_at_libraries
for deb in "$work"/debs/*.deb; do basename "$deb"; done >"$work/packages"
rm -rf "$work/tree" "$work/debs"
mv "$work" "$peers"
"$peers/bin/crun" --version >/dev/null || fail "the unpacked crun does not run"
"$peers/bin/runc" --version >/dev/null || fail "the unpacked runc does not run"
echo "$peers" >"$peers/done"

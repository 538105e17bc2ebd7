# shellcheck shell=bash disable=SC2154
# Part of run.sh: makes the first file system of the guest, $run/initrd, with what there is to do in it.

# The command as a script for bash.
guest_command() {
    local variable
    echo 'export HOME=/root USER=root LOGNAME=root SHELL=/bin/bash'
    for variable in PATH TERM LANG LC_ALL "${variables[@]}"; do
        if [[ $variable == *=* ]]; then
            printf 'export %s=%q\n' "${variable%%=*}" "${variable#*=}"
        elif [[ -v $variable ]]; then
            printf 'export %s=%q\n' "$variable" "${!variable}"
        fi
    done
    printf 'cd %q || exit 125\nexec' "$directory"
    printf ' %q' "${command[@]}"
    echo
}

# A module, and those that it needs, from modules.dep: `file: file…`.
add_module() { # name
    local file
    # shellcheck disable=SC2013
    for file in $(sed -n "s|^\(.*/$1\.ko\):|\1|p" "$modules/modules.dep"); do
        [ -e "$tree/lib/modules/$release/$file" ] || install -D "$modules/$file" "$tree/lib/modules/$release/$file"
    done
}

make_initrd() {
    local tree="$run/tree" modules release applet module wanted='virtio_pci 9pnet_virtio 9p overlay'
    modules="$(echo "$kernel"/lib/modules/*)"
    release="${modules##*/}"
    [ -z "$disk$swap" ] || wanted+=' virtio_blk'
    mkdir -p "$tree"/{bin,proc,sys,dev,guest} "$tree/lib/modules/$release"
    cp "$(command -v busybox)" "$tree/bin/busybox"
    for applet in sh cat cp echo hostname ip ln mkdir mkswap modprobe mount poweroff swapon switch_root umount uname; do
        ln -s busybox "$tree/bin/$applet"
    done
    cp "$modules/modules.dep" "$modules/modules.builtin" "$tree/lib/modules/$release/"
    for module in $wanted; do add_module "$module"; done
    install -m 755 "$here/guest/init.sh" "$tree/init"
    cp "$here/guest/main.sh" "$here/guest/systemd.sh" "$tree/guest/"
    guest_command >"$tree/guest/command"
    printf '#!/run/guest/busybox sh\nexec /run/guest/busybox modprobe "$@"\n' >"$tree/guest/modprobe"
    chmod 755 "$tree/guest/modprobe"
    [ "${#rw[@]}" = 0 ] || printf '%s\n' "${rw[@]}" >"$tree/guest/rw"
    [ "${#tmpfs[@]}" = 0 ] || printf '%s\n' "${tmpfs[@]}" >"$tree/guest/tmpfs"
    touch "$tree/guest/rw" "$tree/guest/tmpfs"
    printf '%s=%q\n' SYSTEMD "$systemd" MODULES "$wanted" MODULE_DIR "$modules" SWAP "$swap" >"$tree/guest/conf"
    (cd "$tree" && find . | busybox cpio -o -H newc 2>/dev/null) >"$run/initrd"
    rm -r "$tree"
}

make_initrd

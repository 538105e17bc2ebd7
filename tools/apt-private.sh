#!/bin/sh
# Downloads .deb files of newer Debian suites without touching the machine's own apt set-up.
#
#   tools/apt-private.sh DIR PACKAGE…      (PACKAGE may be name, name/suite or name=version)
#
# The mirror and its key ring are taken from the machine's own source list, which is only read: lists, cache and
# configuration live in build/apt. apt checks the signatures as always. Prints nothing when all goes well.
set -eu

suites="${OCIRUN_APT_SUITES:-trixie trixie-backports}"
base="$(cd "$(dirname "$0")/.." && pwd)/build/apt"

fail() {
    echo "tools/apt-private.sh: $*" >&2
    exit 1
}

# Prints "URI<TAB>keyring" of the machine's main Debian archive: the entry whose suite is the release's own code name.
own_archive() {
    etc="${OCIRUN_APT_ETC:-/etc/apt}"
    codename="$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)"
    for file in "$etc"/sources.list.d/*.sources; do
        [ -f "$file" ] || continue
        # deb822: stanzas are separated by empty lines, fields may come in any order and case.
        awk -v want="$codename" '
            function flush() { if (found && uri != "" && !off) { print uri "\t" key; exit } uri = key = ""; found = off = 0 }
            /^[ \t]*$/ { flush(); next }
            /^#/ { next }
            { field = tolower($1) }
            field == "uris:" { uri = $2 }
            field == "suites:" { for (i = 2; i <= NF; i++) if ($i == want) found = 1 }
            field == "signed-by:" { key = $2 }
            field == "enabled:" && tolower($2) == "no" { off = 1 }
            END { flush() }' "$file"
    done
    for file in "$etc"/sources.list "$etc"/sources.list.d/*.list; do
        [ -f "$file" ] || continue
        sed -n 's/^deb[[:space:]]\{1,\}//p' "$file" | awk -v want="$codename" '
            { key = ""; i = 1
              if ($1 ~ /^\[/) for (;; i++) {
                  option = $i; gsub(/[][]/, "", option)
                  if (option ~ /^signed-by=/) key = substr(option, 11)
                  if ($i ~ /\]$/ || i > NF) { i++; break } }
              if ($(i + 1) == want) print $i "\t" key }'
    done
}

write_configuration() {
    archive="$(own_archive | head -n 1)"
    uri="${archive%%	*}"
    key="${archive#*	}"
    [ -n "$uri" ] || fail "no Debian archive found in /etc/apt/sources.list or /etc/apt/sources.list.d"
    mkdir -p "$base/etc" "$base/lists/partial" "$base/cache/archives/partial" "$base/state"
    : >"$base/status" # no package counts as installed: apt's view must not depend on this machine
    {
        echo "Types: deb"
        echo "URIs: $uri"
        echo "Suites: $suites"
        echo "Components: main"
        case "$key" in /*) echo "Signed-By: $key" ;; esac
    } >"$base/etc/private.sources"
    cat >"$base/apt.conf" <<CONF
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
Dir::State "$base/state";
Dir::State::lists "$base/lists";
Dir::State::status "$base/status";
Dir::Cache "$base/cache";
Dir::Etc::sourcelist "/dev/null";
Dir::Etc::sourceparts "$base/etc";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
APT::Sandbox::User "root";
APT::Default-Release "";
Acquire::Languages "none";
Acquire::Retries "3";
CONF
}

quiet() { # shows a command's output only if it fails
    "$@" >"$base/log" 2>&1
}

update() {
    quiet apt-get -c "$base/apt.conf" -q update -o APT::Update::Error-Mode=any || {
        cat "$base/log" >&2
        fail "reading the package lists failed (suites: $suites)"
    }
    cat "$base/etc/private.sources" >"$base/updated"
}

[ $# -ge 2 ] || fail "usage: tools/apt-private.sh DIR PACKAGE…"
command -v apt-get >/dev/null || fail "apt-get is missing: a Debian machine is needed"
mkdir -p "$1" "$base"
dir="$(cd "$1" && pwd)"
shift

exec 9>"$base/lock"
flock 9
write_configuration
# Lists older than a day may name versions that the mirror no longer has; lists of another source are of no use.
cmp -s "$base/etc/private.sources" "$base/updated" && [ -n "$(find "$base/updated" -mtime -1)" ] || update
cd "$dir"
quiet apt-get -c "$base/apt.conf" -q download "$@" || {
    update
    quiet apt-get -c "$base/apt.conf" -q download "$@" || {
        cat "$base/log" >&2
        fail "downloading failed: $*"
    }
}

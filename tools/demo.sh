#!/bin/bash
# npm run demo: builds, makes a small bundle, runs a container, and shows from inside what is isolated.
set -euo pipefail

root="$(cd "$(dirname "$0")/.." && pwd)"
cd "$root"
[ "$(id -u)" = 0 ] || { echo 'the demo makes a container: run it as root' >&2; exit 1; }
mkdir -p build
echo 'Building bin/ocirun …'
node tools/build.mjs >build/demo.log 2>&1 || { cat build/demo.log >&2; exit 1; }
ls -l bin/ocirun | awk '{ print "  one static file, " $5 " bytes" }'

work="$(mktemp -d /tmp/ocirun-demo-XXXXXX)"
id="$(basename "$work")"
ocirun() { "$root/bin/ocirun" --root "$work/state" "$@"; }
clean() {
    ocirun delete --force "$id" >/dev/null 2>&1 || true
    rm -rf "$work"
}
trap clean EXIT
mkdir -p "$work/state" "$work/bundle/rootfs"/{bin,proc,sys,dev,etc,tmp}

# The whole root filesystem is one static program.
busybox="$(command -v busybox || true)"
if [ -z "$busybox" ] || ldd "$busybox" >/dev/null 2>&1; then
    echo 'busybox is missing: apt-get install busybox-static' >&2
    exit 1
fi
cp "$busybox" "$work/bundle/rootfs/bin/busybox"
"$busybox" --list | while read -r applet; do
    [ "$applet" = busybox ] || ln -s busybox "$work/bundle/rootfs/bin/$applet"
done

cat >"$work/bundle/rootfs/show" <<'SHOW'
#!/bin/sh
line() { printf '  %-30s %s\n' "$1" "$2"; }
namespace() { line "$1" "$(readlink "/proc/self/ns/$2" | tr -dc 0-9), on the host $(sed -n "s/^$2=//p" /host)"; }
echo 'Namespaces (numbers differ: the container has its own):'
namespace 'process ids' pid
namespace 'mounts' mnt
namespace 'network' net
namespace 'host name' uts
namespace 'interprocess communication' ipc
echo 'What the process sees:'
line 'its own process id' "$$"
line 'processes' "$(ls /proc | grep -c '^[0-9]*$') (this shell and the commands of this line), on the host $(sed -n 's/^processes=//p' /host)"
line 'host name' "$(hostname), on the host $(sed -n 's/^hostname=//p' /host)"
line 'network interfaces' "$(ls /sys/class/net | tr '\n' ' ')"
line 'files of the root' "$(ls / | tr '\n' ' ')"
line 'devices' "$(ls /dev | tr '\n' ' ')"
echo 'What it may not do:'
line 'write into its root' "$(touch /file 2>&1)"
line 'change a kernel setting' "$( (echo x >/proc/sys/kernel/hostname) 2>&1 | sed 's/.*can/can/')"
line 'read the keys of the kernel' "/proc/keys shows $(wc -l </proc/keys), on the host $(sed -n 's/^keys=//p' /host)"
line 'mount a filesystem' "$(mount -t tmpfs none /tmp 2>&1)"
line 'gain privileges' "NoNewPrivs $(sed -n 's/^NoNewPrivs:[[:space:]]*//p' /proc/self/status), capabilities $(sed -n 's/^CapEff:[[:space:]]*//p' /proc/self/status)"
line 'open files' "at most $(ulimit -n)"
SHOW
chmod 755 "$work/bundle/rootfs/show"
{
    for name in pid mnt net uts ipc; do echo "$name=$(readlink "/proc/self/ns/$name" | tr -dc 0-9)"; done
    echo "processes=$(find /proc -maxdepth 1 -name '[0-9]*' 2>/dev/null | wc -l)"
    echo "hostname=$(uname -n)"
    echo "keys=$(wc -l </proc/keys)"
} >"$work/bundle/rootfs/host"

echo 'Making a bundle: ocirun spec …'
ocirun spec --bundle "$work/bundle"
node -e '
    const [file] = process.argv.slice(1);
    const config = JSON.parse(require("fs").readFileSync(file, "utf8"));
    Object.assign(config.process, { terminal: false, args: ["/show"], env: ["PATH=/bin"] });
    config.hostname = "demo";
    require("fs").writeFileSync(file, JSON.stringify(config, null, 2));' "$work/bundle/config.json"

echo "Running a container: ocirun run --bundle $work/bundle $id"
began=$(date +%s%N)
ocirun run --bundle "$work/bundle" "$id"
echo "The container has ended after $((($(date +%s%N) - began) / 1000000)) ms. Its life, step by step:"
ocirun create --bundle "$work/bundle" "$id" >"$work/output" 2>&1
status() { ocirun state "$id" | sed -n 's/^ *"status": "\(.*\)",*/\1/p'; }
echo "  create: $(status), pid $(ocirun state "$id" | sed -n 's/^ *"pid": \(.*\),/\1/p')"
ocirun start "$id"
for _ in $(seq 100); do [ "$(status)" = stopped ] && break; sleep 0.02; done
echo "  start:  $(status), $(wc -l <"$work/output") lines of output"
ocirun delete "$id"
echo "  delete: $(ocirun list --quiet | wc -l) containers left"

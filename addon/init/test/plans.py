"""The plan of a default container in the order of src/plan/build.ts, for a root filesystem with busybox."""
import os
import shutil
import stat

from plan import FIFO, KINDS, PROC, ROOT, step

NEW = 0x20000 | 0x2000000 | 0x4000000 | 0x8000000 | 0x20000000 | 0x40000000
NOSUID, NODEV, NOEXEC, RDONLY = 2, 4, 8, 1
MASKED = ["/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys", "/proc/timer_list", "/proc/scsi", "/sys/firmware"]
READONLY = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]
DEVICES = [("null", 1, 3), ("zero", 1, 5), ("full", 1, 7), ("random", 1, 8), ("urandom", 1, 9), ("tty", 5, 0)]
CAPS = 1 << 5 | 1 << 10 | 1 << 29  # KILL, NET_BIND_SERVICE, AUDIT_WRITE


def make_root(path):
    for name in ("bin", "etc", "proc", "dev", "sys"):
        os.makedirs(f"{path}/{name}", exist_ok=True)
    shutil.copy("/usr/bin/busybox" if os.path.exists("/usr/bin/busybox") else "/bin/busybox", f"{path}/bin/busybox")
    for applet in ("sh", "true", "cat", "ls", "stat", "id", "sleep"):
        os.symlink("busybox", f"{path}/bin/{applet}")
    with open(f"{path}/etc/passwd", "w") as file:
        file.write("root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000::/home/user:/bin/sh\n")
    with open(f"{path}/bin/plain", "w") as file:
        file.write("not executable")
    os.symlink("/etc/passwd", f"{path}/link-to-file")
    os.symlink("/dev", f"{path}/link-to-dev")


def mounts():
    def mount(target, kind, source, attributes, *options, real=0):
        return step("mount", [attributes, 0, real, 0, 0, 0], [target, kind, source, *options], [ROOT])

    return [
        mount("/proc", "proc", "proc", 0, real=1),
        mount("/dev", "tmpfs", "tmpfs", NOSUID, "mode=755", "size=65536k"),
        mount("/dev/pts", "devpts", "devpts", NOSUID | NOEXEC, "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"),
        mount("/dev/shm", "tmpfs", "shm", NOSUID | NOEXEC | NODEV, "mode=1777", "size=65536k"),
        mount("/dev/mqueue", "mqueue", "mqueue", NOSUID | NOEXEC | NODEV),
        mount("/sys", "sysfs", "sysfs", NOSUID | NOEXEC | NODEV | RDONLY, "ro", real=1),
    ]


def default_plan(root, args, wait=False, uid=0, home=True, env=("PATH=/bin", "A=b"), cwd="/work/dir", groups=()):
    stage1 = [step("tieToRuntime"), step("resetAffinity"), step("clone", [NEW])]
    stage2 = [
        step("tieToRuntime"),
        step("dumpable", [0]),
        step("newSession"),
        step("sessionKeyring", [], ["_ses.ocirun-test"]),
        step("loopbackUp"),
        step("propagation", [1 << 19]),
        step("openProc", slots=[PROC]),
        step("openRoot", [], [root], [ROOT]),
        *mounts(),
        *(step("device", [stat.S_IFCHR | 0o666, a, b, 0, 0], ["/dev/" + n], [ROOT]) for n, a, b in DEVICES),
        step("symlink", [], ["/proc/self/fd", "/dev/fd"], [ROOT]),
        step("makeDirectory", [], [cwd], [ROOT]),
        step("await", [KINDS["hooks"], KINDS["hooked"]]),
        step("pivot", slots=[ROOT]),
        step("hostname", [], ["inside"]),
        step("domainname", [], ["domain"]),
        step("rootReadonly", slots=[ROOT]),
        *(step("readonlyPath", [], [path], [ROOT]) for path in READONLY),
        *(step("mask", [], [path], [ROOT]) for path in MASKED),
        step("findHome", [uid], [], [ROOT]),
        step("noNewPrivileges"),
        step("umask", [0o022]),
        step("boundingSet", [CAPS, 40]),
        step("user", [uid, uid, *groups]),
        step("capabilities", [CAPS, CAPS, 0, 0]),
        step("changeDirectory", [1], [cwd], [ROOT]),
        step("findProgram", [], [args[0], "/nowhere:/bin"]),
        step("untieFromRuntime"),
        step("await", [KINDS["ready"], KINDS["saved"]]),
        *([step("awaitStart", slots=[FIFO, PROC])] if wait else []),
        step("closeDescriptors", [3]),
        step("execute", [len(args), 1 if home else 0], [*args, *env]),
    ]
    return stage1, stage2


def place_of(plan, op_number, nth=0):
    """The global index of the nth step with that op."""
    steps = [*plan[0], *plan[1]]
    return [index for index, s in enumerate(steps) if s[0] == op_number][nth]


def replaced(plan, index, new):
    steps = [*plan[0], *plan[1]]
    steps[index] = new
    return steps[: len(plan[0])], steps[len(plan[0]) :]


def inserted(plan, index, *new):
    """With further steps before that one, in its stage."""
    stage = 0 if index < len(plan[0]) else 1
    at = index - (len(plan[0]) if stage else 0)
    changed = [*plan[stage][:at], *new, *plan[stage][at:]]
    return (changed, plan[1]) if stage == 0 else (plan[0], changed)

"""New filesystems: where they go, which modes they have, how their options come to them."""
import errno
import os

from harness import fails, output_of, test
from plan import PROC, ROOT, step
from plans import NODEV, NOEXEC, NOSUID, RDONLY
from trees import index_of, mounts_of, plan_with, seen

RECURSIVE, UNBINDABLE, PRIVATE, SLAVE, SHARED = 0x4000, 1 << 17, 1 << 18, 1 << 19, 1 << 20
NOATIME, STRICTATIME, ATIME, NODIRATIME, NOSYMFOLLOW = 0x10, 0x20, 0x70, 0x80, 0x200000


def mounting(target, kind, source, *options, attributes=0, propagation=0, real=0, mode=0, copy=0, proc=0):
    return step("mount", [attributes, propagation, real, mode, copy, proc], [target, kind, source, *options], [ROOT])


def refused(bench, new, error, detail, before="await", **options):
    plan = plan_with(bench, [new], ["true"], before)
    fails(bench, plan, index_of(plan, new), error, detail, **options)


@test
def a_mount_has_its_attributes(bench):
    cases = {"nosuid": NOSUID, "nodev": NODEV, "noexec": NOEXEC, "ro": RDONLY, "noatime": NOATIME,
             "nodiratime": NODIRATIME, "nosymfollow": NOSYMFOLLOW}
    steps = [mounting(f"/m/{name}", "tmpfs", "x", attributes=bits) for name, bits in cases.items()]
    mounts = mounts_of(bench, [*steps, mounting("/m/strict", "tmpfs", "x", attributes=STRICTATIME)])
    for name in cases:
        assert name in mounts[f"/m/{name}"].attributes, (name, mounts[f"/m/{name}"].attributes)
    assert mounts["/m/strict"].attributes == ["rw"], mounts["/m/strict"].attributes


@test
def a_mount_has_its_propagation(bench):
    cases = {"shared": SHARED, "unbindable": UNBINDABLE, "private": PRIVATE, "none": 0}
    mounts = mounts_of(bench, [mounting(f"/{n}", "tmpfs", "x", propagation=bits) for n, bits in cases.items()])
    assert mounts["/shared"].optional[0].startswith("shared:"), mounts["/shared"].optional
    assert mounts["/unbindable"].optional == ["unbindable"]
    assert mounts["/private"].optional == mounts["/none"].optional == []


@test
def the_propagation_reaches_as_far_as_the_plan_says(bench):
    mounts = mounts_of(bench, [step("propagation", [SHARED], slots=[ROOT])], before="hostname")
    shared = {target for target, line in mounts.items() if line.optional}
    assert shared == {"/"}, shared
    mounts = mounts_of(bench, [step("propagation", [SHARED | RECURSIVE], slots=[ROOT])], before="hostname")
    unshared = {target for target, line in mounts.items() if not line.optional}
    # What is attached afterwards below a shared mount is shared, too; copies of private ones before are not.
    assert {"/", "/proc", "/dev", "/dev/pts", "/sys"} & unshared == set(), unshared
    mounts = mounts_of(bench, [step("propagation", [SHARED | RECURSIVE])], before="hostname")
    assert mounts["/proc"].optional, "without a slot"


@test
def the_mode_of_the_covered_directory_is_kept(bench):
    for name, mode in (("sticky", 0o1777), ("closed", 0o700), ("setgid", 0o2750)):
        os.mkdir(f"{bench.root}/{name}")
        os.chmod(f"{bench.root}/{name}", mode)
    steps = [mounting(f"/{name}", "tmpfs", "x", mode=1) for name in ("sticky", "closed", "setgid", "made")]
    text = seen(bench, steps, "stat -c '%n %a' /sticky /closed /setgid /made")
    # What had to be made has tmpfs's own.
    assert text == "/sticky 1777\n/closed 700\n/setgid 2750\n/made 1777\n", text


@test
def a_mode_of_the_plan_wins(bench):
    os.mkdir(f"{bench.root}/closed", 0o700)
    text = seen(bench, [mounting("/closed", "tmpfs", "x", "mode=711", mode=1)], "stat -c %a /closed")
    assert text == "711\n", text


@test
def missing_targets_are_made(bench):
    os.symlink("/made/elsewhere", f"{bench.root}/dangling")
    text = seen(bench, [mounting("/a/b/c", "tmpfs", "x"), mounting("/dangling/d", "tmpfs", "y")],
                "stat -c '%n %a' /a /a/b /made /made/elsewhere; cat /proc/self/mountinfo")
    assert text.startswith("/a 755\n/a/b 755\n/made 755\n/made/elsewhere 755\n"), text
    assert " /a/b/c " in text and " /made/elsewhere/d " in text, text


@test
def a_mount_that_fails_leaves_nothing(bench):
    refused(bench, mounting("/x", "tmpfs", "x", "size=oranges"), errno.EINVAL, "size=oranges: e tmpfs: Bad value")
    refused(bench, mounting("/x", "ext4", "/no/such/device"), errno.ENOENT, "/no/such/device")


@test
def nothing_is_mounted_over_the_root(bench):
    os.symlink("..", f"{bench.root}/up")
    os.symlink("/", f"{bench.root}/top")
    for target in ("/", "/.", "/bin/..", "/up", "/top", "/top/../up"):
        refused(bench, mounting(target, "tmpfs", "x"), errno.EBUSY, f"{target}: this is the root itself")


@test
def nothing_is_mounted_inside_a_procfs(bench):
    os.symlink("/proc/self/attr", f"{bench.root}/attr")
    os.symlink("../proc", f"{bench.root}/way")
    os.symlink("proc/self", f"{bench.root}/self")
    for target in ("/proc/fs", "/attr", "/way", "/way/sys/kernel", "/self/task", "/proc"):
        refused(bench, mounting(target, "tmpfs", "x"), errno.EPERM, f"{target}: inside a procfs")
    refused(bench, mounting("/proc/fs", "proc", "x"), errno.EPERM, "/proc/fs: inside a procfs")
    refused(bench, mounting("/proc", "tmpfs", "x", proc=1), errno.EPERM, "/proc: inside a procfs")
    assert "/proc/fs" in mounts_of(bench, [mounting("/proc/fs", "tmpfs", "x", proc=1)])


@test
def a_procfs_covers_a_procfs(bench):
    mounts = mounts_of(bench, [mounting("/proc", "proc", "second", real=1)])
    assert mounts["/proc"].source == "second", mounts["/proc"].source


@test
def a_link_is_no_place_for_a_procfs(bench):
    os.symlink("/etc", f"{bench.root}/fake")
    os.symlink("fake", f"{bench.root}/faker")
    for target in ("/fake", "/faker", "/faker/proc"):
        refused(bench, mounting(target, "proc", "x", real=1), errno.ELOOP, target)
    assert os.listdir(f"{bench.root}/etc") == ["passwd"]


def layers(bench, count, length):
    """Directories with names of that length, outside the root, and what an overlay of them needs."""
    home = f"{bench.root}-layers"
    names = [f"{home}/{number:03}".ljust(length, "l") for number in range(count)]
    for name in (*names, f"{home}/upper", f"{home}/work"):
        os.makedirs(name)
    for number, name in enumerate(names):
        with open(f"{name}/{number}", "w") as file:
            file.write(f"of layer {number}")
    return names, [f"upperdir={home}/upper", f"workdir={home}/work"]


# A source that no fsconfig(2) takes.
LONG = "s" * 300


@test
def a_short_option_goes_by_descriptor(bench):
    names, others = layers(bench, 2, 120)
    mounts = mounts_of(bench, [mounting("/o", "overlay", "x", f"lowerdir={':'.join(names)}", *others)])
    assert mounts["/o"].type == "overlay"


@test
def a_long_option_goes_by_mount(bench):
    names, others = layers(bench, 12, 200)
    new = mounting("/o", "overlay", LONG, f"lowerdir={':'.join(names)}", *others, attributes=NOSUID | NOEXEC | NOATIME,
                   propagation=SHARED)
    text = seen(bench, [new], "cat /o/0 /o/11; echo new > /o/new; cat /proc/self/mountinfo; pwd")
    assert text.startswith("of layer 0of layer 11"), text
    assert text.endswith("/work/dir\n"), "working directory"
    lines = [line for line in text.splitlines() if " - " in line]
    # Nothing is left of the way.
    assert len([line for line in lines if " /o " in line or " /o/" in line]) == 1, lines
    line = next(line for line in lines if " /o " in line)
    assert "lowerdir=" in line, line
    assert " rw,nosuid,noexec,noatime shared:" in line, line
    with open(f"{bench.root}-layers/upper/new") as file:
        assert file.read() == "new\n"
    assert os.listdir(f"{bench.root}/o") == [], "the directory below"


@test
def layers_go_one_by_one(bench):
    """More than a page of them, which no mount(2) takes."""
    names, others = layers(bench, 60, 120)
    odd = f"{bench.root}-layers/a:b,c\\d"
    os.mkdir(odd)
    with open(f"{odd}/odd", "w") as file:
        file.write("odd")
    options = [f"lowerdir+={name}" for name in (*names, odd)]
    text = seen(bench, [mounting("/o", "overlay", "x", *options, *others)], "cat /o/0 /o/59 /o/odd")
    assert text == "of layer 0of layer 59odd", text
    new = mounting("/o", "overlay", "x", f"lowerdir+={names[0]}/no", *options, *others)
    refused(bench, new, errno.ENOENT, f"{names[0]}/no")


@test
def escaped_names_go_by_mount(bench):
    names, others = layers(bench, 2, 200)
    odd = [f"{bench.root}-layers/{name}" for name in ("a:b", "c\\d", "e,f", "g\\:h")]
    for number, name in enumerate(odd):
        os.mkdir(name)
        with open(f"{name}/odd{number}", "w") as file:
            file.write(f"odd {number}")
    escaped = [name.replace("\\", "\\\\").replace(":", "\\:").replace(",", "\\,") for name in odd]
    new = mounting("/o", "overlay", "x", f"lowerdir={':'.join([*names, *escaped])}", *others)
    text = seen(bench, [new], "cat /o/0 /o/1 /o/odd0 /o/odd1 /o/odd2 /o/odd3")
    assert text == "of layer 0of layer 1odd 0odd 1odd 2odd 3", text


@test
def the_working_directory_is_back_after_mount(bench):
    names, _ = layers(bench, 2, 150)
    long = mounting("/long", "overlay", LONG, f"lowerdir={':'.join(names)}")
    short = mounting("/short", "overlay", "x", f"lowerdir={os.path.basename(names[0])}:{os.path.basename(names[1])}")
    text = seen(bench, [long, short], "cat /short/0 /short/1", prepare=lambda: os.chdir(f"{bench.root}-layers"))
    assert text == "of layer 0of layer 1", text


@test
def flags_go_by_mount_as_flags(bench):
    names, _ = layers(bench, 2, 150)
    long = f"lowerdir={':'.join(names)}"
    mounts = mounts_of(bench, [mounting("/o", "overlay", LONG, "ro", long, attributes=RDONLY)])
    assert mounts["/o"].attributes == ["ro", "relatime"] and mounts["/o"].options[0] == "ro", mounts["/o"].options
    new = mounting("/t", "tmpfs", LONG, "sync", "dirsync", "lazytime", "mode=711", "size=64k", attributes=STRICTATIME)
    line = mounts_of(bench, [new])["/t"]
    assert line.source == LONG and line.attributes == ["rw"], line.attributes
    assert {"sync", "dirsync", "lazytime", "mode=711", "size=64k"} <= {*line.options, *line.attributes}, line.options


@test
def the_length_decides(bench):
    for length in (255, 256):
        line = mounts_of(bench, [mounting("/t", "tmpfs", "s" * length, "size=64k")])["/t"]
        assert line.source == "s" * length and "size=64k" in line.options, length
        refused(bench, mounting("/t", "tmpfs", "s" * length, "x" * length), errno.EINVAL, None)


@test
def the_mode_is_kept_by_mount_too(bench):
    os.mkdir(f"{bench.root}/closed", 0o700)
    text = seen(bench, [mounting("/closed", "tmpfs", LONG, mode=1)], "stat -c %a /closed")
    assert text == "700\n", text


@test
def too_long_options_are_named(bench):
    long = "lowerdir=" + "/l" * 2050
    refused(bench, mounting("/o", "overlay", "x", long), errno.ENAMETOOLONG, "lowerdir=/l/l/l")
    parts = [f"a={'x' * 1500}", f"b={'x' * 1500}", f"c={'x' * 1500}"]
    refused(bench, mounting("/o", "overlay", "x", *parts), errno.ENAMETOOLONG, "c=xxx")
    refused(bench, mounting("/o", "tmpfs", "x", f"a={'x' * 256},size=1"), errno.EINVAL, "for two options")
    refused(bench, mounting("/o", "nosuchfs", "x" * 256), errno.ENODEV, "nosuchfs")


@test
def values_keep_their_commas(bench):
    """A label goes to the kernel whole: without SELinux, tmpfs says which key it does not know, not half a value."""
    for option in ('context="a:b:c:s0:c1,c2"', "context=a:b:c:s0:c1,c2", 'rootcontext="a,b"'):
        refused(bench, mounting("/t", "tmpfs", "x", option), errno.EINVAL, f"Unknown parameter '{option.split('=')[0]}'")
    names, others = layers(bench, 1, 100)
    os.rename(names[0], names[0] + ",b")
    text = seen(bench, [mounting("/o", "overlay", "x", f"lowerdir={names[0]},b", *others)], "cat /o/0")
    assert text == "of layer 0", text


@test
def the_root_of_a_plain_chroot_is_as_it_is(bench):
    """Without a mount namespace: no copy, no mounts, the working directory inside."""
    plan = (
        [step("clone", [0x20000000])],
        [step("openProc", slots=[PROC]), step("openDirectory", [], [bench.root], [ROOT]), step("chroot", slots=[ROOT]),
         step("changeDirectory", [1], ["/bin"], [ROOT]),
         step("findProgram", [], ["sh", "/bin"]), step("closeDescriptors", [3]),
         step("execute", [3, 0], ["sh", "-c", "pwd; echo /*; echo ../../..//*"])],
    )
    text = output_of(bench, plan)
    inside = " ".join(sorted(f"/{name}" for name in os.listdir(bench.root)))
    assert isinstance(text, str), text
    lines = text.splitlines()
    assert lines[0] == "/bin" and lines[1] == inside, text
    assert lines[2].replace("../../..//", "/") == inside, text
    broken = (plan[0], [plan[1][0], step("openDirectory", [], [f"{bench.root}/bin/busybox"], [ROOT]), *plan[1][2:]])
    fails(bench, broken, 2, errno.ENOTDIR, "/bin/busybox")

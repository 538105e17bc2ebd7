"""Trees that the runtime opened: files, directories and devices of the host, at places of an image."""
import errno
import os
import socket
import stat

import trees
from harness import fails, output_of, test
from plan import FIRST, OPS, ROOT, step
from plans import MASKED, NODEV, NOEXEC, NOSUID, RDONLY, default_plan
from test_mounts import ATIME, NOATIME, PRIVATE, RECURSIVE, SHARED, SLAVE, mounting
from trees import LIBC, checked, index_of, mounts_of, plan_with, seen, tree

BIND, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT, MS_RDONLY = 0x1000, 2, 4, 8, 32, 1


def attaching(target, to_set=0, clear=0, deep_set=0, deep_clear=0, first=0, propagation=PRIVATE, proc=0, slot=FIRST):
    return step("attach", [to_set, clear, deep_set, deep_clear, first, propagation, proc], [target], [ROOT, slot])


def apart(function):
    """The test runs in a process with mounts of its own: a shared tmpfs `outside` with `file`, `below/` (a tmpfs) and `here`."""

    def run(bench):
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reader)
            status, said = 1, b""
            try:
                outside = host_mounts(bench)
                function(bench, outside)
                status = 0
            except BaseException as error:
                said = repr(error).encode() if not isinstance(error, AssertionError) else str(error).encode()
            os.write(writer, said[:60000] or b"")
            os._exit(status)
        os.close(writer)
        with os.fdopen(reader, "rb") as file:
            said = file.read().decode()
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        assert status == 0, said or f"status {status}"

    run.__name__ = function.__name__
    return test(run)


def host_mounts(bench):
    outside = bench.root + "-outside"
    checked(LIBC.unshare(0x20000), "unshare")
    trees.mount("none", "/", None, RECURSIVE | PRIVATE)
    os.mkdir(outside)
    trees.mount("outside", outside, "tmpfs", 0, "mode=755")
    trees.mount("none", outside, None, SHARED)
    os.mkdir(f"{outside}/below")
    os.mkdir(f"{outside}/here")
    trees.mount("below", f"{outside}/below", "tmpfs", MS_NOSUID)
    with open(f"{outside}/file", "w") as file:
        file.write("of the host\n")
    return outside


def refused(bench, new, error, detail, before="await", **options):
    plan = plan_with(bench, [new], ["true"], before)
    fails(bench, plan, index_of(plan, new), error, detail, **options)


@apart
def a_directory_is_attached_as_one(bench, outside):
    os.mkdir(f"{bench.root}/there", 0o700)
    for target in ("/there", "/made/for/it"):
        text = seen(bench, [attaching(target)], f"cat {target}/file; ls {target}/below", slots={FIRST: tree(outside)})
        assert text == "of the host\n", text
    assert stat.S_IMODE(os.stat(f"{bench.root}/made").st_mode) == 0o755
    # Without its submounts, or with them.
    for deep in (False, True):
        mounts = mounts_of(bench, [attaching("/t", propagation=PRIVATE | RECURSIVE)], slots={FIRST: tree(outside, deep)})
        assert ("/t/below" in mounts) == deep, mounts.keys()


@apart
def a_file_is_attached_as_one(bench, outside):
    with open(f"{bench.root}/there", "w") as file:
        file.write("of the image\n")
    for target in ("/there", "/made/for/it"):
        text = seen(bench, [attaching(target)], f"cat {target}", slots={FIRST: tree(f"{outside}/file")})
        assert text == "of the host\n", text
    assert os.stat(f"{bench.root}/made/for/it").st_size == 0
    with open(f"{bench.root}/there") as file:
        assert file.read() == "of the image\n"


@apart
def whatever_is_no_directory_is_a_file(bench, outside):
    os.mkfifo(f"{outside}/fifo")
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(f"{outside}/socket")
    os.symlink("/no/such", f"{outside}/link")
    for name, kind in (("fifo", "fifo"), ("socket", "socket")):
        text = seen(bench, [attaching("/x")], "stat -c %F /x", slots={FIRST: tree(f"{outside}/{name}")})
        assert text == f"{kind}\n", text
    listener.close()


@apart
def a_file_does_not_go_where_a_directory_is(bench, outside):
    os.symlink("bin", f"{bench.root}/link")
    for target in ("/bin", "/link"):
        refused(bench, attaching(target), errno.ENOTDIR, target, slots={FIRST: tree(f"{outside}/file")})
    refused(bench, attaching("/bin/busybox"), errno.ENOTDIR, "/bin/busybox", slots={FIRST: tree(outside)})
    refused(bench, attaching("/bin/busybox/x"), errno.ENOTDIR, "/bin/busybox/x", slots={FIRST: tree(f"{outside}/file")})


@apart
def links_of_an_image_stay_inside(bench, outside):
    """/etc/resolv.conf of an image leads to a file that comes at run time, or to one of the host."""
    os.makedirs(f"{outside}/victim")
    links = {"dangling": "../run/made/file", "absolute": "/run/other/file", "up": "../../../../../../high/file",
             "chain": "/chain2", "chain2": "run/chained", "host": f"{outside}/victim/file", "dots": "bin/../run/dots"}
    for name, content in links.items():
        os.symlink(content, f"{bench.root}/{name}")
    for name in links:
        text = seen(bench, [attaching(f"/{name}")], f"cat /{name}", slots={FIRST: tree(f"{outside}/file")})
        assert text == "of the host\n", (name, text)
    for made in ("run/made/file", "run/other/file", "high/file", "run/chained", f"{outside[1:]}/victim/file", "run/dots"):
        assert os.path.exists(f"{bench.root}/{made}"), made
    assert os.listdir(f"{outside}/victim") == []
    os.symlink("loop2", f"{bench.root}/loop")
    os.symlink("/loop", f"{bench.root}/loop2")
    os.symlink("/run/slash/", f"{bench.root}/slash")
    refused(bench, attaching("/loop"), errno.ELOOP, "/loop", slots={FIRST: tree(f"{outside}/file")})
    refused(bench, attaching("/slash"), errno.EINVAL, "/slash", slots={FIRST: tree(f"{outside}/file")})
    refused(bench, attaching("/"), errno.ENOTDIR, "/", slots={FIRST: tree(f"{outside}/file")})


@apart
def attributes_of_the_top_and_of_all(bench, outside):
    def look(**change):
        new = attaching("/t", propagation=PRIVATE | RECURSIVE, **change)
        mounts = mounts_of(bench, [new], slots={FIRST: tree(outside, True)})
        return mounts["/t"].attributes, mounts["/t/below"].attributes

    assert look() == (["rw", "relatime"], ["rw", "nosuid", "relatime"])
    assert look(to_set=RDONLY | NOEXEC) == (["ro", "noexec", "relatime"], ["rw", "nosuid", "relatime"])
    assert look(deep_set=RDONLY | NODEV) == (["ro", "nodev", "relatime"], ["ro", "nosuid", "nodev", "relatime"])
    assert look(deep_clear=NOSUID) == (["rw", "relatime"], ["rw", "relatime"])
    # The recursive ones come last.
    assert look(to_set=RDONLY, deep_clear=RDONLY) == (["rw", "relatime"], ["rw", "nosuid", "relatime"])
    # The old way of keeping access times is cleared, though the plan does not say so.
    assert look(to_set=NOATIME) == (["rw", "noatime"], ["rw", "nosuid", "relatime"])
    assert look(deep_set=NOATIME) == (["rw", "noatime"], ["rw", "nosuid", "noatime"])
    assert look(to_set=NOATIME, deep_clear=ATIME) == (["rw", "relatime"], ["rw", "nosuid", "relatime"])


@apart
def propagation_of_the_top_and_of_all(bench, outside):
    trees.mount("none", f"{outside}/below", None, SHARED)

    def look(first, second, **change):
        mounts = mounts_of(bench, [attaching("/t", first=first, propagation=second, **change)],
                           slots={FIRST: tree(outside, True)})
        return ["+".join(word.split(":")[0] for word in mounts[target].optional) for target in ("/t", "/t/below")]

    assert look(0, 0) == ["shared", "shared"]
    assert look(0, PRIVATE) == ["", "shared"]
    assert look(0, PRIVATE | RECURSIVE) == ["", ""]
    assert look(0, SLAVE) == ["master", "shared"]
    assert look(SLAVE, SHARED) == ["shared+master", "shared"]
    assert look(SLAVE | RECURSIVE, SHARED) == ["shared+master", "master"]
    assert look(SLAVE, SHARED | RECURSIVE) == ["shared+master", "shared"]
    assert look(PRIVATE | RECURSIVE, SHARED, to_set=RDONLY) == ["shared", ""]
    assert look(PRIVATE | RECURSIVE, SHARED | RECURSIVE, to_set=RDONLY, deep_set=NODEV) == ["shared", "shared"]
    assert look(PRIVATE, SLAVE | RECURSIVE, deep_set=NODEV) == ["", "master"]


@apart
def mounts_inside_stay_inside(bench, outside):
    """A tree cut off from the host before it is attached, and one that is still its peer."""
    inside = mounting("/t/here", "tmpfs", "x")
    for propagation, reaches in ((PRIVATE, False), (SLAVE, False), (SHARED, True)):
        seen(bench, [attaching("/t", propagation=propagation), inside], "true", slots={FIRST: tree(outside)})
        mounted = os.path.ismount(f"{outside}/here")
        assert mounted == reaches, propagation
        if mounted:
            trees.unmount(f"{outside}/here")


@apart
def nothing_is_attached_inside_a_procfs(bench, outside):
    os.symlink("/proc/self/attr/current", f"{bench.root}/current")
    os.symlink("proc", f"{bench.root}/way")
    file, proc = tree(f"{outside}/file"), tree("/proc")
    for target in ("/proc/cpuinfo", "/current", "/way/sys/kernel/hostname", "/proc/self/status"):
        refused(bench, attaching(target), errno.EPERM, f"{target}: inside a procfs", slots={FIRST: file})
    for target in ("/proc", "/way", "/way/fs"):
        refused(bench, attaching(target), errno.EPERM, f"{target}: inside a procfs", slots={FIRST: tree(outside)})
    refused(bench, attaching("/proc/fs"), errno.EPERM, "/proc/fs: inside a procfs", slots={FIRST: proc})
    refused(bench, attaching("/proc", proc=1), errno.EPERM, "/proc: inside a procfs", slots={FIRST: tree(outside)})
    text = seen(bench, [attaching("/proc/cpuinfo", proc=1)], "cat /proc/cpuinfo", slots={FIRST: tree(f"{outside}/file")})
    assert text == "of the host\n", text
    # A procfs over a procfs.
    text = seen(bench, [attaching("/proc", propagation=SLAVE)], f"cat /proc/{os.getpid()}/stat", slots={FIRST: tree("/proc")})
    assert text.startswith(f"{os.getpid()} "), text
    # A part of a procfs is no procfs.
    refused(bench, attaching("/proc"), errno.EPERM, "/proc: inside a procfs", slots={FIRST: tree("/proc/sys")})


@apart
def nothing_is_attached_over_the_root(bench, outside):
    os.symlink("../..", f"{bench.root}/up")
    for target in ("/", "/.", "/bin/..", "/up"):
        refused(bench, attaching(target), errno.EBUSY, f"{target}: this is the root itself", slots={FIRST: tree(outside)})


def with_fewer_rights(work):
    """
    Run `work` as root of a user namespace with a copy of our mounts, whose flags the kernel locks there. It cannot make
    device nodes, so everything happens before them.
    """
    ours, theirs = socket.socketpair()
    child = os.fork()
    if child == 0:
        status = b"1"
        try:
            checked(LIBC.unshare(0x10000000 | 0x20000), "unshare")
            theirs.send(b"x")
            theirs.recv(1)
            work()
            status = b"0"
        except BaseException as error:
            theirs.send(str(error).encode() or repr(error).encode())
        os._exit(int(status))
    theirs.close()
    ours.recv(1)
    for name in ("uid_map", "gid_map"):
        with open(f"/proc/{child}/{name}", "w") as file:
            file.write("0 0 65536")
    ours.send(b"x")
    said = ours.recv(60000).decode()
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status == 0, said


@apart
def a_locked_flag_is_named(bench, outside):
    trees.mount("none", f"{outside}/below", None, MS_REMOUNT | BIND | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY)

    def work():
        for clear, name in ((NOSUID, "nosuid"), (NODEV, "nodev"), (NOEXEC, "noexec"), (RDONLY, "ro"),
                            (NODEV | 0x200000 | RDONLY, "ro")):
            for where in ("clear", "deep_clear"):
                refused(bench, attaching("/t", **{where: clear}), errno.EPERM, f"/t: cannot clear locked flag {name}",
                        "device", slots={FIRST: tree(f"{outside}/below")})
        for to_set in (NOATIME, 0x80 | RDONLY):
            refused(bench, attaching("/t", to_set=to_set), errno.EPERM, "/t: cannot change locked access times",
                    "device", slots={FIRST: tree(f"{outside}/below")})
        # Setting more is allowed, clearing what is not locked, too.
        new = attaching("/t", to_set=RDONLY, clear=0x200000)
        plan = plan_with(bench, [new], ["true"], "device")
        fails(bench, plan, index_of(plan, new) + 1, errno.EPERM, "/dev/null", slots={FIRST: tree(f"{outside}/below")})

    with_fewer_rights(work)


@apart
def a_remount_changes_what_is_there(bench, outside):
    def look(*args, nums=(0, 0, 0, 0, 0, 0)):
        steps = [attaching("/t", propagation=PRIVATE | RECURSIVE), step("remount", nums, ["/t", *args], [ROOT])]
        mounts = mounts_of(bench, steps, slots={FIRST: tree(outside, True)})
        return mounts["/t"], mounts["/t/below"]

    top, below = look(nums=(RDONLY | NOEXEC, 0, 0, 0, 0, 0))
    assert top.attributes == ["ro", "noexec", "relatime"] and below.attributes == ["rw", "nosuid", "relatime"]
    top, below = look(nums=(0, 0, NODEV | NOATIME, NOSUID, SHARED | RECURSIVE, 0))
    assert top.attributes == below.attributes == ["rw", "nodev", "noatime"], (top.attributes, below.attributes)
    assert top.optional and below.optional
    top, _ = look("size=64k", nums=(0, 0, 0, 0, 0, 1))
    assert "size=64k" in top.options, top.options
    top, _ = look("size=128k", nums=(0, 0, 0, 0, 0, 0))
    assert "size=64k" in top.options, "not asked for"
    top, below = look("ro", nums=(0, 0, 0, 0, 0, 1))
    assert top.options[0] == "ro" and top.attributes[0] == "rw" and below.options[0] == "rw"


@test
def a_remount_needs_a_mount(bench):
    os.symlink("/dev/shm", f"{bench.root}/link")
    mounts = mounts_of(bench, [step("remount", [RDONLY, 0, 0, 0, 0, 0], ["/link"], [ROOT])])
    assert mounts["/dev/shm"].attributes[0] == "ro"
    mounts = mounts_of(bench, [step("remount", [RDONLY, 0, 0, 0, 0, 0], ["/"], [ROOT])])
    assert mounts["/"].attributes[0] == "ro"
    for args, nums, error, detail in (
        (["/bin"], [RDONLY, 0, 0, 0, 0, 0], errno.EINVAL, "/bin: nothing is mounted there"),
        (["/bin/busybox", "size=1"], [0, 0, 0, 0, 0, 1], errno.EINVAL, "/bin/busybox: nothing is mounted there"),
        (["/no/such"], [RDONLY, 0, 0, 0, 0, 0], errno.ENOENT, "/no/such"),
        (["/dev/shm", "nosuchoption"], [0, 0, 0, 0, 0, 1], errno.EINVAL, "e tmpfs: Unknown parameter 'nosuchoption'"),
        (["/dev/shm", "mode=oranges"], [0, 0, 0, 0, 0, 1], errno.EINVAL, "e tmpfs: Bad value for 'mode'"),
    ):
        new = step("remount", nums, args, [ROOT])
        refused(bench, new, error, detail)


@apart
def a_remount_names_locked_flags(bench, outside):
    def work():
        new = step("remount", [0, NOSUID, 0, 0, 0, 0], ["/t"], [ROOT])
        plan = plan_with(bench, [attaching("/t"), new], ["true"], "device")
        fails(bench, plan, index_of(plan, new), errno.EPERM, "/t: cannot clear locked flag nosuid",
              slots={FIRST: tree(f"{outside}/below")})
        new = step("remount", [0, 0, 0, 0, 0, 1], ["/t", "size=1m"], [ROOT])
        plan = plan_with(bench, [attaching("/t"), new], ["true"], "device")
        fails(bench, plan, index_of(plan, new), errno.EPERM, "/t", slots={FIRST: tree(f"{outside}/below")})

    with_fewer_rights(work)


def device(target, kind, major, minor):
    return step("attachDevice", [kind, major, minor], [target], [ROOT, FIRST])


@test
def a_device_is_attached(bench):
    os.symlink("/made/device", f"{bench.root}/link")
    for target in ("/dev/new", "/made/directory/device", "/link"):
        text = seen(bench, [device(target, stat.S_IFCHR | 0o600, 1, 5)], f"stat -L -c %F,%t,%T {target}",
                    slots={FIRST: tree("/dev/zero")})
        assert text == "character special file,1,5\n", text


@apart
def a_mask_over_a_device_does_not_cover_the_hosts(bench, outside):
    os.mknod(f"{outside}/zero", stat.S_IFCHR | 0o666, os.makedev(1, 5))
    steps = [device("/dev/new", stat.S_IFCHR, 1, 5), step("mask", [], ["/dev/new"], [ROOT])]
    seen(bench, steps, "true", slots={FIRST: tree(f"{outside}/zero")})
    assert os.stat(f"{outside}/zero").st_rdev == os.makedev(1, 5), "covered on the host"


@test
def a_false_null_device_is_of_the_wrong_type(bench):
    null = step("device", [stat.S_IFBLK | 0o666, 1, 3, 0, 0], ["/dev/null"], [ROOT])
    plan = default_plan(bench.root, ["true"])
    steps = [null if one[3][:1] == ("/dev/null",) else one for one in plan[1]]
    at = len(plan[0]) + [one[0] for one in steps].index(OPS["mask"]) + MASKED.index("/proc/keys")
    fails(bench, (plan[0], steps), at, errno.ENODEV, "/dev/null")


@test
def a_false_device_is_not_attached(bench):
    fifo = bench.root + "-fifo"
    os.mkfifo(fifo)
    for path, new in (("/dev/null", device("/dev/x", stat.S_IFCHR, 1, 5)), ("/dev/null", device("/dev/x", stat.S_IFBLK, 1, 3)),
                      ("/etc/passwd", device("/dev/x", stat.S_IFCHR, 1, 3)), (fifo, device("/dev/x", stat.S_IFCHR, 0, 0)),
                      ("/dev", device("/dev/x", stat.S_IFCHR, 0, 0))):
        refused(bench, new, errno.ENODEV, "/dev/x", slots={FIRST: tree(path)})
    refused(bench, device("/bin", stat.S_IFCHR, 1, 3), errno.ENOTDIR, "/bin", slots={FIRST: tree("/dev/null")})
    refused(bench, device("/proc/cpuinfo", stat.S_IFCHR, 1, 3), errno.EPERM, "inside a procfs", slots={FIRST: tree("/dev/null")})


@apart
def a_protected_mount_keeps_its_attributes(bench, outside):
    trees.mount("none", f"{outside}/below", None, MS_REMOUNT | BIND | MS_NOSUID | MS_NODEV | MS_NOEXEC)
    steps = [attaching("/t", propagation=PRIVATE | RECURSIVE)]
    plan = plan_with(bench, steps, ["cat", "/proc/self/mountinfo"])
    at = [index for index, one in enumerate(plan[1]) if one == step("readonlyPath", [], ["/proc/bus"], [ROOT])][0]
    plan[1][at:at] = [step("readonlyPath", [], ["/t/below"], [ROOT]), step("readonlyPath", [], ["/t"], [ROOT])]
    text = output_of(bench, plan, slots={FIRST: tree(outside, True)})
    lines = [trees.Line(line) for line in text.splitlines()]
    found = [line.attributes for line in lines if line.target == "/t/below"]
    assert found[-1] == ["ro", "nosuid", "nodev", "noexec", "relatime"], found
    assert [line.attributes[0] for line in lines if line.target == "/t"][-1] == "ro"

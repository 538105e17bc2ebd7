"""What a new tmpfs gets of the directory that it covers."""
import errno
import os
import shutil
import signal
import socket
import stat
import time

from container import Init
from harness import test
from plan import FIRST, KINDS, encode
from plans import NODEV, RDONLY
from test_attach import apart, attaching
from test_mounts import PRIVATE, RECURSIVE, mounting, refused
from trees import LIBC, plan_with, seen, tree

OLD = (1_000_000_000 * 10**9 + 123456789, 1_100_000_000 * 10**9 + 987654321)


def copying(target="/full", *options, **others):
    return mounting(target, "tmpfs", "x", *options, mode=1, copy=1, **others)


def in_container(bench, steps, look, **options):
    """What `look` returns, given the container's root as seen from here, while it waits to execute."""
    init = Init(bench.init, encode(*plan_with(bench, steps, ["true"])), **options)
    try:
        pid = 0
        while record := init.receive():
            assert record[0] != KINDS["failure"], record
            if record[0] == KINDS["pid"]:
                pid = record[1]
            if record[0] == KINDS["ready"]:
                return look(f"/proc/{pid}/root")
            if record[0] == KINDS["hooks"]:
                init.answer("hooked")
    finally:
        init.close()
    raise AssertionError("not ready")


def host_dump(top):
    """Path below a directory -> its status."""
    found = {".": os.lstat(top)}
    for path, folders, files in os.walk(top):
        for name in (*folders, *files):
            found[os.path.relpath(f"{path}/{name}", top)] = os.lstat(f"{path}/{name}")
    return found


def dump(bench, target, steps, **options):
    """The same of the container's directory."""
    return in_container(bench, steps, lambda root: host_dump(root + target), **options)


@test
def everything_is_copied(bench):
    full = f"{bench.root}/full"
    os.makedirs(f"{full}/a/b/c")
    os.chmod(full, 0o1755)
    os.mkdir(f"{full}/empty", 0o711)
    with open(f"{full}/a/file", "w") as file:
        file.write("content\n" * 5000)
    os.chown(f"{full}/a/file", 1000, 1001)
    os.chmod(f"{full}/a/file", 0o6751)
    open(f"{full}/a/b/c/none", "w").close()
    os.symlink("/no/such/place", f"{full}/link")
    os.lchown(f"{full}/link", 5, 6)
    os.mkfifo(f"{full}/fifo", 0o620)
    os.mknod(f"{full}/zero", stat.S_IFCHR | 0o606, os.makedev(1, 5))
    os.mknod(f"{full}/disk", stat.S_IFBLK | 0o600, os.makedev(250, 260))
    os.chown(f"{full}/zero", 7, 8)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(f"{full}/socket")
    listener.close()
    os.chown(f"{full}/a/b", 9, 10)
    os.chmod(f"{full}/a/b", 0o2700)
    for path, folders, files in os.walk(full, topdown=False):
        for name in (*folders, *files):
            os.utime(f"{path}/{name}", ns=OLD, follow_symlinks=False)
    made = {path: status for path, status in host_dump(full).items() if path != "."}
    found = dump(bench, "/full", [copying()])
    top = found.pop(".")
    # The directory is tmpfs's own, but for the mode.
    assert (stat.S_IMODE(top.st_mode), top.st_uid) == (0o1755, 0), top
    assert found.keys() == made.keys(), found.keys() ^ made.keys()
    for path, status in made.items():
        for field in ("st_mode", "st_uid", "st_gid", "st_rdev", "st_mtime_ns"):
            assert getattr(found[path], field) == getattr(status, field), (path, field, found[path], status)
        assert stat.S_ISDIR(status.st_mode) or found[path].st_size == status.st_size, (path, found[path])
    assert found["a"].st_mtime_ns == OLD[1] and found["fifo"].st_atime_ns == OLD[0]
    assert in_container(bench, [copying()], lambda root: os.readlink(f"{root}/full/link")) == "/no/such/place"
    # It is a copy.
    os.chown(f"{full}/a/file", 0, 0)
    text = seen(bench, [copying()], "cat /full/a/file; echo x > /full/a/file; echo > /full/new; busybox rm /full/fifo")
    assert text == "content\n" * 5000, text[:100]
    assert os.path.getsize(f"{full}/a/file") == 40000 and not os.path.exists(f"{full}/new")
    assert os.path.exists(f"{full}/fifo")


@test
def content_and_holes_are_copied(bench):
    os.mkdir(f"{bench.root}/full")
    with open(f"{bench.root}/full/data", "wb") as file:
        file.write(bytes(range(256)) * 4096 * 3)
    with open(f"{bench.root}/full/sparse", "wb") as file:
        for at in (5, 3 << 20, 1 << 40):
            file.seek(at)
            file.write(b"here")
        file.truncate((1 << 40) + 12345)
    os.truncate(os.open(f"{bench.root}/full/hole", os.O_CREAT | os.O_WRONLY), 1 << 42)
    script = """stat -c '%n %s' /full/*; busybox cmp /full/data /old/data && echo same
busybox dd if=/full/sparse bs=1 skip=3 count=8 2>/dev/null | busybox od -An -c
busybox dd if=/full/sparse bs=4096 skip=268435456 count=4 2>/dev/null | busybox tr -d '\\0'; busybox df -k /full | busybox tail -n1"""
    shutil.copytree(f"{bench.root}/full", f"{bench.root}/old", ignore=lambda *_: ["sparse", "hole"])
    text = seen(bench, [copying("/full", "size=8m")], script)
    for part in (f"/full/hole {1 << 42}\n", f"/full/sparse {(1 << 40) + 12345}\n", "same\n", "\\0  \\0   h   e   r   e  \\0  \\0", "here"):
        assert part in text, f"{part!r} is not in {text}"


@test
def attributes_are_copied(bench):
    os.mkdir(f"{bench.root}/full")
    for name in ("program", "plain"):
        with open(f"{bench.root}/full/{name}", "w") as file:
            file.write("x")
    # Version 2: cap_net_raw, permitted and effective.
    value = bytes.fromhex("0100000200200000000000000000000000000000")
    os.setxattr(f"{bench.root}/full/program", "security.capability", value)
    os.setxattr(f"{bench.root}/full/plain", "user.name", b"value")
    os.setxattr(f"{bench.root}/full/plain", "trusted.name", b"kept to the host")

    def look(root):
        paths = [f"{root}/full/{name}" for name in ("program", "plain")]
        return [{key: os.getxattr(path, key) for key in os.listxattr(path)} for path in paths]

    program, plain = in_container(bench, [copying()], look)
    assert program == {"security.capability": value}, program
    # tmpfs has users' attributes since Linux 6.6; the host's own are not for the container.
    assert plain in ({}, {"user.name": b"value"}), plain


@test
def names_may_be_long_and_many(bench):
    os.mkdir(f"{bench.root}/full")
    names = ["n" * 255, "\n", "-rf", " ", "..x", b"\xff\xfe".decode("utf-8", "surrogateescape"), "ü" * 127]
    names += [f"{number:05}" for number in range(3000)]
    for name in names:
        with open(f"{bench.root}/full/{name}", "w") as file:
            file.write("x")
    found = in_container(bench, [copying()], lambda root: os.listdir(f"{root}/full"))
    assert sorted(found) == sorted(names), len(found)


def nested(start, depth, name="d"):
    """A directory in a directory in …; the path may be longer than a path may be."""
    at = os.open(start, os.O_PATH)
    for _ in range(depth):
        os.mkdir(name, dir_fd=at)
        further = os.open(name, os.O_PATH, dir_fd=at)
        os.close(at)
        at = further
    os.close(at)


def depth_of(start, name):
    at, depth = os.open(start, os.O_PATH), 0
    while name in os.listdir(further := os.open(".", os.O_RDONLY, dir_fd=at)):
        os.close(further)
        further, at = at, os.open(name, os.O_PATH, dir_fd=at)
        os.close(further)
        depth += 1
    os.close(further)
    os.close(at)
    return depth


@test
def depth_has_a_limit(bench):
    os.mkdir(f"{bench.root}/full")
    nested(f"{bench.root}/full", 126, "l" * 200)
    assert in_container(bench, [copying()], lambda root: depth_of(f"{root}/full", "l" * 200)) == 126
    nested(f"{bench.root}/full", 128, "m")
    refused(bench, copying(), errno.ELOOP, "/full/m/m/m")


@test
def what_does_not_fit_is_named(bench):
    os.makedirs(f"{bench.root}/full/below")
    with open(f"{bench.root}/full/below/large", "wb") as file:
        file.write(bytes(1 << 20))
    refused(bench, copying("/full", "size=64k"), errno.ENOSPC, "/full/below/large: while copying")
    refused(bench, copying("/full", "nr_inodes=2"), errno.ENOSPC, "/full/below/large: while copying")


@test
def links_are_not_followed(bench):
    outside = bench.root + "-outside"
    os.mkdir(outside)
    with open(f"{outside}/secret", "w") as file:
        file.write("secret")
    os.mkdir(f"{bench.root}/full")
    for name, content in (("dir", outside), ("file", f"{outside}/secret"), ("up", "../../../../.."), ("self", "/proc/self/root")):
        os.symlink(content, f"{bench.root}/full/{name}")
    found = dump(bench, "/full", [copying()])
    assert len(found) == 5 and all(stat.S_ISLNK(found[name].st_mode) for name in found if name != "."), found
    # The target itself may be a link, inside the root.
    os.symlink("/full", f"{bench.root}/way")
    assert len(dump(bench, "/full", [copying("/way")])) == 5


def swapping(pairs):
    """
    A process that exchanges the two names of each pair, again and again (RENAME_EXCHANGE). It is no child of ours: the
    bench waits for all of these.
    """
    reader, writer = os.pipe()
    middle = os.fork()
    if middle == 0:
        child = os.fork()
        if child:
            os.write(writer, str(child).encode())
            os._exit(0)
        os.close(writer)
        until = time.monotonic() + 60
        while time.monotonic() < until:
            for one, other in pairs:
                LIBC.renameat2(-100, one.encode(), -100, other.encode(), 2)
        os._exit(0)
    os.waitpid(middle, 0)
    os.close(writer)
    with os.fdopen(reader) as file:
        return os.pidfd_open(int(file.read(20)))


@test
def what_is_swapped_meanwhile_leads_nowhere(bench):
    """A file for a link, a fifo and a device, a directory for a link: whatever is copied is of the image."""
    outside = bench.root + "-outside"
    os.makedirs(f"{outside}/below")
    for path in (f"{outside}/secret", f"{outside}/below/secret"):
        with open(path, "w") as file:
            file.write("secret")
    full = f"{bench.root}/full"
    os.makedirs(f"{full}/dir/below")
    for name in ("file", "other", "third", "dir/below/inner"):
        with open(f"{full}/{name}", "w") as file:
            file.write("of the image")
    os.symlink(f"{outside}/secret", f"{full}/link")
    os.symlink(f"{outside}/below", f"{full}/way")
    os.mkfifo(f"{full}/fifo")
    os.mknod(f"{full}/zero", stat.S_IFCHR | 0o666, os.makedev(1, 5))
    names = (("file", "link"), ("other", "fifo"), ("third", "zero"), ("dir/below", "way"))
    swapper = swapping([(f"{full}/{one}", f"{full}/{other}") for one, other in names])

    def look(root):
        for path, _, files in os.walk(f"{root}/full"):
            for name in files:
                status = os.lstat(f"{path}/{name}")
                if stat.S_ISREG(status.st_mode):
                    with open(f"{path}/{name}") as file:
                        assert file.read() == "of the image", name
        return True

    try:
        done = 0
        for _ in range(40):
            try:
                done += in_container(bench, [copying()], look)
            except AssertionError as error:
                # Listed under both names, or gone when it was its turn.
                assert "EEXIST" in str(error) or "(25, " in str(error), error
        assert done > 20, done
    finally:
        signal.pidfd_send_signal(swapper, signal.SIGKILL)
        os.close(swapper)


@test
def a_fifo_does_not_hang_and_a_device_is_not_read(bench):
    os.mkdir(f"{bench.root}/full")
    os.mkfifo(f"{bench.root}/full/fifo")
    os.mknod(f"{bench.root}/full/zero", stat.S_IFCHR | 0o666, os.makedev(1, 5))
    assert len(dump(bench, "/full", [copying()])) == 3


@apart
def other_mounts_are_left_out(bench, outside):
    """A tree with a mount below it: what is on it is not copied; the mount itself is covered."""
    with open(f"{outside}/below/on-it", "w") as file:
        file.write("x")
    os.makedirs(f"{outside}/full")
    steps = [attaching("/t", propagation=PRIVATE | RECURSIVE), copying("/t")]
    found = dump(bench, "/t", steps, slots={FIRST: tree(outside, True)})
    assert found.keys() == {".", "file", "full", "here"}, found.keys()
    # The root of a mount may be covered itself.
    steps = [attaching("/t"), mounting("/t/proc", "proc", "x"), copying("/t")]
    found = dump(bench, "/t", steps, slots={FIRST: tree(outside)})
    assert found.keys() == {".", "file", "full", "here", "below"}, found.keys()


@test
def a_read_only_copy_is_read_only(bench):
    os.mkdir(f"{bench.root}/full")
    with open(f"{bench.root}/full/file", "w") as file:
        file.write("content")
    new = copying("/full", "ro", "size=64k", attributes=RDONLY | NODEV)
    text = seen(bench, [new], "cat /full/file; cat /proc/self/mountinfo")
    line = next(line for line in text.splitlines() if " /full " in line)
    assert text.startswith("content") and " ro,nodev," in line and "size=64k" in line, line
    source = mounting("/full", "tmpfs", "s" * 300, "ro", attributes=RDONLY | NODEV, mode=1, copy=1)
    text = seen(bench, [source], "cat /full/file; (: > /full/x) 2>/dev/null || echo; cat /proc/self/mountinfo")
    line = next(line for line in text.splitlines() if " /full " in line)
    assert text.startswith("content\n") and " ro,nodev," in line, text


@test
def nothing_is_copied_where_nothing_was(bench):
    found = dump(bench, "/made", [copying("/made")])
    assert found.keys() == {"."} and stat.S_IMODE(found["."].st_mode) == 0o1777, found

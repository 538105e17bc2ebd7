"""Namespaces that are joined, made for others, or mapped by the runtime."""
import contextlib
import ctypes
import errno
import os
import socket
import struct
import tempfile

from container import Init, memfd
from harness import fails, output_of, test
from plan import FIRST, KINDS, OPS, encode, step
from plans import NEW, default_plan, inserted, place_of, replaced

LIBC = ctypes.CDLL(None, use_errno=True)
TIME, MOUNT, CGROUP, UTS, IPC, USER, PID, NET = (
    0x80, 0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000)
FILES = {TIME: "time", MOUNT: "mnt", CGROUP: "cgroup", UTS: "uts", IPC: "ipc", USER: "user", PID: "pid", NET: "net"}
BASE = 100000


def unshare(flags):
    if LIBC.unshare(flags):
        raise OSError(ctypes.get_errno(), "unshare")


@contextlib.contextmanager
def other(flags, prepare=lambda: None):
    """
    Descriptors by type of the namespaces of a process that has made some; it sleeps, and is no child of ours.
    A new user namespace maps 0 and 65535 more to BASE.
    """
    ours, theirs = socket.socketpair()
    if os.fork() == 0:
        try:
            ours.close()
            if os.fork() != 0:
                os._exit(0)
            _become_other(theirs, flags, prepare)
        finally:
            os._exit(0)
    theirs.close()
    os.wait()
    pid = struct.unpack("<I", ours.recv(4))[0]
    if flags & USER:
        for name in ("uid_map", "gid_map"):
            with open(f"/proc/{pid}/{name}", "w") as file:
                file.write(f"0 {BASE} 65536")
    ours.send(b"x")
    assert ours.recv(1) == b"x", "the other process has failed"
    files = {kind: name for kind, name in FILES.items() if kind & flags}
    files.update({kind: f"{files[kind]}_for_children" for kind in (PID, TIME) if kind in files})
    opened = {kind: os.open(f"/proc/{pid}/ns/{name}", os.O_RDONLY) for kind, name in files.items()}
    try:
        yield opened
    finally:
        for fd in opened.values():
            os.close(fd)
        ours.close()


def _become_other(theirs, flags, prepare):
    unshare(flags & USER)
    theirs.send(struct.pack("<I", os.getpid()))
    theirs.recv(1)
    if flags & USER:
        os.setresgid(0, 0, 0)
        os.setresuid(0, 0, 0)
    unshare(flags & ~USER)
    # A pid namespace is there with its first process, and goes with it.
    child = os.fork() if flags & PID else 1
    if child == 0:
        theirs.recv(1)
        os._exit(0)
    prepare()
    theirs.send(b"x")
    theirs.recv(1)


def without_devices(plan):
    """Nobody makes device nodes in a user namespace; the null device, which files are masked with, is one."""
    left_out = (OPS["device"], OPS["mask"])
    return tuple([s for s in stage if s[0] not in left_out] for stage in plan)


def joining(root, args, opened, first_tries=True, make=None):
    """A default container that joins these namespaces and makes the others."""
    joined = sum(opened)
    plan = default_plan(root, args)
    at = place_of(plan, OPS["clone"])
    plan = replaced(plan, at, step("clone", [(NEW if make is None else make) & ~joined]))
    order = sorted(opened, key=lambda kind: kind != USER)
    slots = {kind: FIRST + index for index, kind in enumerate(order)}
    tries = [kind for kind in order if kind != USER] if first_tries and USER in opened else []
    steps = [join(kind, slots[kind], 1) for kind in tries] + [join(kind, slots[kind], 0) for kind in order]
    plan = inserted(plan, at, step("dumpable", [0]), *steps)
    if USER in opened:
        plan = without_devices(inserted(plan, place_of(plan, OPS["newSession"]) - 1, step("user", [0, 0])))
    return plan, {slots[kind]: fd for kind, fd in opened.items()}


def join(kind, slot, trying=0):
    return step("join", [kind, trying], [f"/the/{FILES.get(kind, 'none')}"], [slot])


LINKS = "for n in $(ls /proc/self/ns); do echo $n=$(readlink /proc/self/ns/$n); done; cat /proc/self/uid_map"


def links(root, text):
    found = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    return {kind: found[name] for kind, name in FILES.items()}


def readlink_too(root):
    with contextlib.suppress(FileExistsError):
        os.symlink("busybox", f"{root}/bin/readlink")


def name_of(fd):
    return os.readlink(f"/proc/self/fd/{fd}")


@test
def every_type_can_be_joined(bench):
    readlink_too(bench.root)
    kinds = [CGROUP, UTS, IPC, NET, PID, TIME]
    for wanted in [[kind] for kind in kinds] + [kinds]:
        with other(sum(wanted)) as opened:
            plan, slots = joining(bench.root, ["sh", "-c", LINKS], opened, make=NEW & ~CGROUP)
            text = output_of(bench, plan, slots=slots)
            assert isinstance(text, str), (wanted, text)
            found = links(bench.root, text)
            for kind in kinds:
                same = found[kind] == (name_of(opened[kind]) if kind in opened else os.readlink(f"/proc/self/ns/{FILES[kind]}"))
                assert same or kind not in opened and NEW & kind, (wanted, FILES[kind], found)


@test
def a_joined_mount_namespace_is_where_the_root_is_looked_for(bench):
    """What is mounted only there is found, and nothing of it is seen outside."""
    place = f"{bench.root}-joined"
    os.mkdir(place)

    def prepare():
        mount = LIBC.mount
        private_tree, bind = 0x4000 | 1 << 18, 0x1000
        assert mount(b"none", b"/", None, private_tree, None) == 0
        assert mount(bench.root.encode(), place.encode(), None, bind, None) == 0

    with other(MOUNT, prepare) as opened:
        plan, slots = joining(place, ["sh", "-c", "echo $PWD"], opened)
        assert output_of(bench, plan, slots=slots) == "/work/dir\n"
    assert os.listdir(place) == []


@test
def a_user_namespace_is_joined_with_all_that_it_owns(bench):
    """The others are tried first with the caller's rights; here the user namespace owns them."""
    readlink_too(bench.root)
    for path, _, _ in os.walk(bench.root):
        os.chown(path, BASE, BASE)
    kinds = UTS | IPC | NET | PID | CGROUP | TIME
    with other(USER | kinds) as opened:
        for first_tries in (True, False):
            plan, slots = joining(bench.root, ["sh", "-c", LINKS + "; id -u; id -g"], opened, first_tries, make=NEW)
            text = output_of(bench, plan, slots=slots)
            assert isinstance(text, str), text
            found = links(bench.root, text)
            assert all(found[kind] == name_of(fd) for kind, fd in opened.items()), found
            assert text.splitlines()[-3].split() == ["0", str(BASE), "65536"] and text.endswith("\n0\n0\n"), text


@test
def what_has_been_joined_at_first_is_not_joined_again(bench):
    """This network namespace is not the user namespace's: from in there, nobody could join it."""
    readlink_too(bench.root)
    for path, _, _ in os.walk(bench.root):
        os.chown(path, BASE, BASE)
    with other(USER) as user, other(NET) as net:
        plan, slots = joining(bench.root, ["sh", "-c", LINKS], user | net, make=NEW)
        # Nor can they mount its sysfs or set `lo` up.
        stage2 = [s for s in plan[1] if "sysfs" not in s[3] and s[0] != OPS["loopbackUp"] and "/sys/firmware" not in s[3]]
        text = output_of(bench, (plan[0], stage2), slots=slots)
        assert isinstance(text, str), text
        assert links(bench.root, text)[NET] == name_of(net[NET]), text
        plan, slots = joining(bench.root, ["true"], user | net, first_tries=False, make=NEW)
        at = place_of(plan, OPS["join"], 1)
        fails(bench, plan, at, errno.EPERM, "/the/net", slots=slots)


@test
def an_owner_is_needed_for_what_could_not_be_joined_at_first(bench):
    """Without rights in the namespace's owner, the first try is no failure; the last one is."""
    with other(USER | UTS) as opened:
        for trying in (1, 0):
            at, failure = first_join_of_nobody(bench, opened[UTS], trying)
            expected = errno.EPERM
            # The next step that needs a right: clone.
            assert failure[1:3] == (at if trying == 0 else at + 1, expected), (trying, failure)
            if trying == 0:
                assert failure[3] == b"/the/uts", failure


def first_join_of_nobody(bench, fd, trying):
    plan = inserted(default_plan(bench.root, ["true"]), 1, join(UTS, FIRST, trying))
    # 0: tieToRuntime, 1: join, 2: clone.
    plan = ([*plan[0][:2], step("clone", [UTS])], plan[1])

    def become_nobody():
        os.setgroups([])
        os.setresgid(65534, 65534, 65534)
        os.setresuid(65534, 65534, 65534)

    program = f"{os.path.dirname(bench.root)}/init-program"
    with open(bench.init, "rb") as file, open(program, "wb") as copy:
        copy.write(file.read())
    os.chmod(program, 0o755)
    init = Init(program, encode(*plan), slots={FIRST: fd}, prepare=become_nobody)
    try:
        return 1, init.failure()
    finally:
        init.close()


@test
def a_namespace_of_another_type_is_refused(bench):
    kinds = [MOUNT, CGROUP, UTS, IPC, USER, PID, NET, TIME]
    plan = default_plan(bench.root, ["true"])
    for kind, next_kind in zip(kinds, [*kinds[1:], kinds[0]]):
        fd = os.open(f"/proc/self/ns/{FILES[next_kind]}", os.O_RDONLY)
        fails(bench, inserted(plan, 1, join(kind, FIRST)), 1, errno.EINVAL, "not a namespace of that type", slots={FIRST: fd})
        os.close(fd)
    fd = memfd(b"no namespace")
    fails(bench, inserted(plan, 1, join(NET, FIRST)), 1, errno.EINVAL, "not a namespace of that type", slots={FIRST: fd})
    os.close(fd)
    fails(bench, inserted(plan, 1, join(NET, FIRST)), 1, errno.EBADF, "/the/net")


@test
def what_is_no_single_type_is_refused(bench):
    """0 would take a namespace of any type, and a pidfd all that its process has."""
    plan = default_plan(bench.root, ["true"])
    pidfd, net = os.pidfd_open(os.getpid()), os.open("/proc/self/ns/net", os.O_RDONLY)
    for kind in (0, NET | UTS, 0x100, 1 << 40):
        for fd in (pidfd, net):
            fails(bench, inserted(plan, 1, join(kind, FIRST)), 1, errno.EINVAL, slots={FIRST: fd})
    os.close(pidfd)
    os.close(net)


@test
def the_own_user_namespace_counts_as_joined(bench):
    plan = default_plan(bench.root, ["sh", "-c", "cat /proc/self/uid_map"])
    with open("/proc/self/uid_map") as file:
        own = file.read()
    fd = os.open("/proc/self/ns/user", os.O_RDONLY)
    assert output_of(bench, inserted(plan, 1, join(USER, FIRST)), slots={FIRST: fd}) == own
    os.close(fd)


def mapped(bench, args, groups="", namespaces=NEW | USER):
    """A container in a new user namespace, whose maps the runtime (this process) writes at `maps`: output or failure."""
    plan = default_plan(bench.root, args, groups=(7,) if groups == "" else ())
    plan = replaced(plan, place_of(plan, OPS["clone"]), step("clone", [namespaces]))
    at = place_of(plan, OPS["dumpable"])
    plan = inserted(plan, at, step("await", [KINDS["maps"], KINDS["mapped"]]), step("user", [0, 0]))
    plan = without_devices(plan)
    for path, _, _ in os.walk(bench.root):
        os.chown(path, BASE, BASE)
    out, into = os.pipe()
    init, pid = Init(bench.init, encode(*plan), stdout=into), 0
    os.close(into)
    answers = {KINDS["hooks"]: "hooked", KINDS["ready"]: "saved"}
    try:
        while record := init.receive():
            if record[0] == KINDS["failure"]:
                return record
            pid = record[1] if record[0] == KINDS["pid"] else pid
            if record[0] == KINDS["maps"]:
                write_maps(pid, groups)
                init.answer("mapped")
            elif record[0] in answers:
                init.answer(answers[record[0]])
        with os.fdopen(out, closefd=False) as file:
            return file.read()
    finally:
        os.close(out)
        init.close()


def write_maps(pid, groups):
    # As the owner of the namespace that a runtime without privileges is: a process that cannot be dumped is root's.
    assert os.stat(f"/proc/{pid}/uid_map").st_uid == os.geteuid()
    if groups:
        with open(f"/proc/{pid}/setgroups", "w") as file:
            file.write(groups)
    for name in ("uid_map", "gid_map"):
        with open(f"/proc/{pid}/{name}", "w") as file:
            file.write(f"0 {BASE} 65536\n")


STATUS = "cat /proc/self/uid_map; while read k v; do case $k in Uid:|Gid:|Groups:|CapEff:) echo $k $v;; esac; done < /proc/self/status"


@test
def a_new_user_namespace_is_mapped_by_the_runtime(bench):
    text = mapped(bench, ["sh", "-c", STATUS + "; stat -c '%u %a' /dev/shm; echo $HOSTNAME"])
    assert isinstance(text, str), text
    for part in (f"{BASE}", "Uid: 0 0 0 0", "Gid: 0 0 0 0", "Groups: 7", "CapEff: 0000000020000420", "0 1777"):
        assert part in text, f"{part!r} is not in\n{text}"


@test
def groups_stay_where_the_namespace_forbids_to_set_them(bench):
    text = mapped(bench, ["sh", "-c", STATUS], groups="deny")
    assert isinstance(text, str) and "Uid: 0 0 0 0" in text, text


@test
def groups_that_are_asked_for_fail_there(bench):
    def without_setgroups():
        unshare(USER)
        for name, text in (("setgroups", "deny"), ("uid_map", "0 0 1"), ("gid_map", "0 0 1")):
            with open(f"/proc/self/{name}", "w") as file:
                file.write(text)

    fails(bench, ([], [step("user", [0, 0]), step("user", [0, 0, 7])]), 1, errno.EPERM, "setgroups", prepare=without_setgroups)


@test
def nobody_in_a_joined_namespace_can_look_into_init(bench):
    """Its descriptors lead out of the container (CVE-2016-9962): /proc/PID/fd of stage 2 is root's, for all its life."""
    with other(PID | UTS) as opened:
        plan, slots = joining(bench.root, ["true"], opened)
        init = Init(bench.init, encode(*plan), slots=slots)
        try:
            record, pid = init.receive(), 0
            # With no more capabilities than others have, it is at its weakest.
            while record[0] != KINDS["ready"]:
                assert record[0] != KINDS["failure"], record
                pid = record[1] if record[0] == KINDS["pid"] else pid
                if record[0] == KINDS["hooks"]:
                    init.answer("hooked")
                record = init.receive()
            assert not may_trace(pid)
        finally:
            init.close()


def may_trace(pid):
    """Whether a process of the same user with its capabilities but CAP_SYS_PTRACE may open its memory."""
    child = os.fork()
    if child == 0:
        try:
            drop_trace()
            os.close(os.open(f"/proc/{pid}/mem", os.O_RDONLY))
            os._exit(0)
        except PermissionError:
            os._exit(1)
        finally:
            os._exit(2)
    return {0: True, 1: False}[os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])]


def drop_trace():
    """Without CAP_SYS_PTRACE; everything else stays."""
    capget, capset, version, trace = 125, 126, 0x20080522, 19
    if os.uname().machine != "x86_64":
        capget, capset = 90, 91
    header = struct.pack("<Ii", version, 0)
    data = ctypes.create_string_buffer(24)
    assert LIBC.syscall(capget, header, data) == 0
    words = list(struct.unpack("<6I", data.raw))
    words[0] &= ~(1 << trace)
    words[1] &= ~(1 << trace)
    words[2] &= ~(1 << trace)
    assert LIBC.syscall(capset, header, struct.pack("<6I", *words)) == 0


@test
def namespaces_are_made_late_too(bench):
    readlink_too(bench.root)
    plan = default_plan(bench.root, ["sh", "-c", LINKS])
    at = place_of(plan, OPS["newSession"])
    text = output_of(bench, inserted(plan, at, step("unshare", [NET | IPC])))
    assert isinstance(text, str), text
    found = links(bench.root, text)
    for kind in (NET, IPC):
        assert found[kind] != os.readlink(f"/proc/self/ns/{FILES[kind]}"), (FILES[kind], found)
    fails(bench, inserted(plan, at, step("unshare", [NET | 0x100])), at, errno.EINVAL)


@test
def clocks_are_set_off(bench):
    plan = default_plan(bench.root, ["sh", "-c", "read up idle < /proc/uptime; echo $up; cat /proc/self/timens_offsets"])
    at = place_of(plan, OPS["clone"])
    new = step("timeOffsets", [], ["monotonic 86400 5", "boottime 1000000 7"])
    text = output_of(bench, inserted(plan, at, new))
    assert isinstance(text, str), text
    lines = [line.split() for line in text.splitlines()]
    with open("/proc/uptime") as file:
        outside = float(file.read().split()[0])
    assert abs(float(lines[0][0]) - outside - 1000000) < 60, (text, outside)
    assert lines[1:] == [["monotonic", "86400", "5"], ["boottime", "1000000", "7"]], text


@test
def impossible_offsets_are_named(bench):
    plan = default_plan(bench.root, ["true"])
    at = place_of(plan, OPS["clone"])
    for line, error in (("monotonic -9000000000 0", errno.ERANGE), ("realtime 1 0", errno.EINVAL),
                        ("boottime 1 1000000000", errno.EINVAL)):
        fails(bench, inserted(plan, at, step("timeOffsets", [], ["boottime 5 0", line])), at, error, line)

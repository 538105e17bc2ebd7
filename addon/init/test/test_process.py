"""Attributes of the process, kernel parameters, and the descriptors that come in parts."""
import contextlib
import ctypes
import errno
import os
import resource
import socket
import struct

from container import Init, memfd
from harness import fails, output_of, test
from plan import FIRST, KINDS, OPS, PROC, ROOT, encode, step
from plans import default_plan, inserted, place_of, replaced


def with_step(bench, new, script, before="pivot"):
    """A default container that runs the script, with one step more before that op."""
    return inserted(default_plan(bench.root, ["sh", "-c", script]), place_of_op(bench, before), new)


def place_of_op(bench, op):
    return place_of(default_plan(bench.root, ["true"]), OPS[op])


LIBC = ctypes.CDLL(None, use_errno=True)
NEW_MOUNTS, BIND, PRIVATE_TREE = 0x20000, 0x1000, 0x4000 | 1 << 18


def mounted_over(target, source):
    """Enter a mount namespace of one's own in which `source` lies over `target`."""
    for failed in (LIBC.unshare(NEW_MOUNTS), LIBC.mount(b"none", b"/", None, PRIVATE_TREE, None),
                   LIBC.mount(source.encode(), target.encode(), None, BIND, None)):
        if failed:
            raise OSError(ctypes.get_errno(), f"mount {source} over {target}")


@contextlib.contextmanager
def opened_elsewhere(prepare, path):
    """A descriptor of `path` in the mount namespace that `prepare` makes, which a process keeps that is no child of ours."""
    ours, theirs = socket.socketpair()
    child = os.fork()
    if child == 0:
        try:
            ours.close()
            if os.fork() != 0:
                os._exit(0)
            prepare()
            socket.send_fds(theirs, [b"x"], [os.open(path, os.O_PATH)])
            theirs.recv(1)
        finally:
            os._exit(0)
    theirs.close()
    os.waitpid(child, 0)
    try:
        _, fds, _, _ = socket.recv_fds(ours, 1, 1)
        yield fds[0]
        os.close(fds[0])
    finally:
        ours.close()


def field(text, number):
    """A field of /proc/PID/stat (proc(5)), counted from 1."""
    return text[text.rindex(")") + 2 :].split()[number - 3]


@test
def the_oom_score_is_adjusted(bench):
    for value in ("777", "1000"):
        plan = with_step(bench, step("oomScoreAdj", [], [value]), "cat /proc/self/oom_score_adj", "clone")
        assert output_of(bench, plan) == f"{value}\n"


@test
def an_impossible_oom_score_is_named(bench):
    plan = with_step(bench, step("oomScoreAdj", [], ["1001"]), "", "clone")
    fails(bench, plan, place_of_op(bench, "clone"), errno.EINVAL, "1001")


@test
def a_false_proc_is_not_written_to(bench):
    """The procfs of the mount namespace that init was started in is a directory that somebody has made."""
    false = f"{bench.root}/false"
    os.makedirs(f"{false}/self")
    for name in ("oom_score_adj", "timens_offsets"):
        with open(f"{false}/self/{name}", "w"):
            pass
    for new in (step("oomScoreAdj", [], ["5"]), step("timeOffsets", [], ["monotonic 1 0"])):
        plan = with_step(bench, new, "", "clone")
        fails(bench, plan, place_of_op(bench, "clone"), errno.ENOTSUP, "/proc", prepare=lambda: mounted_over("/proc", false))
    assert all(os.path.getsize(f"{false}/self/{name}") == 0 for name in os.listdir(f"{false}/self"))


@test
def what_is_mounted_over_its_own_files_is_not_written_to(bench):
    """/proc is a procfs, but another process's file lies over the one of init."""

    def prepare():
        mounted_over(f"/proc/{os.getpid()}/oom_score_adj", f"/proc/{os.getppid()}/oom_score_adj")

    plan = with_step(bench, step("oomScoreAdj", [], ["5"]), "", "clone")
    fails(bench, plan, place_of_op(bench, "clone"), errno.EXDEV, "/proc/self/oom_score_adj", prepare=prepare)


@test
def sysctls_are_those_of_the_container(bench):
    with open("/proc/sys/net/ipv4/ip_forward") as file:
        before = file.read()
    wanted = "0" if before.strip() == "1" else "1"
    plan = with_step(bench, step("sysctl", [], ["net/ipv4/ip_forward", wanted], [PROC]),
                     "cat /proc/sys/net/ipv4/ip_forward")
    assert output_of(bench, plan) == f"{wanted}\n"
    with open("/proc/sys/net/ipv4/ip_forward") as file:
        assert file.read() == before
    plan = with_step(bench, step("sysctl", [], ["kernel/sem", "1 2 3 4"], [PROC]), "cat /proc/sys/kernel/sem")
    assert output_of(bench, plan).split() == ["1", "2", "3", "4"]


@test
def a_sysctl_that_cannot_be_is_named_with_its_path(bench):
    cases = [("net/no/such", "1", errno.ENOENT), ("net/ipv4/ip_forward", "word", errno.EINVAL),
             ("net", "1", errno.EISDIR), ("net/../kernel/hostname", "x", errno.EINVAL), ("..", "x", errno.EINVAL),
             ("../self/comm", "x", errno.EINVAL), ("a/" * 3000, "x", errno.ENAMETOOLONG)]
    for path, value, error in cases:
        plan = with_step(bench, step("sysctl", [], [path, value], [PROC]), "")
        detail = path if error == errno.ENAMETOOLONG else f"/proc/sys/{path}"
        fails(bench, plan, place_of_op(bench, "pivot"), error, detail[:1000])


@test
def a_sysctl_is_not_written_through_a_mount(bench):
    """Somebody has mounted a file over a kernel parameter of the procfs that was inherited."""
    plan = default_plan(bench.root, ["true"])
    at = place_of(plan, OPS["pivot"])
    new = step("sysctl", [], ["kernel/hostname", "changed"], [FIRST])
    over = "/proc/sys/kernel/hostname"
    with opened_elsewhere(lambda: mounted_over(over, f"{bench.root}/etc/passwd"), "/proc") as proc:
        fails(bench, inserted(plan, at, new), at, errno.EXDEV, over, slots={FIRST: proc})


def scheduler(policy, flags=0, nice=0, priority=0, runtime=0, deadline=0, period=0):
    return step("scheduler", [policy, flags, nice % 2**64, priority, runtime, deadline, period])


@test
def the_scheduler_is_set(bench):
    batch, fifo, idle, deadline, reset_on_fork = 3, 1, 5, 6, 1
    for new, policy, priority, nice in ((scheduler(batch, nice=7), batch, 0, 7), (scheduler(batch, nice=-3), batch, 0, -3),
                                        (scheduler(fifo, priority=9), fifo, 9, 0), (scheduler(idle), idle, 0, 0)):
        text = output_of(bench, with_step(bench, new, "read line < /proc/self/stat; echo \"$line\""))
        found = (int(field(text, 41)), int(field(text, 40)))
        assert found == (policy, priority) and (policy == fifo or int(field(text, 19)) == nice), (found, text)
    millisecond = 1000000
    new = scheduler(deadline, reset_on_fork, runtime=millisecond, deadline=9 * millisecond, period=10 * millisecond)
    text = output_of(bench, with_step(bench, new, "read line < /proc/self/stat; echo \"$line\""))
    assert int(field(text, 41)) == deadline, text


@test
def clamps_of_the_scheduler_need_the_longer_structure(bench):
    """SCHED_FLAG_UTIL_CLAMP_MIN: EINVAL for the first version of struct sched_attr, whatever the kernel is built with."""
    clamp_min = 0x20
    result = output_of(bench, with_step(bench, scheduler(0, clamp_min), "echo set"))
    assert result == "set\n" or result[2] == errno.EOPNOTSUPP, result


@test
def an_unknown_policy_fails(bench):
    fails(bench, with_step(bench, scheduler(77), ""), place_of_op(bench, "pivot"), errno.EINVAL)


@test
def the_io_priority_is_set(bench):
    ioprio_get = {"x86_64": 252}.get(os.uname().machine, 31)
    best_effort = 2 << 13 | 6
    init, probe = paused_at(bench, step("ioPriority", [best_effort])), None
    try:
        probe = ctypes.CDLL(None).syscall(ioprio_get, 1, init.stage2)
    finally:
        init.close()
    assert probe == best_effort, probe
    fails(bench, with_step(bench, step("ioPriority", [7 << 13]), ""), place_of_op(bench, "pivot"), errno.EINVAL)


def paused_at(bench, new):
    """A container that has done the step and waits at `ready`."""
    init = Init(bench.init, encode(*with_step(bench, new, "")))
    init.stage2 = 0
    while (record := init.receive()) and record[0] != KINDS["ready"]:
        assert record[0] != KINDS["failure"], record
        init.stage2 = record[1] if record[0] == KINDS["pid"] else init.stage2
        if record[0] == KINDS["hooks"]:
            init.answer("hooked")
    return init


@test
def the_personality_is_set(bench):
    linux32 = 8
    text = output_of(bench, with_step(bench, step("personality", [linux32]), "cat /proc/self/personality; uname -m"))
    assert text.splitlines()[0] == "00000008", text
    if os.uname().machine == "x86_64":
        assert text.splitlines()[1] == "i686", text


@test
def the_memory_policy_is_set(bench):
    bind, static, interleave = 2, 1 << 15, 3
    for nums, words in (([bind, 1], "bind:0"), ([interleave | static, 1, 0], "interleave=static:0"), ([0], "default")):
        text = output_of(bench, with_step(bench, step("memoryPolicy", nums), "cat /proc/self/numa_maps"))
        assert isinstance(text, str) and text.splitlines()[0].split()[1] == words, (words, text)
    at = place_of_op(bench, "pivot")
    fails(bench, with_step(bench, step("memoryPolicy", [bind]), ""), at, errno.EINVAL)
    fails(bench, with_step(bench, step("memoryPolicy", [bind, 0, 1 << 40]), ""), at, errno.EINVAL)


@test
def descriptors_come_in_parts(bench):
    """More slots than one record can hold: each is what was sent for it."""
    count, size = 450, 200
    files = {FIRST + index: memfd(b"%d" % index) for index in range(count)}
    plan = default_plan(bench.root, ["true"])
    for index in (0, 199, 200, 399, 449):
        # No directory: the step fails, and the detail is none; one that is empty would be EBADF.
        at = place_of(plan, OPS["makeDirectory"])
        new = step("makeDirectory", [], ["/x"], [FIRST + index])
        fails(bench, replaced(plan, at, new), at, errno.ENOTDIR, slots=files, part=size)
    at = place_of(plan, OPS["makeDirectory"])
    fails(bench, replaced(plan, at, step("makeDirectory", [], ["/x"], [FIRST + count])), at, errno.EBADF, slots=files, part=size)
    for fd in files.values():
        os.close(fd)


@test
def descriptors_that_find_no_room_are_too_many_open_files(bench):
    def little_room():
        resource.setrlimit(resource.RLIMIT_NOFILE, (60, 60))

    fd = memfd(b"x")
    init = Init(bench.init, encode(*default_plan(bench.root, ["true"])), slots=dict.fromkeys(range(FIRST, FIRST + 90), fd),
                part=50, prepare=little_room)
    failure = init.failure()
    init.close()
    os.close(fd)
    assert failure and (failure[1], failure[2]) == (0xFFFFFFFF, errno.EMFILE), failure


@test
def the_last_slot_is_one(bench):
    plan = default_plan(bench.root, ["true"])
    fd = memfd(b"x")
    at = place_of(plan, OPS["makeDirectory"])
    plan = replaced(plan, at, step("makeDirectory", [], ["/x"], [1023]))
    fails(bench, plan, at, errno.ENOTDIR, slots={1023: fd}, part=1)
    os.close(fd)


@test
def records_that_fill_slots_falsely_are_refused(bench):
    fd = memfd(b"x")
    plan = encode(*default_plan(bench.root, ["true"]))

    def record(kind, count, *numbers):
        return struct.pack("<IIiI", KINDS[kind], count, 0, 4 * len(numbers)) + struct.pack(f"<{len(numbers)}I", *numbers)

    cases = [(record("slots", 1, 1024), [fd]), (record("slots", 1, 8, 9), [fd]), (record("slots", 2, 8, 9), [fd]),
             (record("slots", 0, 8), [fd]), (record("slots", 0xFFFFFFFF), [fd]), (record("mapped", 0), [])]
    for number, (first, fds) in enumerate(cases):
        init = Init(bench.init, plan, before=[(first, fds)])
        failure = init.failure()
        init.close()
        assert failure and (failure[1], failure[2]) == (0xFFFFFFFF, errno.EBADMSG), f"case {number}: {failure}"
    os.close(fd)


def answered(bench, slots, fds, answer="sourced"):
    """A plan whose first `await` wants descriptors for these slots and gets those: the failure that follows."""
    plan = default_plan(bench.root, ["true"])
    at = place_of(plan, OPS["await"])
    plan = replaced(plan, at, step("await", [KINDS["source"], KINDS["sourced"]], slots=slots))
    plan = inserted(plan, at + 1, *(step("makeDirectory", [], ["/x"], [slot]) for slot in slots))
    init = Init(bench.init, encode(*plan))
    try:
        while (record := init.receive())[0] != KINDS["source"]:
            assert record[0] != KINDS["failure"], record
        socket.send_fds(init.socket, [struct.pack("<IIiI", KINDS[answer], 0, 0, 0)], fds)
        return at, init.failure()
    finally:
        init.close()


@test
def an_answer_fills_the_slots_of_its_step(bench):
    file, directory = memfd(b"x"), os.open(bench.root, os.O_PATH | os.O_DIRECTORY)
    # In their order: the first one can hold a directory, the second cannot.
    at, failure = answered(bench, [20, 21], [directory, file])
    assert failure[1:3] == (at + 2, errno.ENOTDIR), failure
    at, failure = answered(bench, [20, 21], [file, directory])
    assert failure[1:3] == (at + 1, errno.ENOTDIR), failure
    assert os.path.isdir(f"{bench.root}/x")
    for slots, fds in (([20], []), ([20], [file, file]), ([], [file]), ([20, 21], [file])):
        at, failure = answered(bench, slots, fds)
        assert failure[1:3] == (at, errno.EBADMSG), failure
    at, failure = answered(bench, [20], [directory], answer="hooked")
    assert failure[1:3] == (at, errno.EPROTO), failure
    os.close(file)
    os.close(directory)

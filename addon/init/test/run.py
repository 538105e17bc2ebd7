#!/usr/bin/env python3
"""Proves the init program alone, without a runtime: run.py PATH_TO_INIT [ROUNDS of mutations [NAME]]. Needs root."""
import ctypes
import errno
import importlib
import os
import pathlib
import random
import shutil
import stat
import statistics
import struct
import sys
import tempfile
import threading
import time
import traceback

from container import Dead, Init, digest_of
from harness import TESTS, Bench, broken, fails, output_of, start, test
from plan import FIRST, KINDS, OPS, PROC, ROOT, encode, step
from plans import CAPS, MASKED, NEW, default_plan, inserted, make_root, place_of, replaced

LOOK = """echo pid=$$ name=$(cat /proc/sys/kernel/hostname) domain=$(cat /proc/sys/kernel/domainname)
echo cwd=$(pwd) home=$HOME a=$A umask=$(umask)
(ls /proc/1/fd > /dev/shm/fds); while read fd; do echo fd=$fd; done < /dev/shm/fds
cat /proc/self/status | while read k v; do case $k in Cap*|NoNewPrivs:|Groups:|Uid:|Gid:) echo $k $v;; esac; done
cat /proc/self/mountinfo > /dev/null && while read a b c d e f g; do echo mnt=$e,$f; done < /proc/self/mountinfo
(: > /new) 2>/dev/null && echo root=writable || echo root=readonly
(: > /proc/sys/kernel/hostname) 2>/dev/null && echo sys=writable || echo sys=readonly
ls /sys/firmware | while read x; do echo leak=$x; done; cat /proc/keys
stat -c '%n %a %t:%T %u' /dev/null /dev/zero /dev/full /dev/random /dev/urandom /dev/tty
cat /proc/net/dev | while read k v; do case $k in lo:) echo lo=there;; esac; done
echo flags=$(cat /sys/class/net/lo/flags) end"""


@test
def a_default_container_runs(bench):
    text = output_of(bench, default_plan(bench.root, ["sh", "-c", LOOK]))
    assert isinstance(text, str), text
    mask = f"{CAPS:016x}"
    zero = "0" * 16
    for part in ("pid=1 name=inside domain=domain", "cwd=/work/dir home=/root a=b umask=0022", f"CapEff: {mask}",
                 f"CapPrm: {mask}", f"CapBnd: {mask}", f"CapInh: {zero}", f"CapAmb: {zero}", "NoNewPrivs: 1",
                 "root=readonly", "sys=readonly", "/dev/null 666 1:3 0", "/dev/tty 666 5:0 0", "mnt=/proc/sys,ro",
                 "mnt=/sys/firmware,ro", "mnt=/proc/keys", "lo=there", "flags=0x9", "Groups:\n"):
        assert part in text, f"{part!r} is not in\n{text}"
    assert "leak=" not in text, text
    fds = sorted(line for line in text.splitlines() if line.startswith("fd="))
    assert fds == ["fd=0", "fd=1", "fd=2"], fds


@test
def the_masks_share_one_filesystem(bench):
    text = output_of(bench, default_plan(bench.root, ["cat", "/proc/self/mountinfo"]))
    lines = [line.split() for line in text.splitlines()]
    devices = {line[2] for line in lines if line[4] in MASKED and " tmpfs " in " ".join(line) and line[3] == "/"}
    assert len(devices) == 1, lines
    assert all("/old" not in line[4] for line in lines) and len({line[4] for line in lines}) == len(lines), lines


@test
def a_user_keeps_only_what_the_plan_gives(bench):
    plan = default_plan(bench.root, ["sh", "-c", LOOK], uid=1000, groups=(5, 6))
    plan = replaced(plan, place_of(plan, OPS["capabilities"]), step("capabilities", [CAPS, CAPS, CAPS, CAPS]))
    text = output_of(bench, plan)
    for part in ("Uid: 1000 1000 1000 1000", "Groups: 5 6", f"CapAmb: {CAPS:016x}", "home=/home/user"):
        assert part in text, f"{part!r} is not in\n{text}"


@test
def home_is_root_where_nobody_knows_the_user(bench):
    text = output_of(bench, default_plan(bench.root, ["sh", "-c", "echo home=$HOME"], uid=4242))
    assert text == "home=/\n", text


@test
def home_is_found_in_a_last_line_without_newline(bench):
    with open(f"{bench.root}/etc/passwd", "a") as file:
        file.write("last:x:77:77::/home/last:/bin/sh")
    text = output_of(bench, default_plan(bench.root, ["sh", "-c", "echo home=$HOME"], uid=77))
    assert text == "home=/home/last\n", text


@test
def a_passwd_that_is_no_file_is_not_opened(bench):
    passwd = f"{bench.root}/etc/passwd"
    os.unlink(passwd)
    os.mkfifo(passwd)
    # Whoever opens it for writing waits for a reader, and then knows of one.
    writer = threading.Thread(target=lambda: os.close(os.open(passwd, os.O_WRONLY)), daemon=True)
    writer.start()
    time.sleep(0.1)
    assert output_of(bench, default_plan(bench.root, ["sh", "-c", "echo $HOME"])) == "/\n"
    assert writer.is_alive()
    os.close(os.open(passwd, os.O_RDONLY | os.O_NONBLOCK))
    writer.join()


@test
def a_passwd_without_end_is_not_read_to_it(bench):
    with open(f"{bench.root}/etc/passwd", "w") as file:
        file.truncate(1 << 40)
    assert output_of(bench, default_plan(bench.root, ["sh", "-c", "echo $HOME"])) == "/\n"


@test
def directories_are_0755_whatever_the_umask(bench):
    plan = default_plan(bench.root, ["stat", "-c", "%n %a", "/work/dir", "/dev/null"])
    text = output_of(bench, plan, umask=0o077)
    assert text == "/work/dir 755\n/dev/null 666\n", text


@test
def a_dangling_link_is_followed_inside_the_root(bench):
    os.symlink("/made/here", f"{bench.root}/dangling")
    plan = default_plan(bench.root, ["stat", "-c", "%n %F", "/made/here/below"], cwd="/dangling/below")
    assert output_of(bench, plan) == "/made/here/below directory\n"


@test
def a_link_out_of_the_root_stays_inside(bench):
    outside = bench.root + "-outside"
    os.mkdir(outside)
    os.symlink(outside, f"{bench.root}/out")
    os.symlink("../../../../../../..", f"{bench.root}/up")
    plan = default_plan(bench.root, ["true"], cwd="/out/x")
    output_of(bench, plan)
    assert os.listdir(outside) == [], "made outside the root"
    text = output_of(bench, default_plan(bench.root, ["sh", "-c", "pwd -P"], cwd="/up/up/bin"))
    assert text == "/bin\n", text


@test
def the_digest_is_that_of_the_plan(bench):
    data = encode([], [step("execute", [1, 0], ["true"])])
    for length in (0, 1, 7, 8, 31, 55, 56, 63, 64, 1000):
        data = encode([], [step("findProgram", [], ["x" * length, ""])])
        init = Init(bench.init, data, digest=True)
        record = init.receive()
        assert record[0] == KINDS["digest"] and record[3] == digest_of(data), length
        init.failure()
        init.close()


@test
def the_times_of_all_steps_come_before_the_last_word(bench):
    stage1, stage2 = default_plan(bench.root, ["true"])
    # More than fit into one record.
    stage2 = [step("umask", [0]) for _ in range(1500)] + stage2
    init = Init(bench.init, encode(stage1, stage2), times=True)
    before, times = time.time_ns(), []
    while (record := init.receive())[0] != KINDS["ready"]:
        assert record[0] != KINDS["failure"], record
        if record[0] == KINDS["times"]:
            assert record[1] == len(times), "the number of the first"
            times += struct.unpack(f"<{len(record[3]) // 8}Q", record[3])
        elif record[0] == KINDS["hooks"]:
            init.answer("hooked")
    steps = [*stage1, *stage2]
    told = next(at for at, one in enumerate(steps) if one[0] == OPS["await"] and one[2][0] == KINDS["ready"])
    assert len(times) == told + 1, (len(times), told)
    assert times == sorted(times) and before - 10**9 < times[0] and times[-1] <= time.time_ns()
    init.close()


@test
def no_times_come_unasked(bench):
    init = Init(bench.init, encode(*default_plan(bench.root, ["true"])))
    kinds = []
    while (record := init.receive()) is not None:
        kinds.append(record[0])
        if record[0] in (KINDS["hooks"], KINDS["ready"]):
            init.answer("hooked" if record[0] == KINDS["hooks"] else "saved")
    assert KINDS["times"] not in kinds and KINDS["ready"] in kinds, kinds
    init.close()


@test
def it_tells_which_step_it_is_at(bench):
    plan = default_plan(bench.root, ["true"])
    steps = [*plan[0], *plan[1]]
    init = Init(bench.init, encode(*plan))
    pid = 0
    while (record := init.receive())[0] != KINDS["hooks"]:
        if record[0] == KINDS["pid"]:
            pid = record[1]
    words = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    step_of = steps[int(words[3])]
    assert len(words) == 5 and len(words[3]) == 10 and step_of[0] == OPS["await"], words
    assert step_of[2][0] == KINDS["hooks"], step_of
    init.close()


def mount(*strs, nums=(0, 0, 0, 0, 0, 0)):
    return step("mount", nums, strs, [ROOT])


broken("clone", step("clone", [NEW | 0x100000000000]), errno.EINVAL)
broken("openRoot", step("openRoot", [], ["/nonexistent/root"], [ROOT]), errno.ENOENT, "/nonexistent/root")
broken("mount", mount("/x", "nosuchfs", "x"), errno.ENODEV, "nosuchfs")
broken("mount", mount("/x", "tmpfs", "x", "nosuchoption=1"), errno.EINVAL, "Unknown parameter 'nosuchoption'")
broken("mount", mount("/x", "tmpfs", "x", "size=oranges"), errno.EINVAL, "size")
broken("mount", mount("/bin/busybox", "tmpfs", "x"), errno.ENOTDIR, "/bin/busybox")
broken("mount", mount("/link-to-dev", "proc", "x", nums=(0, 0, 1, 0, 0, 0)), errno.ELOOP, "/link-to-dev")
broken("device", step("device", [stat.S_IFCHR | 0o666, 1, 3, 0, 0], ["/etc/passwd"], [ROOT]), errno.EEXIST, "/etc/passwd")
broken("device", step("device", [stat.S_IFCHR | 0o666, 1, 3, 0, 0], ["/link-to-file"], [ROOT]), errno.EEXIST, "/link-to-file")
broken("symlink", step("symlink", [], ["x", "/bin/busybox/x"], [ROOT]), errno.ENOTDIR, "/bin/busybox/x")
broken("makeDirectory", step("makeDirectory", [], ["/bin/busybox/x"], [ROOT]), errno.ENOTDIR, "/bin/busybox/x")
broken("hostname", step("hostname", [], ["h" * 65]), errno.EINVAL, "hhh")
broken("pivot", step("pivot", slots=[9]), errno.EBADF)
broken("changeDirectory", step("changeDirectory", [1], ["/no/such"], [ROOT]), errno.ENOENT, "/no/such")
broken("changeDirectory", step("changeDirectory", [1], ["/bin/busybox"], [ROOT]), errno.ENOTDIR, "/bin/busybox")
broken("findProgram", step("findProgram", [], ["nothing", "/bin"]), errno.ENOENT, "nothing")
broken("findProgram", step("findProgram", [], ["plain", "/bin"]), errno.EACCES, "plain")
broken("findProgram", step("findProgram", [], ["/bin/none", "/bin"]), errno.ENOENT, "/bin/none")
broken("findProgram", step("findProgram", [], ["/bin/plain", ""]), errno.EACCES, "/bin/plain")
broken("capabilities", step("capabilities", [CAPS, 0, 0, 0]), errno.EPERM)
broken("capabilities", step("capabilities", [CAPS, CAPS, 0, CAPS]), errno.EPERM)


@test
def a_file_that_is_no_program_fails_at_execute(bench):
    with open(f"{bench.root}/bin/garbage", "w") as file:
        file.write("\x7fELF")
    os.chmod(f"{bench.root}/bin/garbage", 0o755)
    plan = default_plan(bench.root, ["/bin/garbage"])
    fails(bench, plan, place_of(plan, OPS["execute"]), errno.ENOEXEC, "/bin/garbage")


@test
def a_false_null_device_masks_nothing(bench):
    plan = default_plan(bench.root, ["true"])
    at = place_of(plan, OPS["device"])
    plan = replaced(plan, at, step("device", [stat.S_IFCHR | 0o666, 1, 5, 0, 0], ["/dev/null"], [ROOT]))
    fails(bench, plan, place_of(plan, OPS["mask"], MASKED.index("/proc/keys")), errno.ENODEV, "/dev/null")
    assert output_of(bench, plan)[3].endswith(b"\0number 1 5"), "what it is in place of 1 3"


@test
def start_opens_the_fifo(bench):
    path, _, init = start(bench, ["true"])
    with open(path, "rb") as file:
        assert file.read() == b"0"
    assert all(status == 0 for status in init.reap().values())
    init.close()


@test
def a_failure_after_start_goes_behind_the_0(bench):
    with open(f"{bench.root}/bin/garbage", "w") as file:
        file.write("\x7fELF")
    os.chmod(f"{bench.root}/bin/garbage", 0o755)
    path, plan, init = start(bench, ["/bin/garbage"])
    with open(path, "rb") as file:
        data = file.read()
    init.close()
    assert data[:1] == b"0" and len(data) > 17, data
    kind, index, error, length = struct.unpack("<IIiI", data[1:17])
    assert (kind, index, error) == (KINDS["failure"], place_of(plan, OPS["execute"]), errno.ENOEXEC), data
    assert data[17:].split(b"\0")[0] == b"/bin/garbage" and length == len(data) - 17, data


def survives_a_start_that_dies(bench, namespaces):
    """A reader that is there for the open only. Init may have written to it in time: then it has started."""
    for _ in range(5):
        path, _, init = start(bench, ["true"], namespaces)
        try:
            for _ in range(5):
                os.close(os.open(path, os.O_RDONLY | os.O_NONBLOCK))
                time.sleep(0.002)
            end = os.waitid(os.P_PIDFD, init.pidfd, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            assert not end or (end.si_code, end.si_status) == (os.CLD_EXITED, 0), f"init has ended: {end}"
        finally:
            init.close()
            os.unlink(path)


@test
def a_start_that_dies_early_leaves_the_container(bench):
    survives_a_start_that_dies(bench, NEW)


@test
def and_also_without_a_pid_namespace(bench):
    survives_a_start_that_dies(bench, NEW & ~0x20000000)


@test
def init_ends_with_the_runtime(bench):
    """The place of the runtime is taken by a child that dies without a word at `hooks`; its init must follow."""
    reader, writer = os.pipe()
    middle = os.fork()
    if middle == 0:
        os.close(reader)
        init = Init(bench.init, encode(*default_plan(bench.root, ["sleep", "100"])))
        record = init.receive()
        while record and record[0] != KINDS["hooks"]:
            record = init.receive()
        os.set_inheritable(writer, False)
        os._exit(0)
    os.waitpid(middle, 0)
    os.close(writer)
    began = time.monotonic()
    with os.fdopen(reader) as file:
        file.read()
    assert time.monotonic() - began < 0.5


@test
def only_namespaces_can_be_cloned(bench):
    """CLONE_VM or CLONE_SETTLS would have two processes on one stack, or one without its thread pointer."""
    for flag in (0x100, 0x80000, 0x8000):
        plan = default_plan(bench.root, ["true"])
        index = place_of(plan, OPS["clone"])
        fails(bench, replaced(plan, index, step("clone", [NEW | flag])), index, errno.EINVAL)


@test
def a_plan_that_can_shrink_is_refused(bench):
    """Read through a mapping, a file that is cut off later is a SIGBUS."""
    fd = os.memfd_create("plan")
    data = encode(*default_plan(bench.root, ["true"]))
    os.write(fd, data)
    init = Init(bench.init, os.dup(fd))
    try:
        while record := init.receive():
            if record[0] == KINDS["hooks"]:
                os.ftruncate(fd, 0)
                init.answer("hooked")
                break
            if record[0] == KINDS["failure"]:
                break
        init.failure()
        statuses = init.reap()
        assert all(status >= 0 for status in statuses.values()), statuses
    finally:
        os.close(fd)
        init.close()


@test
def a_plan_that_is_no_plan_blames_no_step(bench):
    init = Init(bench.init, b"x" * 64)
    failure = init.failure()
    init.close()
    assert failure[1] == 0xFFFFFFFF, f"step {failure[1]} is blamed"


@test
def a_root_can_be_moved_without_pivot(bench):
    plan = default_plan(bench.root, ["sh", "-c", "cat /proc/self/mountinfo; pwd"])
    plan = replaced(plan, place_of(plan, OPS["pivot"]), step("moveRoot", slots=[ROOT, PROC], strs=[bench.root]))
    text = output_of(bench, plan)
    assert isinstance(text, str), text
    places = [line.split()[4] for line in text.splitlines()[:-1]]
    assert text.endswith("\n/work/dir\n") and "/proc" in places, text
    assert not any(place.startswith(bench.root) for place in places), text


@test
def hostile_bytes_are_refused(bench):
    good = encode([], [step("hostname", [], ["x"])])
    nul = encode([], [step("findProgram", [], [b"a\0b", "x"])])
    hostile = [b"", good[:10], good[:24], good[:-8], good + bytes(8), b"x" + good[1:], nul,
               encode([], [step("hostname")]), encode([], [step("await", [1])]),
               encode([], [(99, (), (), ())]), encode([], [(0, (), (), ())]),
               encode([], [step("pivot", slots=[1024])]), encode([], [step("execute", [2, 0], ["x"])]),
               good[:24] + struct.pack("<I", 0xFFFFFFF8) + good[28:],
               good[:24] + struct.pack("<I", 0) + good[28:], good[:36] + struct.pack("<I", 0xFFFFFFFF) + good[40:]]
    for number, data in enumerate(hostile):
        init = Init(bench.init, data)
        failure = init.failure()
        assert failure and failure[2] == errno.EBADMSG, f"case {number}: {failure}"
        assert list(init.reap().values()) == [1], f"case {number}"
        init.close()


def mutate(data, random_source):
    """Some bytes of the plan changed, cut out or doubled."""
    result = bytearray(data)
    for _ in range(random_source.choice((1, 1, 1, 2, 4, 16))):
        at = random_source.randrange(len(result))
        kind = random_source.randrange(6)
        if kind == 0:
            result[at] = random_source.randrange(256)
        elif kind == 1:
            result[at] ^= 1 << random_source.randrange(8)
        elif kind == 2:
            word = at & ~3
            result[word : word + 4] = struct.pack("<I", random_source.choice((0, 1, 8, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF)))
        elif kind == 3:
            del result[at : at + random_source.choice((1, 4, 8))]
            result += bytes(random_source.choice((0, 8)))
        elif kind == 4:
            result[at:at] = result[at : at + 8]
        else:
            result[16:20] = struct.pack("<I", len(result))
        if not result:
            result = bytearray(8)
    return bytes(result)


def every_op(root):
    """A plan that root of a user namespace can execute to its end, with (nearly) every step in it."""
    left_out = {OPS["device"], OPS["mask"], OPS["await"]}
    stage1, stage2 = default_plan(root, ["true"], cwd="/work")
    without_gid = [(*s[:3], tuple(text for text in s[3] if text != "gid=5")) for s in stage2]
    plan = stage1, [s for s in without_gid if s[0] not in left_out]
    program = ["/bin/true", "before", "behind", "true", "A=b"]
    plan = inserted(plan, place_of(plan, OPS["clone"]), step("oomScoreAdj", [], ["900"]),
                    step("timeOffsets", [], ["monotonic 1 2", "boottime 3 4"]), step("dumpable", [0]),
                    step("join", [NET, 1], ["/the/net"], [FIRST]), step("join", [NET, 0], ["/the/net"], [FIRST]))
    plan = inserted(plan, place_of(plan, OPS["pivot"]), step("runProgram", [1, 5000], program))
    plan = inserted(plan, place_of(plan, OPS["noNewPrivileges"]), step("sysctl", [], ["net/ipv4/ip_forward", "1"], [PROC]),
                    step("scheduler", [0, 0, 1, 0, 0, 0, 0]), step("ioPriority", [2 << 13 | 7]), step("personality", [8]),
                    step("memoryPolicy", [2, 1, 0]))
    return inserted(plan, place_of(plan, OPS["closeDescriptors"]), step("runProgram", [1, 5000], program))


NET = 0x40000000


def fuzz(init_path, root, rounds, seed):
    """Run as a user without privileges, or as root of a user namespace: whatever a mutant does, it can do nothing."""
    random_source = random.Random(seed)
    data = encode(*every_op(root))
    net = os.open("/proc/self/ns/net", os.O_RDONLY)
    reached = {first_failure(init_path, data, net)}
    for number in range(rounds):
        mutant = mutate(data, random_source)
        init = Init(init_path, mutant, slots={FIRST: net})
        failure = init.failure()
        if failure:
            reached.add(failure[1])
        init.close()
        # SIGKILL is `close`, after the end of the socket.
        bad = {pid: status for pid, status in init.statuses.items() if status < 0 and status != -9}
        if bad:
            with open(f"{root}/../crash-{number}", "wb") as file:
                file.write(mutant)
            print(f"crash at mutation {number} of seed {seed}: {bad}", flush=True)
            return 1
    print(f"# {rounds} mutations, failures at {len(reached)} different steps", flush=True)
    return 0


def first_failure(init_path, data, net):
    """Where the plan fails as it is, printed; None where it does not."""
    init = Init(init_path, data, slots={FIRST: net})
    failure = init.failure()
    init.close()
    print(f"# without a mutation: {failure}", flush=True)
    return failure and failure[1]


def new_user_namespace():
    """Become root of new namespaces, which own everything that a mutant may touch."""
    uid, gid = os.getuid(), os.getgid()
    libc = ctypes.CDLL(None, use_errno=True)
    pr_set_dumpable, new_user = 4, 0x10000000
    # A process that has changed its user does not own its /proc/self (proc(5)).
    libc.prctl(pr_set_dumpable, 1, 0, 0, 0)
    if libc.unshare(new_user | (NEW & ~0x20000000)) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    for name, text in (("setgroups", "deny"), ("uid_map", f"0 {uid} 1"), ("gid_map", f"0 {gid} 1")):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)


def fuzz_as_nobody(bench, prepare):
    home = os.path.dirname(bench.root)
    program = f"{home}/init-program"
    shutil.copy(bench.init, program)
    os.chmod(program, 0o755)
    os.chmod(home, 0o777)
    for path, _, _ in os.walk(bench.root):
        os.chown(path, 65534, 65534)
    child = os.fork()
    if child == 0:
        status = 2
        try:
            os.setgroups([])
            os.setresgid(65534, 65534, 65534)
            os.setresuid(65534, 65534, 65534)
            prepare()
            status = fuzz(program, bench.root, bench.rounds, 1)
        except BaseException as error:  # the child must not go on as the parent
            print(f"# {error!r}", flush=True)
        os._exit(status)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status == 0, f"exit status {status}"


@test
def mutants_do_not_crash_the_reader(bench):
    fuzz_as_nobody(bench, lambda: None)


@test
def mutants_do_not_crash_the_steps(bench):
    fuzz_as_nobody(bench, new_user_namespace)


@test
def times(bench):
    """No assertion: the phases of 40 default containers, in microseconds."""
    totals = {"digest to pid": [], "pid to hooks": [], "hooks to ready": [], "ready to execve": []}
    for _ in range(40):
        init = Init(bench.init, encode(*default_plan(bench.root, ["true"])), digest=True)
        init.failure()
        at = {kind: when for kind, when in init.records}
        end = time.monotonic() - init.began
        marks = [at[KINDS["digest"]], at[KINDS["pid"]], at[KINDS["hooks"]], at[KINDS["ready"]], end]
        for name, before, after in zip(totals, marks, marks[1:]):
            totals[name].append((after - before) * 1e6)
        init.close()
    print("# " + ", ".join(f"{name} {statistics.median(values):.0f}" for name, values in totals.items()), "µs (medians)")


def mounted_below(path):
    with open("/proc/self/mountinfo") as file:
        return [line.split()[4] for line in file if line.split()[4].startswith(path)]


def run_one(function, init, rounds):
    home = tempfile.mkdtemp(prefix="ocirun-test-init-")
    os.chmod(home, 0o755)
    make_root(f"{home}/root")
    os.chmod(f"{home}/root", 0o755)
    try:
        function(Bench(init, f"{home}/root", rounds))
        assert mounted_below(home) == [], "mounts are left on the host"
        return None
    except (AssertionError, Dead, OSError) as error:
        return str(error) or traceback.format_exc()
    except Exception:
        return traceback.format_exc()
    finally:
        shutil.rmtree(home)


def main():
    if len(sys.argv) < 2:
        sys.exit(f"usage: {sys.argv[0]} PATH_TO_INIT [ROUNDS [part of a test's name]]")
    init = os.path.abspath(sys.argv[1])
    if os.geteuid() != 0:
        sys.exit("run.py needs root: it makes containers")
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 2000
    # Each subject has its file beside this one, whose tests join the list.
    for file in sorted(pathlib.Path(__file__).parent.glob("test_*.py")):
        importlib.import_module(file.stem)
    wanted = [function for function in TESTS if sys.argv[3:] == [] or sys.argv[3] in function.__name__]
    failed = 0
    print(f"1..{len(wanted)}")
    for number, function in enumerate(wanted, 1):
        error = run_one(function, init, rounds)
        failed += error is not None
        print(f"{'not ok' if error else 'ok'} {number} - {function.__name__}", flush=True)
        if error:
            print("\n".join(f"  # {line}" for line in error.splitlines()[:60]), flush=True)
    print(f"{len(wanted) - failed} passed, {failed} failed, 0 skipped")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
